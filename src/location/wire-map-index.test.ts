import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readAddressRange } from './address-range.ts';
import { hardwareText, hardwareWords, openDigits, readBssidMask } from './bssid-mask.ts';
import { readIpWords, WORDS_OF } from './ip-words.ts';
import { compareAddresses } from './range-table.ts';
import {
  createColumnsWriter,
  type ElementChange,
  mergeWireMap,
  openWireMapBlock,
  packWireMap,
} from './wire-map-block.ts';
import { type ChangeableWireMapIndex, createWireMapIndex, switchPortKey } from './wire-map-index.ts';

const EMPTY = packWireMap(createColumnsWriter().columns, 1);
const digit = fc.constantFrom('0', 'a', 'f');
const octet = fc.constantFrom('00', 'ab');
const address = fc.tuple(octet, octet, digit, digit).map(([a, b, c, d]) => `${a}:1b:00:00:${b}:${c}${d}`);
const mask = address.chain((text) => fc.constantFrom(`${text.slice(0, 16)}*`, `${text.slice(0, 15)}**`));
const name = fc.constantFrom('sw-1', 'sw-2', 'čísnik', '00:1b:00:00:00:01', 'x'.repeat(255));
const ip = fc.oneof(
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 })).map(([a, b]) => `10.0.${a}.${b}`),
  fc.integer({ min: 0, max: 15 }).map((a) => `2001:db8::${a.toString(16)}`),
);
const range = fc
  .oneof(
    fc
      .tuple(ip, fc.integer({ min: 22, max: 32 }))
      .map(([from, bits]) => `${from}/${from.includes(':') ? bits + 96 : bits}`),
    fc.tuple(ip, ip).map(([a, b]) => `${a}-${b}`),
  )
  .map((text) => readAddressRange(text))
  .filter((one) => typeof one !== 'string')
  .map((one) => one.text);
const key = fc.oneof(
  fc.record({ kind: fc.constant('bssid' as const), key: fc.oneof(address, mask) }),
  fc.record({ kind: fc.constant('mac' as const), key: address }),
  fc.record({ kind: fc.constant('switch-chassis' as const), key: name }),
  fc.record({
    kind: fc.constant('switch-port' as const),
    key: fc.tuple(name, name).map(([a, b]) => switchPortKey(a, b)),
  }),
  fc.record({ kind: fc.constant('ip-range' as const), key: range }),
);
const change: fc.Arbitrary<ElementChange> = fc
  .tuple(key, fc.option(fc.constantFrom('erl-1', 'erl-2', 'erl-3')))
  .map(([element, responseLocationId]) => ({ ...element, responseLocationId }));
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(change, { maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('compact' as const) },
);

/** Does the mask stand for this address or this finer mask? Both in canonical text. */
function maskHolds(mask: string, text: string): boolean {
  const open = openDigits(mask);
  return open > openDigits(text) && text.startsWith(mask.slice(0, mask.length - open));
}

/** The same answers by looking at everything. */
function plainAnswers(plain: ReadonlyMap<string, ElementChange>) {
  const present = [...plain.values()].filter((one) => one.responseLocationId !== null);
  const found = (one: ElementChange | undefined) => one && { key: one.key, responseLocationId: one.responseLocationId };
  return {
    size: present.length,
    find(kind: string, text: string) {
      const exact = present.find((one) => one.kind === kind && one.key === text);
      const masks = present.filter((one) => one.kind === kind && maskHolds(one.key, text));
      return found(exact ?? masks.sort((a, b) => openDigits(a.key) - openDigits(b.key))[0]);
    },
    ranked(text: string, rank: number) {
      const words = new Uint32Array(4);
      const version = readIpWords(text, words);
      assert.ok(version !== 0);
      const width = WORDS_OF[version];
      const holding = present
        .flatMap((one) => {
          const read = one.kind === 'ip-range' ? readAddressRange(one.key) : '';
          return typeof read === 'string' || read.version !== version ? [] : [{ one, read }];
        })
        .filter(
          ({ read }) =>
            compareAddresses(read.first, 0, words, 0, width) <= 0 &&
            compareAddresses(read.last, 0, words, 0, width) >= 0,
        )
        .sort(
          (a, b) =>
            compareAddresses(b.read.first, 0, a.read.first, 0, width) ||
            compareAddresses(a.read.last, 0, b.read.last, 0, width),
        );
      return found(holding[rank]?.one);
    },
  };
}

test('an index with an overlay equals a plain map, whatever is changed and compacted in between', () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(key, { maxLength: 10 }),
      fc.array(ip, { maxLength: 8 }),
      (steps, asked, addresses) => {
        const plain = new Map<string, ElementChange>();
        let index: ChangeableWireMapIndex = createWireMapIndex(EMPTY);
        for (const one of steps) {
          if (one === 'compact') {
            index = createWireMapIndex(mergeWireMap(index.block, index.overlay(), steps.length));
            assert.equal(index.overlaySize, 0);
            continue;
          }
          index.change(one);
          for (const changed of one) plain.set(`${changed.kind}\n${changed.key}`, changed);
        }
        const expected = plainAnswers(plain);
        assert.equal(index.size, expected.size);
        for (const one of [...plain.values(), ...asked]) {
          // Nobody is heard under a mask.
          if (one.kind === 'ip-range' || openDigits(one.key) > 0) continue;
          assert.deepEqual(index.find(one.kind, one.key), expected.find(one.kind, one.key), one.key);
        }
        const words = new Uint32Array(4);
        for (const text of addresses) {
          const version = readIpWords(text, words);
          assert.ok(version !== 0);
          assert.deepEqual(index.findByAddress(version, words), expected.ranked(text, 0), text);
          assert.deepEqual(index.findWiderByAddress(version, words), expected.ranked(text, 1), text);
        }
        const merged = openWireMapBlock(mergeWireMap(index.block, index.overlay(), 3));
        const listed = [...merged.entries()].map((one) => `${one.kind} ${one.key} ${one.responseLocationId}`).sort();
        const present = [...plain.values()].filter((one) => one.responseLocationId !== null);
        assert.deepEqual(listed, present.map((one) => `${one.kind} ${one.key} ${one.responseLocationId}`).sort());
      },
    ),
    { numRuns: 300 },
  );
});

test('an access point is found by itself, then by its narrowest mask', () => {
  const index = createWireMapIndex(EMPTY);
  const at = (responseLocationId: string, text: string): ElementChange => ({
    kind: 'bssid',
    key: text,
    responseLocationId,
  });
  index.change([at('floor', 'aa:bb:cc:dd:ee:**'), at('wing', 'aa:bb:cc:dd:ee:f*'), at('room', 'aa:bb:cc:dd:ee:f7')]);
  assert.deepEqual(index.find('bssid', 'aa:bb:cc:dd:ee:f7'), { key: 'aa:bb:cc:dd:ee:f7', responseLocationId: 'room' });
  assert.deepEqual(index.find('bssid', 'aa:bb:cc:dd:ee:f8'), { key: 'aa:bb:cc:dd:ee:f*', responseLocationId: 'wing' });
  assert.deepEqual(index.find('bssid', 'aa:bb:cc:dd:ee:08'), { key: 'aa:bb:cc:dd:ee:**', responseLocationId: 'floor' });
  assert.equal(index.find('bssid', 'aa:bb:cc:dd:ef:08'), undefined);
  assert.equal(index.find('mac', 'aa:bb:cc:dd:ee:f7'), undefined);
});

test('masks are read in every spelling and written in one', () => {
  for (const [written, canonical] of [
    ['AA-BB-CC-DD-EE-F*', 'aa:bb:cc:dd:ee:f*'],
    ['aabb.ccdd.eef*', 'aa:bb:cc:dd:ee:f*'],
    ['aabbccddee**', 'aa:bb:cc:dd:ee:**'],
    ['aa:bb:cc:dd:ee:*', 'aa:bb:cc:dd:ee:**'],
  ] as const) {
    assert.equal(readBssidMask(written), canonical, written);
    const words = hardwareWords(canonical);
    assert.ok(words);
    assert.equal(hardwareText(words.high, words.low), canonical);
  }
  for (const broken of [
    '',
    '*',
    'aa:bb:cc:dd:e*',
    'aa:bb:cc:dd:*',
    'aa:bb:cc:dd:ee:*f',
    'aa:bb:cc:dd:ee:ff',
    'aa:bb:cc:dd:ee:***',
  ]) {
    assert.equal(readBssidMask(broken), undefined, broken);
  }
});
