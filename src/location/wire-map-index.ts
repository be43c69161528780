import { readAddressRange } from './address-range.ts';
import { type IpVersion, readIpWords } from './ip-words.ts';
import { buildKeyTable, type KeyTable } from './key-table.ts';
import { buildRangeTable, type RangeTable } from './range-table.ts';
import type { ElementKind } from './wire-map-element.ts';

/** One organization's wire map in columns, so that a million elements stay small, on disk and in memory. */
export type WireMapRows = {
  /** Emergency response locations; elements name them by place in this list. */
  responseLocations: string[];
  elements: Record<ElementKind, { keys: string[]; targets: number[] }>;
  /** Addresses the organization is seen from; null = no site is told by them. */
  addressRanges: { range: string; locationId: string | null }[];
};

/** An element that was found: its key in words and the ERL it stands for. */
export type FoundElement = { key: string; responseLocationId: string };

export type FoundRange = { range: string; locationId: string | null };

/** Answers of one organization's wire map. */
export type WireMapIndex = {
  find(kind: Exclude<ElementKind, 'ip-range'>, key: string): FoundElement | undefined;
  /** `words` as readIpWords leaves them. */
  findByAddress(version: IpVersion, words: Uint32Array): FoundElement | undefined;
  /** The next wider range. */
  findWiderByAddress(version: IpVersion, words: Uint32Array): FoundElement | undefined;
  /** The range of the organization's own addresses that holds this one. */
  findOwnRange(address: string): FoundRange | undefined;
  readonly size: number;
};

/** Chassis and port as one key; neither can hold a line break. */
export function switchPortKey(chassis: string, port: string): string {
  return `${chassis}\n${port}`;
}

export function emptyWireMapRows(): WireMapRows {
  return {
    responseLocations: [],
    elements: {
      'switch-port': { keys: [], targets: [] },
      'switch-chassis': { keys: [], targets: [] },
      bssid: { keys: [], targets: [] },
      mac: { keys: [], targets: [] },
      'ip-range': { keys: [], targets: [] },
    },
    addressRanges: [],
  };
}

type Ranges = { table: RangeTable; places: Int32Array };

/** `places` leads from a range of this version back to its place in `texts`. */
function buildRanges(version: IpVersion, texts: readonly string[]): Ranges {
  const places: number[] = [];
  const firsts: number[] = [];
  const lasts: number[] = [];
  for (const [place, text] of texts.entries()) {
    const range = readAddressRange(text);
    if (typeof range === 'string' || range.version !== version) continue;
    places.push(place);
    firsts.push(...range.first);
    lasts.push(...range.last);
  }
  return {
    table: buildRangeTable(version, Uint32Array.from(firsts), Uint32Array.from(lasts)),
    places: Int32Array.from(places),
  };
}

export function buildWireMapIndex(rows: WireMapRows): WireMapIndex {
  const { elements, responseLocations, addressRanges } = rows;
  const tables: Record<Exclude<ElementKind, 'ip-range'>, KeyTable> = {
    'switch-port': buildKeyTable(elements['switch-port'].keys),
    'switch-chassis': buildKeyTable(elements['switch-chassis'].keys),
    bssid: buildKeyTable(elements.bssid.keys),
    mac: buildKeyTable(elements.mac.keys),
  };
  const ranges = { 4: buildRanges(4, elements['ip-range'].keys), 6: buildRanges(6, elements['ip-range'].keys) };
  const ownTexts = addressRanges.map((one) => one.range);
  const own = { 4: buildRanges(4, ownTexts), 6: buildRanges(6, ownTexts) };
  const scratch = new Uint32Array(4);

  function found(kind: ElementKind, place: number | undefined): FoundElement | undefined {
    if (place === undefined || place < 0) return undefined;
    const { keys, targets } = elements[kind];
    const key = keys[place];
    const responseLocationId = responseLocations[targets[place] ?? -1];
    return key === undefined || responseLocationId === undefined ? undefined : { key, responseLocationId };
  }

  return {
    size: Object.values(elements).reduce((sum, { keys }) => sum + keys.length, 0),
    find: (kind, key) => found(kind, tables[kind].find(key)),
    findByAddress: (version, words) => found('ip-range', ranges[version].places[ranges[version].table.find(words)]),
    findWiderByAddress: (version, words) =>
      found('ip-range', ranges[version].places[ranges[version].table.findRunnerUp(words)]),
    findOwnRange(address) {
      const version = readIpWords(address, scratch);
      if (version === 0) return undefined;
      const place = own[version].places[own[version].table.find(scratch)];
      return place === undefined ? undefined : addressRanges[place];
    },
  };
}
