import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createManualClock } from './manual-clock.ts';

test('who fails three times in a row is left alone, then tried by one, and trusted again after a success', () => {
  const clock = createManualClock();
  const breaker = createCircuitBreaker(clock, { failures: 3, openMs: 10_000 });
  const tries = (): boolean => breaker.mayTry('a');
  for (let failure = 1; failure <= 3; failure++) {
    assert.ok(tries(), `before failure ${failure}`);
    breaker.failed('a');
  }
  assert.equal(tries(), false);
  assert.ok(breaker.mayTry('b'), 'others are others');
  clock.advance(9_999);
  assert.equal(tries(), false);
  clock.advance(1);
  assert.ok(tries(), 'one may see whether it is over');
  assert.equal(tries(), false, 'and only one');
  breaker.failed('a');
  clock.advance(9_999);
  assert.equal(tries(), false);
  clock.advance(1);
  assert.ok(tries());
  breaker.succeeded('a');
  breaker.failed('a');
  breaker.failed('a');
  assert.ok(tries(), 'failures before a success do not count');
});
