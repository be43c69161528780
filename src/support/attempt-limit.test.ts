import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttemptLimit } from './attempt-limit.ts';
import { createManualClock } from './manual-clock.ts';

test('so many attempts pass in one window, the next are told how long to wait', () => {
  const clock = createManualClock();
  const limit = createAttemptLimit(clock, { attempts: 3, windowMs: 60_000 });
  assert.deepEqual([limit.take('a'), limit.take('a'), limit.take('a')], [undefined, undefined, undefined]);
  clock.advance(10_500);
  assert.equal(limit.take('a'), 50);
  assert.equal(limit.take('b'), undefined, 'another key has a window of its own');
  clock.advance(49_499);
  assert.equal(limit.take('a'), 1);
  clock.advance(1);
  assert.equal(limit.take('a'), undefined, 'a new window');
});

test('an attempt that was given back was none', () => {
  const limit = createAttemptLimit(createManualClock(), { attempts: 1, windowMs: 1_000 });
  for (let round = 0; round < 5; round += 1) {
    assert.equal(limit.take('a'), undefined);
    limit.giveBack('a');
  }
  limit.giveBack('a');
  limit.giveBack('unknown');
  assert.equal(limit.take('a'), undefined);
  assert.equal(limit.take('a'), 1, 'giving back more than was taken earns nothing');
});

test('the memory is bounded', () => {
  const limit = createAttemptLimit(createManualClock(), { attempts: 1, windowMs: 1_000, remembered: 2 });
  for (const key of ['a', 'b', 'c']) limit.take(key);
  assert.equal(limit.take('a'), undefined, 'forgotten');
  assert.equal(limit.take('c'), 1, 'remembered');
});
