import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFairTurns } from './fair-turns.ts';

function setUp() {
  const turns: (() => void)[] = [];
  const fair = createFairTurns((action) => void turns.push(action));
  const begun: string[] = [];
  return {
    fair,
    begun,
    call: (peer: string, count = 1) => {
      for (let call = 0; call < count; call++) fair.run(peer, () => void begun.push(peer));
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
