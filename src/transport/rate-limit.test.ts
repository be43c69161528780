import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createRateLimit } from './rate-limit.ts';

function waitOf(action: () => unknown): number | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ProblemError && error.kind === 'too-many-requests');
    return error.retryAfterSeconds;
  }
}

test('a minute’s requests may come at once; then one is let in as time passes, after the seconds that were told', () => {
  const clock = createManualClock();
  const limit = createRateLimit(clock, { perMinute: 30, concurrent: 0 });
  for (let count = 0; count < 30; count += 1) limit.enter('a');
  assert.equal(
    waitOf(() => limit.enter('a')),
    2,
  );
  assert.equal(
    waitOf(() => limit.enter('b')),
    undefined,
    'another token has its own',
  );
  clock.advance(1_000);
  assert.equal(
    waitOf(() => limit.enter('a')),
    1,
  );
  clock.advance(1_000);
  assert.equal(
    waitOf(() => limit.enter('a')),
    undefined,
  );
  assert.equal(
    waitOf(() => limit.enter('a')),
    2,
  );
  clock.advance(3_600_000);
  for (let count = 0; count < 30; count += 1) limit.enter('a');
  assert.equal(
    waitOf(() => limit.enter('a')),
    2,
    'an hour of silence saves up no more than a minute',
  );
});

test('requests under way are counted until they end, each once', () => {
  const limit = createRateLimit(createManualClock(), { perMinute: 0, concurrent: 2 });
  const first = limit.enter('a');
  limit.enter('a');
  assert.equal(
    waitOf(() => limit.enter('a')),
    1,
  );
  assert.equal(
    waitOf(() => limit.enter('b')),
    undefined,
  );
  first();
  first();
  limit.enter('a');
  assert.equal(
    waitOf(() => limit.enter('a')),
    1,
  );
});

test('what is refused costs nothing, 0 is no limit, and memory is bounded', () => {
  const clock = createManualClock();
  const off = createRateLimit(clock, { perMinute: 0, concurrent: 0 });
  for (let count = 0; count < 1_000; count += 1) off.enter('a');
  const few = createRateLimit(clock, { perMinute: 1, concurrent: 0 }, 2);
  few.enter('a');
  for (let count = 0; count < 5; count += 1)
    assert.equal(
      waitOf(() => few.enter('a')),
      60,
    );
  few.enter('b');
  few.enter('c');
  assert.equal(
    waitOf(() => few.enter('a')),
    undefined,
    'the oldest was forgotten',
  );
});
