import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createWriteBehind } from './write-behind.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openScene(fails: () => boolean) {
  const clock = createManualClock();
  const waiting: number[] = [];
  const written: number[][] = [];
  let givenUp = 0;
  const behind = createWriteBehind<number>({
    clock,
    logger: createLogger('silent'),
    what: 'numbers',
    isWaiting: () => waiting.length > 0,
    take: () => waiting.splice(0, 2),
    async write(rows) {
      if (fails()) throw new Error('no database');
      written.push([...rows]);
    },
    onGivenUp(rows) {
      givenUp += rows + waiting.splice(0).length;
    },
    maxRetryMs: 1_000,
    stopMs: 500,
  });
  const add = (...numbers: number[]): void => {
    waiting.push(...numbers);
    behind.work();
  };
  return { clock, behind, written, add, givenUp: () => givenUp };
}

test('what waits is written in batches, in order, and again until the database takes it', async () => {
  let isAway = true;
  const { clock, behind, written, add } = openScene(() => isAway);
  add(1, 2, 3);
  await settled();
  clock.advance(250);
  await settled();
  assert.deepEqual(written, []);
  isAway = false;
  clock.advance(500);
  await settled();
  await behind.drained();
  assert.deepEqual(written, [[1, 2], [3]]);
});

test('the end of the process waits for a last try, and tells what was given up', async () => {
  const { behind, written, add, givenUp } = openScene(() => true);
  add(1, 2, 3);
  await settled();
  await behind.stop();
  assert.deepEqual(written, []);
  assert.equal(givenUp(), 3);
});
