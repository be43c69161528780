import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { BoundedMap } from './bounded-map.ts';

function keysOf(map: BoundedMap<number, number>, upTo: number): number[] {
  return Array.from({ length: upTo }, (_, key) => key).filter((key) => map.get(key) !== undefined);
}

suite('A map that forgets its oldest entry', () => {
  test('the newest stay, however long it goes on', () => {
    const map = new BoundedMap<number, number>(3);
    for (let key = 0; key < 1_000; key++) map.set(key, key);
    assert.deepEqual(keysOf(map, 1_000), [997, 998, 999]);
    assert.equal(map.size, 3);
  });

  test('what is set again is new; what is deleted or cleared makes room', () => {
    const map = new BoundedMap<number, number>(3);
    for (const key of [1, 2, 3, 4]) map.set(key, key);
    map.set(2, 20);
    map.set(5, 5);
    assert.deepEqual(keysOf(map, 10), [2, 4, 5]);
    map.delete(4);
    map.set(6, 6);
    assert.deepEqual(keysOf(map, 10), [2, 5, 6]);
    map.set(7, 7);
    assert.deepEqual(keysOf(map, 10), [5, 6, 7]);
    map.clear();
    for (const key of [8, 9, 1, 2]) map.set(key, key);
    assert.deepEqual(keysOf(map, 10), [1, 2, 9]);
  });
});
