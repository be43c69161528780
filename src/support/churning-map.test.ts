import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChurningMap } from './churning-map.ts';

test('does what a Map does, in the same order', () => {
  const map = new ChurningMap<string, number>();
  const model = new Map<string, number>();
  let seed = 911;
  for (let step = 0; step < 20_000; step++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const key = `k${seed % 40}`;
    if (seed % 7 < 3) assert.equal(map.delete(key), model.delete(key));
    else {
      map.set(key, step);
      model.set(key, step);
    }
    assert.equal(map.get(key), model.get(key));
    assert.equal(map.has(key), model.has(key));
    assert.equal(map.size, model.size);
    if (step % 500 === 0) assert.deepEqual([...map], [...model]);
  }
  assert.deepEqual([...map], [...model]);
  assert.deepEqual([...map.keys()], [...model.keys()]);
  assert.deepEqual([...map.values()], [...model.values()]);
});

test('may be changed while it is gone through', () => {
  const map = new ChurningMap<string, number>();
  for (let index = 0; index < 10; index++) map.set(`k${index}`, index);
  const seen: number[] = [];
  for (const [key, value] of map) {
    seen.push(value);
    map.delete(key);
    if (value === 3) map.set('late', 10);
  }
  assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(map.size, 0);
});

test('is empty when it was cleared, and takes entries again', () => {
  const map = new ChurningMap<number, object | null>();
  const one = {};
  map.set(1, one);
  map.set(2, null);
  assert.equal(map.get(2), null);
  assert.ok(map.has(2));
  map.clear();
  assert.equal(map.size, 0);
  assert.equal(map.get(1), undefined);
  map.set(3, one);
  assert.deepEqual([...map], [[3, one]]);
});
