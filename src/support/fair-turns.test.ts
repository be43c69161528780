import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFairTurns, type FairTurnsOptions } from './fair-turns.ts';

function setUp(options: Partial<FairTurnsOptions> = {}) {
  const turns: (() => void)[] = [];
  const fair = createFairTurns({ perTurn: 64, nextTurn: (action) => void turns.push(action), ...options });
  const begun: string[] = [];
  return {
    fair,
    begun,
    call: (who: string, count = 1) => {
      for (let call = 0; call < count; call++) fair.run(who, () => void begun.push(who));
    },
    turn: () => turns.shift()?.(),
    turnsDue: () => turns.length,
  };
}

test('ordinary traffic is begun at once', () => {
  const { call, begun, turn, turnsDue, fair } = setUp();
  call('a', 30);
  call('b', 30);
  assert.equal(begun.length, 60);
  turn();
  assert.equal(turnsDue(), 0, 'nothing is left to do');
  assert.equal(fair.waiting, 0);
});

test('a flood waits behind the calls of others, and none of it is lost', () => {
  const { call, begun, turn, turnsDue, fair } = setUp();
  call('flood', 1_000);
  call('b', 2);
  call('c', 1);
  assert.equal(begun.length, 64);
  turn();
  assert.deepEqual(begun.slice(64, 69), ['flood', 'b', 'c', 'flood', 'b']);
  call('d');
  turn();
  assert.ok(begun.slice(128, 132).includes('d'), 'who comes later gets its call begun in the next turn');
  while (turnsDue() > 0) turn();
  assert.equal(begun.length, 1_004);
  assert.equal(fair.waiting, 0);
});

test('more than can stand in line are begun as they came', () => {
  const { call, begun, fair } = setUp();
  call('flood', 100_100);
  assert.equal(fair.waiting, 100_000);
  assert.equal(begun.length, 100);
});

test('who comes in many parts has one turn for all of them, and they share it out', () => {
  const { fair, begun, turn, turnsDue } = setUp({ perTurn: 4 });
  const come = (who: string, part: string, count: number): void => {
    for (let one = 0; one < count; one++) fair.run(who, () => void begun.push(`${who}${part}`), part);
  };
  for (let part = 0; part < 1_000; part++) come('flood', `${part}`, 3);
  come('b', '0', 2);
  turn();
  assert.deepEqual(begun.slice(4), ['flood1', 'b0', 'flood2', 'b0']);
  come('flood', 'late', 1);
  while (turnsDue() > 0) turn();
  assert.ok(begun.indexOf('floodlate') < 1_010, 'each part waits for one job of every other');
  assert.deepEqual([begun.length, fair.waiting], [3_003, 0]);
});

test('with limits, what is too much of one, and of all, is dropped and told', () => {
  let dropped = 0;
  const { call, begun, fair, turn, turnsDue } = setUp({
    perTurn: 4,
    limits: { ofOne: 10, ofAll: 15, onDrop: () => dropped++ },
  });
  call('flood', 100);
  assert.deepEqual([begun.length, fair.waiting, dropped], [4, 10, 86]);
  call('b', 1);
  call('c', 10);
  assert.deepEqual([fair.waiting, dropped], [15, 92]);
  turn();
  assert.deepEqual(begun.slice(4), ['flood', 'b', 'c', 'flood']);
  while (turnsDue() > 0) turn();
  assert.equal(begun.length, 19);
  call('flood');
  assert.equal(begun.length, 20, 'and it begins anew');
});

test('of what is held one is begun in a turn, everybody in theirs; the others go on afterwards', () => {
  let isHeld = true;
  const { call, begun, turn, turnsDue } = setUp({ isHeld: () => isHeld });
  call('a', 5);
  call('b', 1);
  assert.deepEqual(begun, []);
  turn();
  turn();
  assert.deepEqual([begun, turnsDue()], [['a', 'b'], 1]);
  isHeld = false;
  turn();
  assert.deepEqual([begun.length, turnsDue()], [6, 0]);
});

test('of what is held so many are begun in a turn as was said', () => {
  const { call, begun, turn } = setUp({ isHeld: () => true, perHeldTurn: 2 });
  call('a', 5);
  turn();
  assert.equal(begun.length, 2);
  turn();
  assert.equal(begun.length, 4);
});
