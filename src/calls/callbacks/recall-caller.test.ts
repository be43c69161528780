import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '../../domain/call-record.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { callRecord } from '../testing/call-record.ts';
import { createRecallCaller } from './recall-caller.ts';
import { createRecentCallers, recentCallerOf } from './recent-callers.ts';

const NUMBER = '+12145550100';
const WINDOW_MS = 3_600_000;

function scene(selectRecentCall: () => Promise<CallRecord | undefined>) {
  const clock = createManualClock();
  const recentCallers = createRecentCallers(WINDOW_MS);
  let asked = 0;
  const recall = createRecallCaller({
    selectRecentCall: () => {
      asked++;
      return selectRecentCall();
    },
    recentCallers,
    windowMs: WINDOW_MS,
    clock,
    logger: createLogger('silent'),
  });
  return {
    clock,
    recall,
    recentCallers,
    find: () => recentCallers.find(NUMBER, clock.monotonicMs()),
    asked: () => asked,
  };
}

test('a database that fails or hangs ends the wait, and not everybody may make it search', async () => {
  const failing = scene(() => Promise.reject(new Error('away')));
  await failing.recall(NUMBER);
  assert.equal(failing.find(), undefined);

  const hanging = scene(() => new Promise(() => undefined));
  const waiting = Array.from({ length: 8 }, (_, index) => hanging.recall(`+1214555010${index}`));
  assert.equal(hanging.recall('+12145550100'), waiting[0], 'asked for once');
  await hanging.recall('+12145550199');
  assert.equal(hanging.asked(), 8, 'no more at once');
  hanging.clock.advance(1_500);
  await Promise.all(waiting);
});

test('a stored call is as old as it is, and no newer call gives way to it', async () => {
  const minutesAgo = (minutes: number) => scene(() => Promise.resolve(stored(minutes)));
  const stored = (minutes: number): CallRecord => {
    const record = callRecord({ startedAt: new Date(createManualClock().nowMs() - minutes * 60_000).toISOString() });
    return { ...record, callback: { ...record.callback, number: NUMBER } };
  };
  const recent = minutesAgo(30);
  await recent.recall(NUMBER);
  assert.ok(recent.find());
  const newer = recentCallerOf({ ...stored(1), incidentId: 'newer' }, recent.clock);
  assert.ok(newer);
  recent.recentCallers.remember(NUMBER, newer);
  await recent.recall(NUMBER);
  assert.equal(recent.find()?.incidentId, 'newer');

  const old = minutesAgo(30);
  await old.recall(NUMBER);
  old.clock.advance(31 * 60_000);
  assert.equal(old.find(), undefined, 'over an hour after the call');
});
