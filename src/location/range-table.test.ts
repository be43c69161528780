import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { readAddressRange } from './address-range.ts';
import { isPrivateIp, readIpWords } from './ip-words.ts';
import { openRanges, packRanges } from './range-table.ts';

const words = new Uint32Array(4);

function range(text: string) {
  const read = readAddressRange(text);
  assert.ok(typeof read !== 'string', text);
  return read;
}

function table(version: 4 | 6, texts: readonly string[]) {
  const ranges = texts.map(range);
  const places = Uint32Array.from(ranges, (_, place) => place);
  const firsts = Uint32Array.from(ranges.flatMap((one) => [...one.first]));
  const lasts = Uint32Array.from(ranges.flatMap((one) => [...one.last]));
  const packed = openRanges(version, packRanges(version, firsts, lasts, places));
  const placeOf = (found: number): number => (found < 0 ? -1 : packed.target(found));
  return {
    /** Place among `texts` of the winner for an address; -1 when no range holds it. */
    find: (address: Uint32Array) => placeOf(packed.findLast(address)),
    /** The range that would win were the winner not there; -1 when there is none. */
    findRunnerUp(address: Uint32Array) {
      const winner = packed.findLast(address);
      return winner <= 0 ? -1 : placeOf(packed.findLast(address, winner));
    },
  };
}

test('ranges are read in every spelling and written in one', () => {
  const cases: readonly [string, string][] = [
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['10.1.2.3/24', '10.1.2.0/24'],
    ['10.1.2.0-10.1.2.255', '10.1.2.0/24'],
    [' 10.1.2.10 - 10.1.2.99 ', '10.1.2.10-10.1.2.99'],
    ['10.1.2.1-10.1.3.0', '10.1.2.1-10.1.3.0'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['128.0.0.0-255.255.255.255', '128.0.0.0/1'],
    ['2001:DB8:0:0::1/64', '2001:db8::/64'],
    ['2001:db8::-2001:db8::ffff', '2001:db8::/112'],
    ['2001:db8::1-2001:db8::ffff', '2001:db8::1-2001:db8::ffff'],
    ['::/0', '::/0'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ];
  for (const [written, canonical] of cases) assert.equal(range(written).text, canonical, written);
  for (const broken of [
    '',
    '10.1.2',
    '10.1.2.0/33',
    '2001:db8::/129',
    '10.1.2.9-10.1.2.1',
    '1.2.3.4-::1',
    'a-b-c',
    '10.0.0.0/x',
  ]) {
    assert.equal(typeof readAddressRange(broken), 'string', broken);
  }
});

test('ranges are compared as numbers, not as text', () => {
  const found = table(4, ['10.1.2.0/24', '9.0.0.0-10.1.100.0']);
  for (const [address, winner] of [
    ['10.1.2.7', 0],
    ['10.1.3.7', 1],
    ['9.255.0.1', 1],
    ['10.1.100.1', -1],
    ['100.1.2.7', -1],
  ] as const) {
    assert.equal(readIpWords(address, words), 4);
    assert.equal(found.find(words), winner, address);
  }
});

test('the whole space, its last address, and a table of nothing', () => {
  const found = table(4, ['0.0.0.0/0', '255.255.255.255', '255.255.255.0/24']);
  readIpWords('255.255.255.255', words);
  assert.equal(found.find(words), 1);
  assert.equal(found.findRunnerUp(words), 2);
  readIpWords('255.255.254.255', words);
  assert.equal(found.find(words), 0);
  assert.equal(found.findRunnerUp(words), -1);
  assert.equal(table(6, []).find(words), -1);
});

const byte = fc.constantFrom(0, 1, 2, 127, 128, 255);

function checkAgainstNaive(version: 4 | 6, address: fc.Arbitrary<bigint>, bits: number): void {
  const toText = (value: bigint): string => {
    const bytes = Array.from({ length: bits / 8 }, (_, place) =>
      Number((value >> BigInt(bits - 8 * (place + 1))) & 255n),
    );
    return version === 4 ? bytes.join('.') : new ipaddr.IPv6(bytes).toRFC5952String();
  };
  const anyRange = fc.oneof(
    fc.tuple(address, address).map(([a, b]) => (a < b ? { first: a, last: b } : { first: b, last: a })),
    fc.tuple(address, fc.integer({ min: 0, max: bits })).map(([a, prefix]) => {
      const mask = (1n << BigInt(bits - prefix)) - 1n;
      return { first: a & ~mask, last: a | mask };
    }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(anyRange, { maxLength: 12, selector: (one) => `${one.first}-${one.last}` }),
      fc.array(address, { minLength: 1, maxLength: 8 }),
      (ranges, asked) => {
        const texts = ranges.map((one) => `${toText(one.first)}-${toText(one.last)}`);
        const found = table(version, texts);
        for (const value of [...asked, ...ranges.map((one) => one.last), ...ranges.map((one) => one.first)]) {
          const holding = ranges
            .filter((one) => one.first <= value && value <= one.last)
            .sort((a, b) =>
              a.first === b.first ? Number(a.last > b.last) - Number(a.last < b.last) : a.first < b.first ? 1 : -1,
            );
          assert.equal(readIpWords(toText(value), words), version);
          const winner = ranges[found.find(words)];
          assert.deepEqual(winner, holding[0], `${toText(value)} in ${texts.join(' ')}`);
          const runnerUp = ranges[found.findRunnerUp(words)];
          assert.ok(runnerUp === undefined || holding.slice(1).includes(runnerUp));
        }
      },
    ),
    { numRuns: 300 },
  );
}

test('the winner is that of a naive search, IPv4', () => {
  const address = fc
    .tuple(byte, byte, byte, byte)
    .map((parts) => parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n));
  checkAgainstNaive(4, address, 32);
});

test('the winner is that of a naive search, IPv6', () => {
  const address = fc
    .array(byte, { minLength: 16, maxLength: 16 })
    .map((parts) => parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n));
  checkAgainstNaive(6, address, 128);
});

test('addresses are read as the platform reads them', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }), fc.stringMatching(/^[0-9a-f:.]{1,20}$/)),
      (text) => {
        const version = readIpWords(text, words);
        // Canonical text has no dotted quad inside IPv6 but for mapped addresses, which are IPv4, and no zone.
        if (text.includes(':') && (text.includes('.') || text.includes('%'))) return;
        assert.equal(version, isIPv4(text) ? 4 : isIPv6(text) ? 6 : 0, text);
        if (version === 6) {
          const bytes = ipaddr.IPv6.parse(text).toByteArray();
          assert.deepEqual(
            [...words].flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]),
            bytes,
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test('private addresses are told from public ones', () => {
  const cases: readonly [string, boolean][] = [
    ['10.0.0.1', true],
    ['172.16.0.1', true],
    ['172.31.255.255', true],
    ['172.32.0.1', false],
    ['192.168.7.7', true],
    ['192.169.0.1', false],
    ['100.64.0.1', true],
    ['100.128.0.1', false],
    ['169.254.1.1', true],
    ['127.0.0.1', true],
    ['203.0.113.10', false],
    ['fd00::1', true],
    ['fe80::1', true],
    ['febf::1', true],
    ['fec0::1', false],
    ['::1', true],
    ['2001:db8::1', false],
  ];
  for (const [address, expected] of cases) {
    const version = readIpWords(address, words);
    assert.ok(version !== 0);
    assert.equal(isPrivateIp(version, words), expected, address);
  }
});
