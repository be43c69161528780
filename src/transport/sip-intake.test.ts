import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SipFlow, SipRank } from './sip-flow.ts';
import { createSipIntake } from './sip-intake.ts';

const RANKS: readonly SipRank[] = ['emergency', 'of-calls', 'in-dialog', 'call', 'other'];

function flowOf(remoteAddress: string, remotePort = 5060): SipFlow {
  return { protocol: 'udp', remoteAddress, remotePort, localAddress: '127.0.0.1', localPort: 5060 };
}

/** An intake whose turns come when the test says so; a datagram's text is its rank, and who it is of. */
function setUp() {
  const turns: (() => void)[] = [];
  const taken: string[] = [];
  let dropped = 0;
  let ranked = 0;
  const intake = createSipIntake({
    rankOf(bytes) {
      ranked++;
      return RANKS.find((rank) => bytes.toString().startsWith(rank)) ?? 'other';
    },
    take: (bytes, flow) => void taken.push(`${bytes.toString().trimEnd()} ${flow.remoteAddress}`),
    onDropped: () => dropped++,
    nextTurn: (action) => void turns.push(action),
  });
  return {
    intake,
    taken,
    come: (rank: string, count: number, from = 'flood', port?: number): void => {
      for (let one = 0; one < count; one++) intake.arrived(Buffer.from(rank), flowOf(from, port));
    },
    turn: () => turns.shift()?.(),
    turnsDue: () => turns.length,
    dropped: () => dropped,
    ranked: () => ranked,
  };
}

test('what comes in ordinary numbers is taken in its order, and nobody looks at its rank', () => {
  const { come, taken, turn, turnsDue, ranked, intake } = setUp();
  come('other', 3, 'a');
  come('emergency', 1, 'b');
  assert.equal(turnsDue(), 1);
  turn();
  assert.deepEqual(taken, ['other a', 'other a', 'other a', 'emergency b']);
  assert.deepEqual([turnsDue(), ranked(), intake.isBehind], [0, 0, false]);
});

test('while turns are full the socket is read first, then a call for help is taken before everything that came earlier', () => {
  const { come, taken, turn, intake } = setUp();
  for (let reading = 0; reading < 3; reading++) {
    come('other', 32);
    turn();
  }
  assert.deepEqual(taken, []);
  assert.equal(intake.isBehind, true);
  come('other', 31);
  come('emergency', 1, 'phone');
  turn();
  assert.deepEqual(taken, ['emergency phone', 'other flood']);
  come('other', 31);
  come('of-calls', 1, 'psap');
  for (let reading = 0; reading < 4; reading++) {
    turn();
    come('other', 32);
  }
  assert.deepEqual(taken.slice(2), ['of-calls psap', 'other flood']);
});

test('a call for help is not kept waiting by a socket that is never empty', () => {
  const { come, taken, turn } = setUp();
  for (let reading = 0; !taken.includes('emergency phone'); reading++) {
    assert.ok(reading < 4);
    come('of-calls', 31);
    come('emergency', 1, reading === 0 ? 'phone' : 'others');
    turn();
  }
});

test('in every rank the senders have their turns: calls of one flood do not delay that of another', () => {
  const { come, taken, turn, turnsDue } = setUp();
  for (let reading = 0; reading < 300; reading++) {
    come('emergency', 32);
    turn();
  }
  assert.ok(taken.length > 0 && taken.length < 1_000);
  const before = taken.length;
  come('emergency', 1, 'phone');
  turn();
  assert.ok(taken.slice(before).indexOf('emergency phone') <= 1);
  while (turnsDue() > 0) turn();
});

test('of every rank something is taken in a round, so that nothing waits for ever', () => {
  const { come, taken, turn } = setUp();
  for (const rank of RANKS) come(rank, 40, rank);
  turn();
  for (let reading = 0; reading < 3; reading++) {
    come('emergency', 32);
    turn();
  }
  for (const rank of RANKS) assert.ok(taken.includes(`${rank} ${rank}`), rank);
});

test('what goes beyond its line is dropped and told, large datagrams sooner; neither other senders nor other ports nor other ranks', () => {
  const { come, taken, turn, turnsDue, dropped } = setUp();
  come('other', 1_000);
  turn();
  assert.equal(dropped(), 1_000 - 192);
  come('other', 1, 'flood', 5_061);
  come('other', 1, 'peer');
  come('emergency', 1);
  come('call', 22);
  turn();
  assert.equal(dropped(), 1_000 - 192);
  while (turnsDue() > 0) turn();
  assert.equal(taken.length, 192 + 25);
  come(`other${' '.repeat(20 * 1_024)}`, 100);
  turn();
  while (turnsDue() > 0) turn();
  assert.equal(taken.length, 192 + 25 + 17);
});

test('when there is room again, all that stood in line is taken, and order is as ever', () => {
  const { come, taken, turn, turnsDue, intake } = setUp();
  come('call', 32);
  turn();
  while (turnsDue() > 0) turn();
  assert.equal(taken.length, 32);
  assert.equal(intake.isBehind, false);
  come('other', 1, 'a');
  come('emergency', 1, 'b');
  turn();
  assert.deepEqual(taken.slice(32), ['other a', 'emergency b']);
});

test('while full turns come the kernel has more; what stands in line when it has been read out is no reason to leave streams unread', () => {
  const { come, turn, turnsDue, intake } = setUp();
  for (let reading = 0; reading < 8; reading++) {
    come('of-calls', 32);
    turn();
    assert.equal(intake.isOverrun, true);
  }
  come('of-calls', 8);
  turn();
  assert.deepEqual([intake.isBehind, intake.isOverrun], [true, false]);
  while (turnsDue() > 0) turn();
  assert.deepEqual([intake.isBehind, intake.isOverrun], [false, false]);
});
