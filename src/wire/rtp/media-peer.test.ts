import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMediaPeer, type MediaPeer } from './media-peer.ts';

const SIGNALLING = '198.51.100.7';
const AT_SIGNALLING = { address: SIGNALLING, port: 20_000 };
const ELSEWHERE = { address: '8.8.8.8', port: 30_000 };
const BEHIND_NAT = { address: '192.168.1.5', port: 20_000 };
const FROM_NAT = { address: '9.9.9.9', port: 41_000 };

function described(remote: { address: string; port: number }, signallingAddress: string = SIGNALLING): MediaPeer {
  const peer = createMediaPeer({ signallingAddress });
  peer.describe(remote);
  return peer;
}

function hear(
  peer: MediaPeer,
  from: { address: string; port: number },
  numbers: readonly number[],
  nowMs = 0,
): boolean[] {
  return numbers.map((sequenceNumber) => peer.hear(from, { ssrc: 7, sequenceNumber }, nowMs));
}

void test('where the signalling comes from is proven at once', () => {
  assert.deepEqual(described(AT_SIGNALLING).destination(0), { to: AT_SIGNALLING, isProven: true });
  assert.equal(described({ ...AT_SIGNALLING, port: 53 }).destination(0), null, 'no service is a phone');
});

void test('an address that nothing vouches for gets silence for three seconds, and audio once it sends some', () => {
  const peer = described(ELSEWHERE);
  assert.deepEqual(peer.destination(100), { to: ELSEWHERE, isProven: false });
  assert.deepEqual(peer.destination(3_099), { to: ELSEWHERE, isProven: false });
  assert.equal(peer.destination(3_100), null);
  const moved = { ...ELSEWHERE, port: 30_002 };
  assert.deepEqual(hear(peer, moved, [1, 2], 9_000), [true, true]);
  assert.deepEqual(peer.destination(9_000), { to: moved, isProven: true });
});

void test('addresses that a phone elsewhere may not point at get nothing at all', () => {
  for (const address of [
    '127.0.0.1',
    '::1',
    '169.254.1.1',
    'fe80::1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
  ]) {
    assert.equal(described({ address, port: 20_000 }).destination(0), null, address);
  }
  assert.equal(described({ address: '::ffff:127.0.0.1', port: 20_000 }).destination(0), null);
  assert.deepEqual(described({ address: '127.0.0.2', port: 20_000 }, '127.0.0.1').destination(0), {
    to: { address: '127.0.0.2', port: 20_000 },
    isProven: false,
  });
});

void test('the first source at a named address is followed, others are not', () => {
  const peer = described(AT_SIGNALLING);
  assert.deepEqual(hear(peer, FROM_NAT, [1, 2, 3, 4, 5, 6]), Array(6).fill(false));
  const moved = { ...AT_SIGNALLING, port: 40_000 };
  assert.deepEqual(hear(peer, { ...AT_SIGNALLING, port: 500 }, [1]), [false]);
  assert.deepEqual(hear(peer, moved, [1]), [true]);
  assert.deepEqual(hear(peer, AT_SIGNALLING, [2]), [false], 'followed once');
  assert.deepEqual(peer.destination(0), { to: moved, isProven: true });
  peer.describe({ ...AT_SIGNALLING });
  assert.deepEqual(peer.destination(0)?.to, moved, 'the same description again changes nothing');
  peer.describe({ ...AT_SIGNALLING, port: 20_008 });
  assert.equal(peer.destination(0)?.to.port, 20_008, 'another one does');
});

void test('a phone behind a NAT is followed after five packets in a row from one place', () => {
  const peer = described(BEHIND_NAT);
  assert.deepEqual(hear(peer, FROM_NAT, [65_534, 65_535, 0, 1]), [false, false, false, false]);
  assert.equal(peer.destination(0)?.isProven, false);
  assert.deepEqual(hear(peer, FROM_NAT, [2, 3]), [true, true]);
  assert.deepEqual(peer.destination(0), { to: FROM_NAT, isProven: true });
});

void test('a guess at our port draws no audio: gaps, two at once, too late', () => {
  const gaps = described(BEHIND_NAT);
  assert.ok(!hear(gaps, FROM_NAT, [1, 3, 5, 7, 9, 11, 13]).includes(true));

  const contested = described(BEHIND_NAT);
  hear(contested, FROM_NAT, [1, 2]);
  hear(contested, { ...FROM_NAT, address: '9.9.9.10' }, [1]);
  assert.ok(!hear(contested, FROM_NAT, [3, 4, 5, 6, 7, 8]).includes(true));
  assert.deepEqual(hear(contested, BEHIND_NAT, [1]), [true], 'the phone itself is still heard');

  const late = described(BEHIND_NAT);
  late.destination(0);
  assert.ok(!hear(late, FROM_NAT, [1, 2, 3, 4, 5, 6], 10_001).includes(true));

  const reachable = described(ELSEWHERE);
  assert.ok(!hear(reachable, FROM_NAT, [1, 2, 3, 4, 5, 6]).includes(true));
});

void test('without a signalling address, as in a test, only what is heard is proven', () => {
  const peer = createMediaPeer({ signallingAddress: undefined });
  assert.equal(peer.destination(0), null);
  peer.describe(ELSEWHERE);
  assert.equal(peer.destination(0)?.isProven, false);
});
