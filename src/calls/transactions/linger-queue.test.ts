import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../../support/manual-clock.ts';
import { createLingerQueue } from './linger-queue.ts';

test('every key expires its own time after it was added, with one timer for all', () => {
  const clock = createManualClock();
  const expired: string[] = [];
  const queue = createLingerQueue<string>(clock, 1_000, (key) => expired.push(key));
  for (let index = 0; index < 5_000; index++) {
    queue.add(`k${index}`);
    clock.advance(2);
    assert.equal(clock.pending(), 1);
  }
  assert.ok(expired.length >= 4_499 && expired.length <= 4_501);
  assert.equal(expired[0], 'k0');
  clock.advance(998);
  assert.equal(expired.length, 5_000);
  assert.equal(expired.at(-1), 'k4999');
  assert.equal(clock.pending(), 0);
  queue.add('again');
  clock.advance(1_000);
  assert.equal(expired.at(-1), 'again');
});

test('close forgets the keys and the timer', () => {
  const clock = createManualClock();
  const queue = createLingerQueue(clock, 1_000, () => assert.fail('closed'));
  queue.add('a');
  queue.close();
  assert.equal(clock.pending(), 0);
  clock.advance(5_000);
});

test('what expires may add others, and close the queue: one timer stays, or none', () => {
  const clock = createManualClock();
  const expired: string[] = [];
  const queue = createLingerQueue<string>(clock, 1_000, (key) => {
    expired.push(key);
    if (key.startsWith('again')) queue.add(`${key}+`);
    if (key === 'close') queue.close();
  });
  queue.add('again');
  clock.advance(400);
  queue.add('b');
  clock.advance(600);
  assert.equal(clock.pending(), 1);
  clock.advance(400);
  assert.deepEqual(expired, ['again', 'b'], 'those that wait are not late');
  clock.advance(600);
  assert.equal(clock.pending(), 1);
  queue.add('close');
  queue.add('never');
  clock.advance(1_000);
  assert.deepEqual(expired, ['again', 'b', 'again+', 'again++', 'close']);
  assert.equal(clock.pending(), 0);
  clock.advance(5_000);
  assert.equal(expired.length, 5);
});
