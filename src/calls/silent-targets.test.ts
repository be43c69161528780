import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import type { SipTarget } from '../transport/sip-flow.ts';
import { createSilentTargets } from './silent-targets.ts';

const [first, second, third] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
  (address): SipTarget => ({ protocol: 'udp', address, port: 5060 }),
) as [SipTarget, SipTarget, SipTarget];

test('who was silent comes last until it answers, or for five minutes', () => {
  const clock = createManualClock();
  const silent = createSilentTargets(clock);
  const all = [first, second, third];
  assert.deepEqual(silent.order(all), all);
  silent.unanswered(first);
  assert.deepEqual(silent.order(all), [second, third, first]);
  assert.deepEqual(silent.order([{ ...first, protocol: 'tcp' }, second]), [{ ...first, protocol: 'tcp' }, second]);
  silent.unanswered(second);
  silent.unanswered(third);
  assert.deepEqual(silent.order(all), all, 'where all are silent their order stays');
  silent.answered(second);
  assert.deepEqual(silent.order(all), [second, first, third]);
  clock.advance(300_000);
  assert.deepEqual(silent.order(all), all);
});
