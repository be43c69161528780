import type { CallRecord } from '../../src/domain/call-record.ts';
import { exampleCallRecord } from './call-record-fixture.ts';

/** Values that callers, devices and other organizations choose, at their worst. */
export const HOSTILE_TEXTS: readonly string[] = [
  'x'.repeat(5_000),
  'Ann\r\nBcc: evil@example.com\r\n\r\nbody',
  '=?utf-8?B?QmNjOiBldmls?=\u0000',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '"><a href="https://evil.example">click</a>',
  '{{ links.trace }}{% for a in notes %}{{ a }}{% endfor %}',
  '*bold* _it_ ~no~ `code` [link](https://evil.example) <!channel> <@U123> @everyone',
  '\u202Egnirts desrever\u202C \u2066iso\u2069 مرحبا שלום',
  '👩‍👩‍👧‍👦🚨🇨🇦e\u0301\u0301\u0301\u0301Z̸̢̛',
  'Where: nowhere\nCallback number: +19995550100',
  '\ud800 half \udc00',
  '\u2028line\u2029paragraph\u0085next\u000bvt\u000cff\u001b[31m',
  'https://evil.example/ javascript:alert(1) tel:+19995550100',
  '${process.env} #{x} %{y} {0} {name}',
  '',
  ' ',
];

/** A call whose every text is hostile. */
export function hostileCall(changes: Partial<CallRecord> = {}): CallRecord {
  const all = HOSTILE_TEXTS.join(' ');
  const pick = (index: number): string => HOSTILE_TEXTS[index] ?? '';
  const call = exampleCallRecord({ id: '00000000-0000-4000-8000-000000000bad' });
  return {
    ...call,
    dialed: pick(1),
    caller: {
      ...call.caller,
      displayName: `${pick(1)} ${pick(3)} ${pick(5)} ${pick(6)} ${pick(8)}${pick(0)}`,
      asserted: all,
    },
    callback: { ...call.callback, rule: pick(4) },
    location: call.location && {
      ...call.location,
      civic: { ...call.location.civic, RD: pick(6), FLR: pick(3), ROOM: pick(5), NAM: pick(7), LOC: pick(9) },
      text: `${pick(6)} ${pick(9)}`,
      indoorText: pick(5),
      rule: pick(11),
      method: pick(13),
    },
    destination: { ...call.destination, name: pick(4), reason: pick(12) },
    attempts: [{ uri: 'sip:x@psap.example', name: pick(3), outcome: 'refused', status: 503, durationMs: 10 }],
    ...changes,
  };
}
