import { readAddressRange } from './address-range.ts';
import { hardwareText, hardwareWords, maskWords } from './bssid-mask.ts';
import { hardwareNumber } from './hardware-number.ts';
import { type IpVersion, readIpWords, WORDS_OF } from './ip-words.ts';
import { compareAddresses, openRanges, type PackedRanges, packRanges } from './range-table.ts';
import { type ElementChange, openWireMapBlock } from './wire-map-block.ts';
import { ELEMENT_KINDS, type ElementKind } from './wire-map-element.ts';

/** An element that was found: its key in words and the ERL it stands for. */
export type FoundElement = { key: string; responseLocationId: string };

export type FoundRange = { range: string; locationId: string | null };

/** Answers of one organization's wire map. */
export type WireMapIndex = {
  /** A BSSID is found by itself, then by the mask with the fewest open digits. */
  find(kind: Exclude<ElementKind, 'ip-range'>, key: string): FoundElement | undefined;
  /** `words` as readIpWords leaves them. */
  findByAddress(version: IpVersion, words: Uint32Array): FoundElement | undefined;
  /** The next wider range. */
  findWiderByAddress(version: IpVersion, words: Uint32Array): FoundElement | undefined;
  /** The range of the organization's own addresses that holds this one. */
  findOwnRange(address: string): FoundRange | undefined;
  readonly size: number;
};

/** An index over an immutable block, with what changed since the block was made laid over it. */
export type ChangeableWireMapIndex = WireMapIndex & {
  /** In force when this returns. */
  change(changes: readonly ElementChange[]): void;
  setOwnRanges(ranges: readonly FoundRange[]): void;
  /** Whether the element itself is there, not only one that holds it. */
  holds(kind: ElementKind, key: string): boolean;
  /** What is laid over the block. */
  overlay(): ElementChange[];
  readonly overlaySize: number;
  readonly block: Uint32Array;
  readonly ownRanges: readonly FoundRange[];
};

/** Chassis and port as one key; neither can hold a line break. */
export function switchPortKey(chassis: string, port: string): string {
  return `${chassis}\n${port}`;
}

type Overlay = Record<ElementKind, Map<string, string | null>>;

/** Ranges by version; `items` are what the targets lead to. */
type Ranges<Item> = Record<IpVersion, { table: PackedRanges; items: readonly Item[] }>;

function buildRanges<Item>(all: readonly Item[], textOf: (item: Item) => string): Ranges<Item> {
  const collected: Record<IpVersion, { items: Item[]; firsts: number[]; lasts: number[] }> = {
    4: { items: [], firsts: [], lasts: [] },
    6: { items: [], firsts: [], lasts: [] },
  };
  for (const item of all) {
    const range = readAddressRange(textOf(item));
    if (typeof range === 'string') continue;
    const { items, firsts, lasts } = collected[range.version];
    items.push(item);
    firsts.push(...range.first);
    lasts.push(...range.last);
  }
  const of = (version: IpVersion): Ranges<Item>[IpVersion] => {
    const { items, firsts, lasts } = collected[version];
    const places = items.map((_, place) => place);
    const words = packRanges(version, Uint32Array.from(firsts), Uint32Array.from(lasts), places);
    return { table: openRanges(version, words), items };
  };
  return { 4: of(4), 6: of(6) };
}

const NO_OVERLAY_RANGES = buildRanges<FoundElement>([], (one) => one.key);
const NO_OWN_RANGES = buildRanges<FoundRange>([], (one) => one.range);
const MASK_LEVELS = [1, 2] as const;

export function createWireMapIndex(
  words: Uint32Array,
  ranges: readonly FoundRange[] = [],
  changes: readonly ElementChange[] = [],
): ChangeableWireMapIndex {
  const base = openWireMapBlock(words);
  const overlay: Overlay = {
    'switch-port': new Map(),
    'switch-chassis': new Map(),
    bssid: new Map(),
    mac: new Map(),
    'ip-range': new Map(),
  };
  const scratch = new Uint32Array(4);
  let overlaySize = 0;
  let size = base.size;
  let overlayRanges = NO_OVERLAY_RANGES;
  let ownRanges: readonly FoundRange[] = [];
  let own = NO_OWN_RANGES;

  function inBase(kind: ElementKind, key: string): boolean {
    switch (kind) {
      case 'switch-port':
      case 'switch-chassis':
        return base.findSwitch(kind, key) !== undefined;
      case 'bssid':
      case 'mac': {
        const number = hardwareWords(key);
        return number !== undefined && base.findHardware(kind, number.high, number.low) !== undefined;
      }
      case 'ip-range': {
        const range = readAddressRange(key);
        if (typeof range === 'string') return false;
        const table = base.ranges[range.version];
        const width = WORDS_OF[range.version];
        for (let place = table.findLast(range.first); place >= 0; place = table.findLast(range.first, place)) {
          if (compareAddresses(table.first(place), 0, range.first, 0, width) !== 0) return false;
          if (compareAddresses(table.last(place), 0, range.last, 0, width) === 0) return true;
        }
        return false;
      }
    }
  }

  function findHardware(kind: 'bssid' | 'mac', key: string): FoundElement | undefined {
    const value = hardwareNumber(key);
    if (value < 0) return undefined;
    const found = findExact(kind, key, maskWords(value, 0));
    if (found !== undefined || kind === 'mac') return found;
    for (const open of MASK_LEVELS) {
      const mask = maskWords(value, open);
      const masked = findExact(kind, undefined, mask);
      if (masked !== undefined) return masked;
    }
    return undefined;
  }

  /** `key` is the text of the number where it is at hand. */
  function findExact(
    kind: 'bssid' | 'mac',
    key: string | undefined,
    { high, low }: { high: number; low: number },
  ): FoundElement | undefined {
    const changed = overlay[kind].size > 0 ? overlay[kind].get(key ?? hardwareText(high, low)) : undefined;
    const responseLocationId = changed === undefined ? base.findHardware(kind, high, low) : changed;
    if (responseLocationId === undefined || responseLocationId === null) return undefined;
    return { key: key ?? hardwareText(high, low), responseLocationId };
  }

  function findSwitch(kind: 'switch-port' | 'switch-chassis', key: string): FoundElement | undefined {
    const changed = overlay[kind].size > 0 ? overlay[kind].get(key) : undefined;
    const responseLocationId = changed === undefined ? base.findSwitch(kind, key) : changed;
    return responseLocationId === undefined || responseLocationId === null ? undefined : { key, responseLocationId };
  }

  /** The winner among ranges, or, with `skip` 1, the one after it: the better of block and overlay, step by step. */
  function findRange(version: IpVersion, address: Uint32Array, skip: 0 | 1): FoundElement | undefined {
    const width = WORDS_OF[version];
    const below = base.ranges[version];
    const above = overlayRanges[version];
    const changed = overlay['ip-range'];

    function nextInBase(before?: number): number {
      let place = below.findLast(address, before);
      while (place >= 0 && changed.size > 0 && changed.has(base.range(version, place).key)) {
        place = below.findLast(address, place);
      }
      return place;
    }

    let inBlock = nextInBase();
    let inOverlay = above.table.findLast(address);
    for (let left = skip; ; left -= 1) {
      if (inBlock < 0 && inOverlay < 0) return undefined;
      const overlayWins =
        inBlock < 0 ||
        (inOverlay >= 0 &&
          (compareAddresses(above.table.first(inOverlay), 0, below.first(inBlock), 0, width) ||
            compareAddresses(below.last(inBlock), 0, above.table.last(inOverlay), 0, width)) > 0);
      if (left === 0) {
        return overlayWins ? above.items[above.table.target(inOverlay)] : base.range(version, inBlock);
      }
      if (overlayWins) inOverlay = above.table.findLast(address, inOverlay);
      else inBlock = nextInBase(inBlock);
    }
  }

  function setOwnRanges(next: readonly FoundRange[]): void {
    ownRanges = next;
    own = next.length === 0 ? NO_OWN_RANGES : buildRanges(next, (one) => one.range);
  }

  function change(next: readonly ElementChange[]): void {
    let rangesChanged = false;
    for (const { kind, key, responseLocationId } of next) {
      const before = overlay[kind].get(key);
      const was = before === undefined ? inBase(kind, key) : before !== null;
      if (before === undefined) overlaySize += 1;
      if (was !== (responseLocationId !== null)) size += was ? -1 : 1;
      overlay[kind].set(key, responseLocationId);
      rangesChanged ||= kind === 'ip-range';
    }
    if (!rangesChanged) return;
    const present: FoundElement[] = [];
    for (const [key, responseLocationId] of overlay['ip-range']) {
      if (responseLocationId !== null) present.push({ key, responseLocationId });
    }
    overlayRanges = buildRanges(present, (one) => one.key);
  }

  setOwnRanges(ranges);
  change(changes);

  return {
    get size() {
      return size;
    },
    get overlaySize() {
      return overlaySize;
    },
    get ownRanges() {
      return ownRanges;
    },
    block: words,
    find(kind, key) {
      return kind === 'bssid' || kind === 'mac' ? findHardware(kind, key) : findSwitch(kind, key);
    },
    findByAddress: (version, address) => findRange(version, address, 0),
    findWiderByAddress: (version, address) => findRange(version, address, 1),
    findOwnRange(address) {
      const version = readIpWords(address, scratch);
      if (version === 0) return undefined;
      const { table, items } = own[version];
      const place = table.findLast(scratch);
      return place < 0 ? undefined : items[table.target(place)];
    },
    change,
    setOwnRanges,
    holds(kind, key) {
      const changed = overlay[kind].get(key);
      return changed === undefined ? inBase(kind, key) : changed !== null;
    },
    overlay: () =>
      ELEMENT_KINDS.flatMap((kind) =>
        [...overlay[kind]].map(([key, responseLocationId]) => ({ kind, key, responseLocationId })),
      ),
  };
}
