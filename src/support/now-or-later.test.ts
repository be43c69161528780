import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goOnWith, type NowOrLater } from './now-or-later.ts';

function record(find: () => NowOrLater<string>, next?: () => void): string[] {
  const seen: string[] = [];
  goOnWith(
    find,
    (value) => {
      seen.push(value);
      next?.();
    },
    (error) => seen.push(String(error)),
  );
  return seen;
}

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const fail = (): never => {
  throw new Error('no');
};

test('what is there is gone on with at once, what comes later then', async () => {
  assert.deepEqual(
    record(() => 'now'),
    ['now'],
  );
  const later = record(() => Promise.resolve('later'));
  assert.deepEqual(later, []);
  await settled();
  assert.deepEqual(later, ['later']);
});

test('whatever fails is told once: the search, now and later, and what comes after it', async () => {
  assert.deepEqual(record(fail), ['Error: no']);
  assert.deepEqual(
    record(() => 'now', fail),
    ['now', 'Error: no'],
  );
  const rejected = record(() => Promise.reject(new Error('no')));
  const failedAfter = record(() => Promise.resolve('later'), fail);
  await settled();
  assert.deepEqual([rejected, failedAfter], [['Error: no'], ['later', 'Error: no']]);
});
