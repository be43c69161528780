import { crc32 } from 'node:zlib';
import { rangeText, readAddressRange } from './address-range.ts';
import { hardwareText, hardwareWords } from './bssid-mask.ts';
import type { IpVersion } from './ip-words.ts';
import {
  appendKey,
  appendNumber,
  createKeyColumn,
  createNumberColumn,
  findNumber,
  findText,
  type KeyColumn,
  keyAt,
  type NumberColumn,
  numberCount,
  numbersLength,
  numberWord,
  packNumbers,
  packTexts,
  textAt,
  textCount,
  textsLength,
  textTarget,
} from './key-table.ts';
import { openRanges, type PackedRanges, packRanges } from './range-table.ts';
import { ELEMENT_KINDS, type ElementKind } from './wire-map-element.ts';

/**
 * One organization's wire map as a block of 32-bit words: what is searched in memory, shared with other threads without a
 * copy and written to disk as it is.
 *
 * Layout: magic, checksum of what follows, length in words, seed, number of elements, then where each part begins: the
 * emergency response locations, the two kinds of switch elements, BSSIDs, MACs, IPv4 and IPv6 ranges.
 */
const MAGIC = 0x574d_4231;
const HEAD = 5;
const [CHECKSUM, LENGTH, SEED, SIZE] = [1, 2, 3, 4];
const CHECKED_FROM = 2;
const PARTS = 7;
const [ERLS, PORTS, CHASSIS, BSSIDS, MACS, RANGES_4, RANGES_6] = [0, 1, 2, 3, 4, 5, 6];

/** Elements as they are collected, and places in `responseLocations`. */
export type WireMapColumns = {
  responseLocations: KeyColumn;
  texts: Record<'switch-port' | 'switch-chassis' | 'ip-range', KeyColumn>;
  hardware: Record<'bssid' | 'mac', NumberColumn>;
};

export type BlockEntry = { kind: ElementKind; key: string; responseLocationId: string };

/** Collects elements one by one, each response location once. */
export type ColumnsWriter = {
  readonly columns: WireMapColumns;
  /** Where an element leads: the place of a response location. */
  target(responseLocationId: string): number;
  append(kind: ElementKind, key: string, target: number): void;
};

export function createColumnsWriter(): ColumnsWriter {
  const columns: WireMapColumns = {
    responseLocations: createKeyColumn(),
    texts: { 'switch-port': createKeyColumn(), 'switch-chassis': createKeyColumn(), 'ip-range': createKeyColumn() },
    hardware: { bssid: createNumberColumn(), mac: createNumberColumn() },
  };
  const places = new Map<string, number>();
  return {
    columns,
    target(responseLocationId) {
      let place = places.get(responseLocationId);
      if (place === undefined) {
        place = columns.responseLocations.count;
        appendKey(columns.responseLocations, responseLocationId, 0);
        places.set(responseLocationId, place);
      }
      return place;
    },
    append(kind, key, target) {
      if (kind !== 'bssid' && kind !== 'mac') {
        appendKey(columns.texts[kind], key, target);
        return;
      }
      const number = hardwareWords(key);
      if (number !== undefined) appendNumber(columns.hardware[kind], number.high, number.low, target);
    },
  };
}

function packAddressRanges(column: KeyColumn): Record<IpVersion, Uint32Array> {
  const found: Record<IpVersion, { firsts: number[]; lasts: number[]; targets: number[] }> = {
    4: { firsts: [], lasts: [], targets: [] },
    6: { firsts: [], lasts: [], targets: [] },
  };
  for (let place = 0; place < column.count; place += 1) {
    const range = readAddressRange(keyAt(column, place));
    if (typeof range === 'string') continue;
    const { firsts, lasts, targets } = found[range.version];
    for (const word of range.first) firsts.push(word);
    for (const word of range.last) lasts.push(word);
    targets.push(column.targets[place] ?? 0);
  }
  const pack = (version: IpVersion): Uint32Array => {
    const { firsts, lasts, targets } = found[version];
    return packRanges(version, Uint32Array.from(firsts), Uint32Array.from(lasts), targets);
  };
  return { 4: pack(4), 6: pack(6) };
}

/** A part of a block, written where it will stand. */
type Part = { length: number; count: number; write(words: Uint32Array): void };

/** Packs what was collected; `seed` keeps who chooses the names from choosing where they stand. */
export function packWireMap({ responseLocations, texts, hardware }: WireMapColumns, seed: number): Uint32Array {
  const ranges = packAddressRanges(texts['ip-range']);
  const ofTexts = (column: KeyColumn): Part => ({
    length: textsLength(column),
    count: column.count,
    write: (words) => packTexts(column, words, seed),
  });
  const ofNumbers = (column: NumberColumn): Part => ({
    length: numbersLength(column),
    count: column.count,
    write: (words) => packNumbers(column, words, seed),
  });
  const ofWords = (packed: Uint32Array): Part => ({
    length: packed.length,
    count: packed[0] ?? 0,
    write: (words) => words.set(packed),
  });
  const elements = [
    ofTexts(texts['switch-port']),
    ofTexts(texts['switch-chassis']),
    ofNumbers(hardware.bssid),
    ofNumbers(hardware.mac),
    ofWords(ranges[4]),
    ofWords(ranges[6]),
  ];
  const parts = [ofTexts(responseLocations), ...elements];
  const length = parts.reduce((sum, part) => sum + part.length, HEAD + PARTS);
  const words = new Uint32Array(new SharedArrayBuffer(length * 4));
  const elementCount = elements.reduce((sum, part) => sum + part.count, 0);
  words.set([MAGIC, 0, length, seed, elementCount]);
  let at = HEAD + PARTS;
  for (const [place, part] of parts.entries()) {
    words[HEAD + place] = at;
    part.write(words.subarray(at, at + part.length));
    at += part.length;
  }
  words[CHECKSUM] = checksum(words);
  return words;
}

function checksum(words: Uint32Array): number {
  return crc32(new Uint8Array(words.buffer, words.byteOffset + CHECKED_FROM * 4, (words.length - CHECKED_FROM) * 4));
}

/** Whether these words are a whole and undamaged block of this layout. */
export function isWireMapBlock(words: Uint32Array): boolean {
  return (
    words.length >= HEAD + PARTS &&
    words[0] === MAGIC &&
    words[LENGTH] === words.length &&
    words[CHECKSUM] === checksum(words)
  );
}

/** A range of a block. */
export type BlockRange = { key: string; responseLocationId: string };

export type WireMapBlock = {
  readonly words: Uint32Array;
  readonly size: number;
  /** The response location of a switch or a port of it. */
  findSwitch(kind: 'switch-port' | 'switch-chassis', key: string): string | undefined;
  /** The response location of a hardware address or mask; `high` and `low` as `hardwareWords` gives them. */
  findHardware(kind: 'bssid' | 'mac', high: number, low: number): string | undefined;
  readonly ranges: Readonly<Record<IpVersion, PackedRanges>>;
  range(version: IpVersion, place: number): BlockRange;
  entries(): Generator<BlockEntry>;
};

export function openWireMapBlock(words: Uint32Array): WireMapBlock {
  const units = new Uint16Array(words.buffer, words.byteOffset, words.length * 2);
  const seed = words[SEED] ?? 0;
  const at = (part: number | undefined): number => words[HEAD + (part ?? 0)] ?? 0;
  const [erls, ports, chassis, bssids, macs] = [at(ERLS), at(PORTS), at(CHASSIS), at(BSSIDS), at(MACS)];
  const ranges = { 4: openRanges(4, words, at(RANGES_4)), 6: openRanges(6, words, at(RANGES_6)) };
  // Read once each: an answer allocates nothing for them.
  const names: string[] = [];

  function responseLocation(place: number): string {
    let name = names[place];
    if (name === undefined) {
      name = textAt(words, units, erls, place);
      names[place] = name;
    }
    return name;
  }

  function range(version: IpVersion, place: number): BlockRange {
    const table = ranges[version];
    return {
      key: rangeText(version, table.first(place), table.last(place)),
      responseLocationId: responseLocation(table.target(place)),
    };
  }

  return {
    words,
    size: words[SIZE] ?? 0,
    findSwitch(kind, key) {
      const table = kind === 'switch-port' ? ports : chassis;
      const place = findText(words, units, table, key, seed);
      return place < 0 ? undefined : responseLocation(textTarget(words, table, place));
    },
    findHardware(kind, high, low) {
      const table = kind === 'bssid' ? bssids : macs;
      const place = findNumber(words, table, high, low, seed);
      return place < 0 ? undefined : responseLocation(numberWord(words, table, place, 2));
    },
    ranges,
    range,
    *entries() {
      for (const kind of ELEMENT_KINDS) {
        switch (kind) {
          case 'switch-port':
          case 'switch-chassis': {
            const table = kind === 'switch-port' ? ports : chassis;
            for (let place = 0; place < textCount(words, table); place += 1) {
              const responseLocationId = responseLocation(textTarget(words, table, place));
              yield { kind, key: textAt(words, units, table, place), responseLocationId };
            }
            break;
          }
          case 'bssid':
          case 'mac': {
            const table = kind === 'bssid' ? bssids : macs;
            for (let place = 0; place < numberCount(words, table); place += 1) {
              yield {
                kind,
                key: hardwareText(numberWord(words, table, place, 0), numberWord(words, table, place, 1)),
                responseLocationId: responseLocation(numberWord(words, table, place, 2)),
              };
            }
            break;
          }
          case 'ip-range':
            for (const version of [4, 6] as const) {
              for (let place = 0; place < ranges[version].count; place += 1) yield { kind, ...range(version, place) };
            }
        }
      }
    },
  };
}

/** A new state of an element: null = it is gone. */
export type ElementChange = { kind: ElementKind; key: string; responseLocationId: string | null };

/** The block with changes worked in; every key at most once among them. */
export function mergeWireMap(block: Uint32Array, changes: readonly ElementChange[], seed: number): Uint32Array {
  const changed = new Set<string>();
  for (const { kind, key } of changes) changed.add(`${kind}\n${key}`);
  const writer = createColumnsWriter();
  for (const { kind, key, responseLocationId } of openWireMapBlock(block).entries()) {
    if (!changed.has(`${kind}\n${key}`)) writer.append(kind, key, writer.target(responseLocationId));
  }
  for (const { kind, key, responseLocationId } of changes) {
    if (responseLocationId !== null) writer.append(kind, key, writer.target(responseLocationId));
  }
  return packWireMap(writer.columns, seed);
}
