import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { decodeLine, encodeLines, markLine, recordLine } from './journal-line.ts';
import { callRecord } from './testing/call-record.ts';

test('records and marks are read back as they were, in their order', () => {
  const record = callRecord({ callId: 'line\nbreak "quoted" \ud800 é 北 𝒳' });
  const mark = { kind: 'committed', id: record.id, version: 3 } as const;
  const text = encodeLines([recordLine(JSON.stringify(record)), markLine(mark)]).toString('utf8');
  const lines = text.split('\n');
  assert.deepEqual(lines.slice(0, -1).map(decodeLine), [{ kind: 'call', record }, mark]);
  assert.equal(lines.at(-1), '');
});

test('a line is the CRC-32 of its JSON, a space and the JSON, however it is put together', () => {
  const json = '{"caller":"Zoë 北"}';
  const whole = `{"kind":"call","record":${json}}`;
  const line = recordLine(json);
  const bytes = encodeLines([line]);
  assert.equal(bytes.toString('utf8'), `${crc32(whole).toString(16).padStart(8, '0')} ${whole}\n`);
  assert.equal(bytes.length, line.bytes);
});

test('a line that was torn or changed is none', () => {
  const text = encodeLines([markLine({ kind: 'alerted', id: 'a' })])
    .toString('utf8')
    .trimEnd();
  assert.deepEqual(decodeLine(text), { kind: 'alerted', id: 'a' });
  for (let at = 0; at < text.length; at++) {
    assert.equal(decodeLine(text.slice(0, at)), undefined, `cut at ${at}`);
    assert.equal(decodeLine(`${text.slice(0, at)}\u0001${text.slice(at + 1)}`), undefined, `changed at ${at}`);
  }
});
