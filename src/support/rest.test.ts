import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRest } from './rest.ts';

test('work rests once for every millisecond of it, and what it rested is no work', () => {
  let now = 100;
  const rested: number[] = [];
  const rest = createRest({
    nowMs: () => now,
    sleep: (ms) => {
      rested.push(now);
      now += ms;
    },
  });
  for (let step = 0; step < 40; step++) {
    now += 0.25;
    rest();
  }
  assert.equal(rested.length, 10);
  assert.equal(rested[0], 101);

  rest();
  assert.equal(rested.length, 10, 'nothing was done since');
});

test('the sleep ends by itself', () => {
  let now = 0;
  const rest = createRest({ nowMs: () => (now += 2) });
  for (let step = 0; step < 5; step++) rest();
  assert.equal(now, 2 + 5 * 4, 'each of them rested');
});
