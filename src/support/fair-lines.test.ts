import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFairLines, type FairLines } from './fair-lines.ts';

function takeAll<Item>(lines: FairLines<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = lines.take(); item !== undefined; item = lines.take()) taken.push(item);
  return taken;
}

test('everybody has a turn, and the parts of one have it one after the other', () => {
  const lines = createFairLines<string>();
  for (const item of ['a1', 'a2', 'a3']) lines.add('a', item, 'x');
  lines.add('a', 'a4', 'y');
  for (const item of ['b1', 'b2']) lines.add('b', item);
  assert.equal(lines.waiting, 6);
  assert.deepEqual([lines.take(), lines.take(), lines.take()], ['a1', 'b1', 'a4']);
  lines.add('c', 'c1');
  assert.deepEqual(takeAll(lines), ['b2', 'a2', 'c1', 'a3']);
  assert.equal(lines.waiting, 0);
  assert.equal(lines.take(), undefined);
  lines.add('a', 'a5');
  assert.deepEqual(takeAll(lines), ['a5'], 'and it begins anew');
});

test('nobody takes the room of others: not a part that of its owner, not one that of all', () => {
  const lines = createFairLines<number>({ ofPart: 3, ofOne: 4, ofAll: 6 });
  const add = (who: string, part: string, count: number, weight = 1): number => {
    let taken = 0;
    for (let one = 0; one < count; one++) if (lines.add(who, one, part, weight)) taken++;
    return taken;
  };
  assert.equal(add('a', 'flood', 10), 3);
  assert.equal(add('a', 'other', 10), 1);
  assert.equal(add('b', '', 1, 3), 0, 'what is heavy needs as much room');
  assert.equal(add('b', '', 1, 2), 1);
  assert.equal(add('c', '', 1), 0);
  assert.equal(takeAll(lines).length, 5);
  assert.equal(add('c', '', 10), 3, 'what was taken has left its room');
});

test('long lines keep their order', () => {
  const lines = createFairLines<number>();
  const taken: number[] = [];
  let next = 0;
  for (let turn = 0; turn < 2_000; turn++) {
    for (let one = 0; one < 3; one++) lines.add('a', next++);
    taken.push(lines.take() ?? -1, lines.take() ?? -1);
  }
  taken.push(...takeAll(lines));
  assert.deepEqual(taken, [...taken.keys()]);
  assert.equal(taken.length, 6_000);
});

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

test('of a flood from many senders and ports nothing is kept when it is over', () => {
  const SENDERS = 4_096;
  const lines = createFairLines<number>({ ofOne: 64, ofAll: SENDERS });
  const flood = (port: number): void => {
    for (let sender = 0; sender < SENDERS; sender++) assert.ok(lines.add(`s${sender}`, port, String(port)));
    assert.equal(takeAll(lines).length, SENDERS);
  };
  const before = heapBytes();
  for (let port = 0; port < 32; port++) flood(port);
  assert.ok(heapBytes() - before < 4 * 1024 * 1024);
  flood(0);
});

test('who waits is not forgotten with those who have left', () => {
  const lines = createFairLines<string>({ ofOne: 2, ofAll: 1_000 });
  for (const item of ['a1', 'a2']) lines.add('a', item, item);
  assert.equal(lines.take(), 'a1');
  assert.ok(lines.add('a', 'a3'));
  for (let turn = 0; turn < 300; turn++) {
    lines.add(`b${turn}`, 'b');
    assert.equal(lines.add('a', 'one too many', 'z'), false, 'its room is full still');
    if (lines.take() !== 'b') assert.ok(lines.add('a', 'another'));
  }
});
