import {
  INDOOR_PARTS,
  type LayerArea,
  type LayerPoint,
  type LayerRoad,
  type LayerStreet,
  STREET_PARTS,
} from './address-feature.ts';
import { foldCity } from './fold-city.ts';
import { foldStreet } from './fold-street.ts';
import {
  type BlockColumn,
  DEGREE_UNITS,
  hashText,
  letterBits,
  NO_COORDINATE,
  PARITY_BITS,
  SIDE_RIGHT,
  slotsFor,
  writeBlock,
} from './layer-block.ts';
import type { LayerLint } from './layer-lint.ts';

/** Makes a block out of the addresses of a layer. */
export type LayerPacker = {
  add(address: LayerPoint | LayerRoad): void;
  /** The block, and a line `id TAB hash` for each feature, by which two versions of a layer are compared. */
  finish(source: string): {
    bytes: Uint8Array;
    digest: string[];
    points: number;
    ranges: number;
    streets: number;
    states: string[];
  };
};

/** Words that grow. */
class Column {
  words = new Uint32Array(1_024);
  length = 0;

  push(word: number): void {
    if (this.length === this.words.length) {
      const grown = new Uint32Array(this.words.length * 2);
      grown.set(this.words);
      this.words = grown;
    }
    this.words[this.length] = word;
    this.length += 1;
  }

  at(index: number): number {
    return this.words[index] ?? 0;
  }

  done(): Uint32Array {
    return this.words.slice(0, this.length);
  }

  inOrder(order: Uint32Array): Uint32Array {
    return order.map((index) => this.at(index));
  }
}

/** Interns texts by number; 0 is the empty one. */
function createTexts() {
  const numbers = new Map<string, number>([['', 0]]);
  return {
    number(text: string): number {
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, numbers.size);
      return numbers.size - 1;
    },
    done(): { bytes: Uint8Array; ends: Uint32Array } {
      const ends = new Uint32Array(numbers.size);
      const pieces: Buffer[] = [];
      let at = 0;
      let index = 0;
      for (const text of numbers.keys()) {
        const piece = Buffer.from(text, 'utf8');
        pieces.push(piece);
        at += piece.length;
        ends[index] = at;
        index += 1;
      }
      return { bytes: Buffer.concat(pieces), ends };
    },
  };
}

/** Prefix and suffix of a house number as they are compared: `12 1/2`, `12½` and `12-½` have one. */
export function foldAffix(prefix: string, suffix: string): string {
  const tidy = (text: string): string =>
    text
      .normalize('NFKC')
      .replaceAll('⁄', '/')
      .replaceAll(/[\s.]+/g, '')
      .toUpperCase();
  const folded = `${tidy(prefix)}|${tidy(suffix).replace(/^-/, '')}`;
  return folded === '|' ? '' : folded;
}

/** What is compared of a place inside a building. */
export function foldIndoor(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '')
    .replace(/^0+(?=\d)/, '');
}

/** The keys under which an area's streets are found: postal code and every name of it, in its state. */
export function placeKeysOf(area: LayerArea): string[] {
  const { A1 } = area;
  const keys = new Set<string>();
  if (area.PC !== '') {
    keys.add(`${A1}#${area.PC}`);
    if (area.country === 'CA') keys.add(`${A1}#${area.PC.slice(0, 3)}`);
  }
  for (const name of [area.A3, area.A4, area.A5, area.PCN, area.MSAG]) {
    const folded = foldCity(name);
    if (folded !== '') keys.add(`${A1}|${folded}`);
  }
  return [...keys];
}

export function streetText(street: LayerStreet): string {
  return STREET_PARTS.map((part) => street[part])
    .filter(Boolean)
    .join(' ');
}

function hashTable(keys: readonly string[]): Uint32Array {
  const slots = new Uint32Array(slotsFor(keys.length));
  const mask = slots.length - 1;
  const seen = new Set<string>();
  for (const [entry, key] of keys.entries()) {
    if (seen.has(key)) continue;
    seen.add(key);
    let at = hashText(key) & mask;
    while (slots[at] !== 0) at = (at + 1) & mask;
    slots[at] = entry + 1;
  }
  return slots;
}

function unitsOf(degrees: number | undefined): number {
  return degrees === undefined ? NO_COORDINATE : Math.round(degrees * DEGREE_UNITS) >>> 0;
}

export function createLayerPacker(lint: LayerLint): LayerPacker {
  const texts = createTexts();
  const streets = new Map<
    string,
    { key: string; bare: string; parts: LayerStreet; number: number; places: Set<number> }
  >();
  const areas = new Map<string, { area: LayerArea; number: number; places: number[] }>();
  const places = new Map<string, number>();
  const ids = new Map<string, string>();
  const point = {
    street: new Column(),
    number: new Column(),
    affix: new Column(),
    indoor: new Column(),
    area: new Column(),
    latitude: new Column(),
    longitude: new Column(),
  };
  const range = {
    street: new Column(),
    from: new Column(),
    to: new Column(),
    flags: new Column(),
    prefix: new Column(),
    area: new Column(),
    line: new Column(),
  };
  const lineStart = new Column();
  const latitudes = new Column();
  const longitudes = new Column();
  lineStart.push(0);

  function areaOf(area: LayerArea): { number: number; places: number[] } {
    const key = [area.A1, area.A2, area.A3, area.A4, area.A5, area.PC, area.PCN, area.MSAG, area.ESN].join('\n');
    const known = areas.get(key);
    if (known) return known;
    const own = placeKeysOf(area).map((place) => {
      const found = places.get(place) ?? places.size;
      places.set(place, found);
      return found;
    });
    const made = { area, number: areas.size, places: own };
    areas.set(key, made);
    return made;
  }

  function streetOf(parts: LayerStreet, area: { area?: LayerArea; places: number[] }, A1: string): number {
    const key = `${A1}|${foldStreet(streetText(parts))}`;
    let street = streets.get(key);
    if (!street) {
      street = { key, bare: `${A1}|${foldStreet(parts.RD)}`, parts, number: streets.size, places: new Set() };
      streets.set(key, street);
    }
    for (const place of area.places) street.places.add(place);
    return street.number;
  }

  function remember(id: string, content: unknown): void {
    const text = JSON.stringify(content);
    const hash = `${hashText(text).toString(16)}${hashText(`${text.length}${text}`).toString(16)}`;
    const known = ids.get(id);
    if (known !== undefined) {
      lint.note('duplicate-id', id, 'the id occurs more than once');
      ids.set(id, `${known}+${hash}`);
      return;
    }
    ids.set(id, hash);
  }

  function addPoint(one: LayerPoint): void {
    const area = areaOf(one.area);
    point.street.push(streetOf(one.street, area, one.area.A1));
    point.number.push(one.HNO);
    point.affix.push(texts.number(foldAffix(one.HNP, one.HNS)));
    const indoor = INDOOR_PARTS.map((part) => one.indoor[part]);
    point.indoor.push(texts.number(indoor.some(Boolean) ? indoor.join('\n') : ''));
    point.area.push(area.number);
    point.latitude.push(unitsOf(one.position?.latitude));
    point.longitude.push(unitsOf(one.position?.longitude));
  }

  function addRoad(one: LayerRoad): void {
    const line = lineStart.length - 1;
    for (const { latitude, longitude } of one.line) {
      latitudes.push(unitsOf(latitude));
      longitudes.push(unitsOf(longitude));
    }
    lineStart.push(latitudes.length);
    for (const side of one.sides) {
      const area = areaOf(side.area);
      range.street.push(streetOf(one.street, area, side.area.A1));
      range.from.push(side.from);
      range.to.push(side.to);
      range.flags.push(PARITY_BITS[side.parity] + (side.side === 'R' ? SIDE_RIGHT : 0));
      range.prefix.push(texts.number(foldAffix(side.HNP, '')));
      range.area.push(area.number);
      range.line.push(line);
    }
  }

  /** Rows in the order of their streets and numbers, and where each street's begin. */
  function arrange(
    street: Column,
    number: (index: number) => number,
    rankOf: Uint32Array,
  ): { order: Uint32Array; starts: Uint32Array } {
    const count = street.length;
    const order = new Uint32Array(count).map((_, index) => index);
    order.sort((a, b) => (rankOf[street.at(a)] ?? 0) - (rankOf[street.at(b)] ?? 0) || number(a) - number(b) || a - b);
    const starts = new Uint32Array(rankOf.length + 1);
    for (let index = 0; index < count; index += 1) {
      const next = (rankOf[street.at(index)] ?? 0) + 1;
      starts[next] = (starts[next] ?? 0) + 1;
    }
    for (let index = 1; index < starts.length; index += 1)
      starts[index] = (starts[index] ?? 0) + (starts[index - 1] ?? 0);
    return { order, starts };
  }

  function lintPoints(columns: Record<string, Uint32Array>, starts: Uint32Array, keys: readonly string[]): void {
    for (const [street, key] of keys.entries()) {
      const seen = new Set<string>();
      for (let at = starts[street] ?? 0; at < (starts[street + 1] ?? 0); at += 1) {
        const same = [
          columns['pointNumber']?.[at],
          columns['pointAffix']?.[at],
          columns['pointIndoor']?.[at],
          columns['pointArea']?.[at],
        ].join();
        if (seen.has(same))
          lint.note(
            'duplicate-address',
            `${columns['pointNumber']?.[at] ?? ''} ${key}`,
            'more than one point has this address',
          );
        seen.add(same);
      }
    }
  }

  function lintRanges(order: Uint32Array, keys: readonly string[], rankOf: Uint32Array): void {
    let last: { street: number; high: number; flags: number; area: number }[] = [];
    let current = -1;
    for (const index of order) {
      const street = rankOf[range.street.at(index)] ?? 0;
      if (street !== current) last = [];
      current = street;
      const low = Math.min(range.from.at(index), range.to.at(index));
      const high = Math.max(range.from.at(index), range.to.at(index));
      const flags = range.flags.at(index) & 3;
      const area = range.area.at(index);
      const prefix = range.prefix.at(index);
      const before = last.find(
        (one) => one.area === area && one.street === prefix && (one.flags === flags || one.flags === 0 || flags === 0),
      );
      if (before && before.high >= low)
        lint.note('range-overlap', `${low}-${high} ${keys[street] ?? ''}`, `overlaps numbers up to ${before.high}`);
      if (before) before.high = Math.max(before.high, high);
      else last.push({ street: prefix, high, flags, area });
    }
  }

  return {
    add(one) {
      remember(one.id, one);
      if (one.kind === 'point') addPoint(one);
      else addRoad(one);
    },
    finish(source) {
      const sorted = [...streets.values()].sort((a, b) =>
        a.bare < b.bare ? -1 : a.bare > b.bare ? 1 : a.key < b.key ? -1 : 1,
      );
      const rankOf = new Uint32Array(sorted.length);
      for (const [rank, { number }] of sorted.entries()) rankOf[number] = rank;
      const keys = sorted.map(({ key }) => key);
      const pointOrder = arrange(point.street, (index) => point.number.at(index), rankOf);
      const rangeOrder = arrange(range.street, (index) => Math.min(range.from.at(index), range.to.at(index)), rankOf);
      const streetsOfPlace: number[][] = Array.from({ length: places.size }, () => []);
      for (const [rank, { places: own }] of sorted.entries())
        for (const place of own) streetsOfPlace[place]?.push(rank);
      const areaList = [...areas.values()];
      const textColumn = (list: readonly string[]): Uint32Array => Uint32Array.from(list, (text) => texts.number(text));
      const starts = (lists: readonly (readonly number[])[]): Uint32Array => {
        const made = new Uint32Array(lists.length + 1);
        for (const [index, list] of lists.entries()) made[index + 1] = (made[index] ?? 0) + list.length;
        return made;
      };
      const areaText = (name: 'A1' | 'A2' | 'A3' | 'A4' | 'PC' | 'PCN' | 'MSAG' | 'ESN'): Uint32Array =>
        textColumn(areaList.map(({ area }) => area[name]));
      const streetTexts = (part: (typeof STREET_PARTS)[number]): Uint32Array =>
        textColumn(sorted.map(({ parts }) => parts[part]));
      const columns: Omit<Record<BlockColumn, Uint32Array>, 'textEnds'> = {
        placeKey: textColumn([...places.keys()]),
        placeStreetStart: starts(streetsOfPlace),
        placeStreets: Uint32Array.from(streetsOfPlace.flat()),
        placeHash: hashTable([...places.keys()]),
        areaA1: areaText('A1'),
        areaA2: areaText('A2'),
        areaA3: areaText('A3'),
        areaA4: areaText('A4'),
        areaPC: areaText('PC'),
        areaPCN: areaText('PCN'),
        areaMSAG: areaText('MSAG'),
        areaESN: areaText('ESN'),
        areaPlaceStart: starts(areaList.map((one) => one.places)),
        areaPlaces: Uint32Array.from(areaList.flatMap((one) => one.places)),
        streetPRM: streetTexts('PRM'),
        streetPRD: streetTexts('PRD'),
        streetSTP: streetTexts('STP'),
        streetRD: streetTexts('RD'),
        streetSTS: streetTexts('STS'),
        streetPOD: streetTexts('POD'),
        streetPOM: streetTexts('POM'),
        streetKey: textColumn(keys),
        streetBare: textColumn(sorted.map(({ bare }) => bare)),
        streetLetters: Uint32Array.from(sorted, ({ bare }) => letterBits(bare.slice(3))),
        streetPointStart: pointOrder.starts,
        streetRangeStart: rangeOrder.starts,
        streetHash: hashTable(keys),
        bareHash: hashTable(sorted.map(({ bare }) => bare)),
        pointNumber: point.number.inOrder(pointOrder.order),
        pointAffix: point.affix.inOrder(pointOrder.order),
        pointIndoor: point.indoor.inOrder(pointOrder.order),
        pointArea: point.area.inOrder(pointOrder.order),
        pointLatitude: point.latitude.inOrder(pointOrder.order),
        pointLongitude: point.longitude.inOrder(pointOrder.order),
        rangeFrom: range.from.inOrder(rangeOrder.order),
        rangeTo: range.to.inOrder(rangeOrder.order),
        rangeFlags: range.flags.inOrder(rangeOrder.order),
        rangePrefix: range.prefix.inOrder(rangeOrder.order),
        rangeArea: range.area.inOrder(rangeOrder.order),
        rangeLine: range.line.inOrder(rangeOrder.order),
        lineStart: lineStart.done(),
        vertexLatitude: latitudes.done(),
        vertexLongitude: longitudes.done(),
      };
      lintPoints(columns, pointOrder.starts, keys);
      lintRanges(rangeOrder.order, keys, rankOf);
      const states = [...new Set(areaList.map(({ area }) => area.A1))].sort();
      const { bytes, ends } = texts.done();
      return {
        bytes: writeBlock({ states, source }, bytes, { ...columns, textEnds: ends }),
        digest: [...ids].map(([id, hash]) => `${id}\t${hash}`).sort(),
        points: point.number.length,
        ranges: range.from.length,
        streets: sorted.length,
        states,
      };
    },
  };
}
