import type { Position } from '../domain/shape.ts';
import { INDOOR_PARTS } from './address-feature.ts';
import { type AddressLayers, type AreaFit, indoorOf, type PlaceKeys, type StreetRef } from './address-layers.ts';
import { foldCity } from './fold-city.ts';
import { DEGREE_UNITS, type LayerBlock, NO_COORDINATE, PARITY_BITS, SIDE_RIGHT } from './layer-block.ts';
import { foldAffix, foldIndoor } from './pack-layer.ts';

/** A house that is looked for on streets of one name. */
export type WantedHouse = {
  readonly number: number;
  readonly prefix: string;
  readonly suffix: string;
  readonly indoor: Readonly<Partial<Record<(typeof INDOOR_PARTS)[number], string>>>;
  readonly place: PlaceKeys;
};

/** How much of what was asked of the inside the point has: all, none asked, not in the data, or something else. */
export type IndoorMatch = 'same' | 'not-asked' | 'not-in-data' | 'other';

export type FoundPoint = {
  block: LayerBlock;
  at: number;
  street: number;
  fit: AreaFit;
  indoor: IndoorMatch;
  position: Position | undefined;
};
export type FoundRange = {
  block: LayerBlock;
  at: number;
  street: number;
  fit: AreaFit;
  position: Position | undefined;
};

export type HouseSearch = {
  point: FoundPoint | undefined;
  range: FoundRange | undefined;
  /** The other numbers there are, nearest first, with their affixes. */
  near: string[];
  /** The number is within a range of the other parity: on no side of the street. */
  isOtherParity: boolean;
  /** Points of this number that are told apart by a prefix or suffix. */
  affixes: string[];
  /** Units that the data have at this house; the first. */
  units: string[];
  /** Areas far apart that have this house equally well; the first is that of `point`. */
  ambiguous: { block: LayerBlock; area: number }[];
  /** The street has address points there, so that a missing one means something. */
  hasPoints: boolean;
  /** All that could have been meant was looked at; otherwise nothing of it is certain. */
  isWhole: boolean;
};

/** What is left of the work that one question may cost, whatever is looked for on its behalf, in steps along the ranges of a street. */
export type SearchEffort = { left: number };

/** Some milliseconds, for which calls may wait; more houses than a place has on streets of one name. */
const MOST_EFFORT = 300_000;
/** What other looks cost, in such steps: at the place of a house, at a point, at what is inside, at a range, at the names of two places. */
const PLACE_EFFORT = 8;
const POINT_EFFORT = 16;
const INDOOR_EFFORT = 40;
const RANGE_EFFORT = 64;
const NAMES_EFFORT = 200;

export function createSearchEffort(): SearchEffort {
  return { left: MOST_EFFORT };
}

const MOST_NEAR = 4;
const MOST_OF_STREET = 500;
const MOST_TRIED = 2_000;
/** Of what a person is to choose from. */
const MOST_TOLD = 10;

export function positionOf(block: LayerBlock, at: number): Position | undefined {
  const latitude = block.pointLatitude[at] ?? NO_COORDINATE;
  if (latitude === NO_COORDINATE) return undefined;
  return { latitude: (latitude | 0) / DEGREE_UNITS, longitude: ((block.pointLongitude[at] ?? 0) | 0) / DEGREE_UNITS };
}

/** The first point of a street whose number is not below. */
function firstPoint(block: LayerBlock, street: number, number: number): number {
  let low = block.streetPointStart[street] ?? 0;
  let high = block.streetPointStart[street + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((block.pointNumber[middle] ?? 0) < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

const NOTHING_KNOWN = { BLD: '', FLR: '', UNIT: '', ROOM: '', SEAT: '' } as const;

type IndoorPart = (typeof INDOOR_PARTS)[number];

/** What was asked of the inside, part by part, as it is compared. */
type AskedIndoor = readonly { part: IndoorPart; folded: string }[];

function askedIndoor(wanted: WantedHouse['indoor']): AskedIndoor {
  return INDOOR_PARTS.flatMap((part) => (wanted[part] ? [{ part, folded: foldIndoor(wanted[part]) }] : []));
}

function compareIndoor(known: Readonly<Record<IndoorPart, string>>, asked: AskedIndoor): IndoorMatch {
  if (asked.length === 0) return 'not-asked';
  let match: IndoorMatch = 'not-in-data';
  for (const { part, folded } of asked) {
    // `Suite 200` is a unit to some and a room to others.
    const have = known[part] || (part === 'UNIT' ? known.ROOM : part === 'ROOM' ? known.UNIT : '');
    if (have === '') continue;
    if (foldIndoor(have) !== folded) return 'other';
    match = 'same';
  }
  return match;
}

const INDOOR_RANK: Readonly<Record<IndoorMatch, number>> = { same: 3, 'not-asked': 2, 'not-in-data': 1, other: 0 };

/**
 * Postal code and name together say more than either; one alone against the other decides nothing: of `100 Main St, Irving
 * 75201` the street of that name in Irving is meant, or the one at 75201.
 */
function standingOf({ fit }: { fit: AreaFit }): number {
  return fit === 3 ? 2 : fit === 0 ? 0 : 1;
}

function rankOf(one: FoundPoint): number {
  return standingOf(one) * 4 + INDOOR_RANK[one.indoor];
}

function isBetter(one: FoundPoint, than: FoundPoint | undefined, block: LayerBlock): boolean {
  if (than === undefined) return true;
  if (rankOf(one) !== rankOf(than)) return rankOf(one) > rankOf(than);
  if (one.fit !== than.fit) return one.fit > than.fit;
  // The house before one of its units.
  return one.indoor === 'not-asked' && block.pointIndoor[one.at] === 0 && than.block.pointIndoor[than.at] !== 0;
}

function fitsRange(flags: number, number: number): boolean {
  const parity = flags & 3;
  return parity === PARITY_BITS.B || (parity === PARITY_BITS.O) === (number % 2 === 1);
}

const METERS_PER_DEGREE = 111_195;
/** How far houses stand from the middle of their street. */
const OFFSET_METERS = 12;

/** The place along a line at `share` of its length, beside it on the side of the range. */
export function alongLine(block: LayerBlock, range: number, number: number): Position | undefined {
  const line = block.rangeLine[range] ?? 0;
  const start = block.lineStart[line] ?? 0;
  const end = block.lineStart[line + 1] ?? 0;
  if (end - start < 2) return undefined;
  const latitudeAt = (at: number): number => ((block.vertexLatitude[at] ?? 0) | 0) / DEGREE_UNITS;
  const longitudeAt = (at: number): number => ((block.vertexLongitude[at] ?? 0) | 0) / DEGREE_UNITS;
  const narrow = Math.cos((latitudeAt(start) * Math.PI) / 180);
  const lengthOf = (at: number): number =>
    Math.hypot(latitudeAt(at + 1) - latitudeAt(at), (longitudeAt(at + 1) - longitudeAt(at)) * narrow);
  let whole = 0;
  for (let at = start; at < end - 1; at += 1) whole += lengthOf(at);
  const from = block.rangeFrom[range] ?? 0;
  const to = block.rangeTo[range] ?? 0;
  // The first and the last house stand a little way from the crossings.
  const share = 0.05 + 0.9 * (from === to ? 0.5 : (number - from) / (to - from));
  let left = whole * Math.min(1, Math.max(0, share));
  for (let at = start; at < end - 1; at += 1) {
    const length = lengthOf(at);
    if (left > length && at < end - 2) {
      left -= length;
      continue;
    }
    const part = length === 0 ? 0 : Math.min(1, left / length);
    const north = latitudeAt(at + 1) - latitudeAt(at);
    const east = (longitudeAt(at + 1) - longitudeAt(at)) * narrow;
    const side = ((block.rangeFlags[range] ?? 0) & SIDE_RIGHT) === 0 ? -1 : 1;
    const offset = length === 0 ? 0 : (side * OFFSET_METERS) / METERS_PER_DEGREE / length;
    return {
      latitude: latitudeAt(at) + north * part - east * offset,
      longitude: longitudeAt(at) + (east * part + north * offset) / (narrow || 1),
    };
  }
  return undefined;
}

const FAR_METERS = 500;
/** A hospital or a campus has one address for all its houses. */
const CAMPUS_METERS = 2_000;
/** Urbanizaciones are neighbours, and each has its Calle A: another part is another house where it is not the same door. */
const SAME_DOOR_METERS = 60;

type Spot = { block: LayerBlock; area: number; position: Position | undefined };

function metersBetween(a: Position, b: Position): number {
  const north = a.latitude - b.latitude;
  const east = (a.longitude - b.longitude) * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east) * METERS_PER_DEGREE;
}

function saysOtherwise(a: Spot, b: Spot, column: 'areaA3' | 'areaA4' | 'areaPC'): boolean {
  const ownText = a.block[column][a.area] ?? 0;
  const otherText = b.block[column][b.area] ?? 0;
  if (a.block === b.block && ownText === otherText) return false;
  const one = foldCity(a.block.text(ownText));
  const other = foldCity(b.block.text(otherText));
  return one !== '' && other !== '' && one !== other;
}

/** Whether two finds of one address cannot be one house: by their distance, or where that is not known, by their names. */
function isElsewhere(a: Spot, b: Spot, effort: SearchEffort): boolean {
  const meters = a.position && b.position ? metersBetween(a.position, b.position) : undefined;
  const isSameArea = a.block === b.block && a.area === b.area;
  if (meters !== undefined && meters > (isSameArea ? CAMPUS_METERS : FAR_METERS)) return true;
  if (isSameArea || (meters !== undefined && meters <= SAME_DOOR_METERS)) return false;
  effort.left -= NAMES_EFFORT;
  return (meters === undefined ? (['areaA3', 'areaA4', 'areaPC'] as const) : (['areaA4'] as const)).some((one) =>
    saysOtherwise(a, b, one),
  );
}

function spotOfPoint({ block, at, position }: FoundPoint): Spot {
  return { block, area: block.pointArea[at] ?? 0, position };
}

function spotOfRange({ block, at, position }: FoundRange): Spot {
  return { block, area: block.rangeArea[at] ?? 0, position };
}

/** `A-12` and `A12` are one house; `37-10` and `3710` are two. */
function isSameAffix(one: string, other: string): boolean {
  return one === other || one.replace(/^(\p{L}+)-/u, '$1') === other.replace(/^(\p{L}+)-/u, '$1');
}

function writeAffixed(number: number, affix: string): string {
  const [prefix = '', suffix = ''] = affix.split('|');
  return `${prefix}${number}${suffix.length > 1 ? ` ${suffix}` : suffix}`;
}

/** Looks for a house on streets of one name: as an address point, and within the ranges of the road; then what is near it. */
export function findHouse(
  layers: AddressLayers,
  streets: readonly StreetRef[],
  wanted: WantedHouse,
  effort: SearchEffort,
): HouseSearch {
  const affix = foldAffix(wanted.prefix, wanted.suffix);
  const prefix = foldAffix(wanted.prefix, '');
  const asked = askedIndoor(wanted.indoor);
  const search: HouseSearch = {
    point: undefined,
    range: undefined,
    near: [],
    isOtherParity: false,
    affixes: [],
    units: [],
    ambiguous: [],
    hasPoints: false,
    isWhole: true,
  };
  const near = new Map<string, number>();
  let rivalRanges: { block: LayerBlock; area: number }[] = [];
  for (const { block, street } of streets) searchPoints(block, street);
  for (const { block, street } of streets) searchRanges(block, street);
  search.isOtherParity &&= search.range === undefined;
  for (const { block, street } of streets) {
    if (search.point === undefined) nearPoints(block, street);
    if (search.range === undefined) nearRanges(block, street);
  }
  settleRivals();
  search.near = [...near]
    .sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_NEAR)
    .map(([text]) => text);
  return search;

  function noteNear(number: number, text: string): void {
    if (number > 0)
      near.set(text, Math.min(near.get(text) ?? Number.POSITIVE_INFINITY, Math.abs(number - wanted.number)));
  }

  /** No more can be looked at, and so what was looked for is not certain. */
  function isCutShort(): boolean {
    if (effort.left > 0) return false;
    search.isWhole = false;
    return true;
  }

  function fitAt(block: LayerBlock, area: number): AreaFit {
    effort.left -= PLACE_EFFORT;
    return layers.fitOf(block, area, wanted.place);
  }

  function searchPoints(block: LayerBlock, street: number): void {
    const end = block.streetPointStart[street + 1] ?? 0;
    for (let at = firstPoint(block, street, wanted.number); at < end; at += 1) {
      if (block.pointNumber[at] !== wanted.number || isCutShort()) return;
      const fit = fitAt(block, block.pointArea[at] ?? 0);
      if (fit === 0) continue;
      search.hasPoints = true;
      effort.left -= POINT_EFFORT;
      const own = block.text(block.pointAffix[at] ?? 0);
      if (!isSameAffix(own, affix)) {
        if (search.affixes.length < MOST_TOLD && !search.affixes.includes(own)) search.affixes.push(own);
        continue;
      }
      const isOfUse = asked.length > 0 || search.units.length < MOST_TOLD;
      const known = isOfUse ? indoorOf(block, at) : NOTHING_KNOWN;
      const indoor = compareIndoor(known, asked);
      effort.left -= asked.length * INDOOR_EFFORT;
      if (known.UNIT !== '' && search.units.length < MOST_TOLD && !search.units.includes(known.UNIT))
        search.units.push(known.UNIT);
      const found: FoundPoint = { block, at, street, fit, indoor, position: positionOf(block, at) };
      noteEqual(found);
      if (isBetter(found, search.point, block)) search.point = found;
    }
  }

  /** Neighbours on both sides, as far as they lie at the place. */
  function nearPoints(block: LayerBlock, street: number): void {
    const start = block.streetPointStart[street] ?? 0;
    const end = block.streetPointStart[street + 1] ?? 0;
    const first = firstPoint(block, street, wanted.number);
    for (const step of [-1, 1]) {
      let taken = 0;
      for (
        let at = step < 0 ? first - 1 : first, tried = 0;
        at >= start && at < end && taken < MOST_NEAR && tried < MOST_TRIED && effort.left > 0;
        at += step, tried += 1
      ) {
        const number = block.pointNumber[at] ?? 0;
        if (number === wanted.number || fitAt(block, block.pointArea[at] ?? 0) === 0) continue;
        search.hasPoints = true;
        noteNear(number, writeAffixed(number, block.text(block.pointAffix[at] ?? 0)));
        taken += 1;
      }
    }
  }

  /** A house that fits as well as the best so far, but stands elsewhere. */
  function noteEqual(found: FoundPoint): void {
    const best = search.point;
    const spot = spotOfPoint(found);
    if (best === undefined || rankOf(found) > rankOf(best)) search.ambiguous = [spot];
    else if (rankOf(found) === rankOf(best) && isElsewhere(spot, spotOfPoint(best), effort)) {
      addRival(search.ambiguous, spot);
    }
  }

  function addRival(rivals: { block: LayerBlock; area: number }[], { block, area }: Spot): void {
    if (rivals.length === MOST_TOLD) return;
    if (rivals.every((one) => one.block !== block || one.area !== area) || rivals.length === 1) {
      rivals.push({ block, area });
    }
  }

  /** What is decided between a point and a range, and which of them have rivals. */
  function settleRivals(): void {
    const { point, range } = search;
    if (point && range && standingOf(range) > standingOf(point)) {
      // That point is a house of the same name at another place.
      search.point = undefined;
      search.ambiguous = rivalRanges;
    } else if (point === undefined) {
      search.ambiguous = rivalRanges;
    } else if (range && standingOf(range) === standingOf(point) && range.fit !== point.fit) {
      const spot = spotOfRange(range);
      if (isElsewhere(spot, spotOfPoint(point), effort)) addRival(search.ambiguous, spot);
    }
  }

  function takeRange(found: FoundRange): void {
    const best = search.range;
    const spot = spotOfRange(found);
    if (best === undefined || standingOf(found) > standingOf(best)) rivalRanges = [spot];
    else if (standingOf(found) === standingOf(best) && isElsewhere(spot, spotOfRange(best), effort)) {
      addRival(rivalRanges, spot);
    }
    const isFirst = best === undefined;
    if (isFirst || standingOf(found) > standingOf(best) || found.fit > best.fit) search.range = found;
  }

  function searchRanges(block: LayerBlock, street: number): void {
    const end = block.streetRangeStart[street + 1] ?? 0;
    for (let at = block.streetRangeStart[street] ?? 0; at < end; at += 1) {
      const from = block.rangeFrom[at] ?? 0;
      const to = block.rangeTo[at] ?? 0;
      // They stand in the order of their lower ends.
      if (Math.min(from, to) > wanted.number || isCutShort()) return;
      effort.left -= 1;
      if (Math.max(from, to) >= wanted.number) lookWithin(block, street, at, from, to);
    }
  }

  function isAt(block: LayerBlock, at: number): AreaFit {
    if (!isSameAffix(block.text(block.rangePrefix[at] ?? 0), prefix)) return 0;
    return fitAt(block, block.rangeArea[at] ?? 0);
  }

  function lookWithin(block: LayerBlock, street: number, at: number, from: number, to: number): void {
    const fit = isAt(block, at);
    if (fit === 0) return;
    if (fitsRange(block.rangeFlags[at] ?? 0, wanted.number)) {
      effort.left -= RANGE_EFFORT + lineLength(block, at);
      takeRange({ block, at, street, fit, position: alongLine(block, at, wanted.number) });
      return;
    }
    search.isOtherParity = true;
    for (const number of [wanted.number - 1, wanted.number + 1]) {
      if (number >= Math.min(from, to) && number <= Math.max(from, to)) noteNear(number, String(number));
    }
  }

  /** The nearest ends of ranges below and above the number. */
  function nearRanges(block: LayerBlock, street: number): void {
    const start = block.streetRangeStart[street] ?? 0;
    const end = block.streetRangeStart[street + 1] ?? 0;
    const beyond = firstRangeBeyond(block, start, end, wanted.number);
    walkRanges(block, beyond - 1, -1, start);
    walkRanges(block, beyond, 1, end - 1);
  }

  function walkRanges(block: LayerBlock, first: number, step: -1 | 1, last: number): void {
    for (
      let at = first, tried = 0;
      (last - at) * step >= 0 && tried < MOST_TRIED && effort.left > 0;
      at += step, tried += 1
    ) {
      effort.left -= 1;
      const low = Math.min(block.rangeFrom[at] ?? 0, block.rangeTo[at] ?? 0);
      const high = Math.max(block.rangeFrom[at] ?? 0, block.rangeTo[at] ?? 0);
      if ((low <= wanted.number && high >= wanted.number) || isAt(block, at) === 0) continue;
      const end = wanted.number < low ? low : high;
      const fitting = fitsRange(block.rangeFlags[at] ?? 0, end) ? end : end === low ? low + 1 : high - 1;
      noteNear(fitting, writeAffixed(fitting, prefix));
    }
  }
}

/** The first range of a street whose lower end is above a number. */
function firstRangeBeyond(block: LayerBlock, start: number, end: number, number: number): number {
  let [low, high] = [start, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Math.min(block.rangeFrom[middle] ?? 0, block.rangeTo[middle] ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Corners of the line of a range. */
function lineLength(block: LayerBlock, range: number): number {
  const line = block.rangeLine[range] ?? 0;
  return (block.lineStart[line + 1] ?? 0) - (block.lineStart[line] ?? 0);
}

/** The middle of what a street has at a place; undefined where nothing of it is placed. */
export function streetMiddle(
  layers: AddressLayers,
  streets: readonly StreetRef[],
  place: PlaceKeys,
  effort: SearchEffort,
): Position | undefined {
  const found: Position[] = [];
  const isAt = (block: LayerBlock, area: number): boolean => {
    effort.left -= PLACE_EFFORT;
    return layers.fitOf(block, area, place) !== 0;
  };
  const isEnough = (): boolean => found.length >= MOST_OF_STREET || effort.left <= 0;
  for (const { block, street } of streets) {
    const lastRange = block.streetRangeStart[street + 1] ?? 0;
    for (let at = block.streetRangeStart[street] ?? 0; at < lastRange && !isEnough(); at += 1) {
      if (!isAt(block, block.rangeArea[at] ?? 0)) continue;
      effort.left -= lineLength(block, at);
      const position = alongLine(block, at, ((block.rangeFrom[at] ?? 0) + (block.rangeTo[at] ?? 0)) / 2);
      if (position) found.push(position);
    }
    const lastPoint = block.streetPointStart[street + 1] ?? 0;
    for (let at = block.streetPointStart[street] ?? 0; at < lastPoint && !isEnough(); at += 1) {
      if (!isAt(block, block.pointArea[at] ?? 0)) continue;
      const position = positionOf(block, at);
      if (position) found.push(position);
    }
  }
  if (found.length === 0) return undefined;
  // One of them, not their average: a street that bends has no house in its middle.
  found.sort((a, b) => a.latitude + a.longitude - (b.latitude + b.longitude));
  return found[found.length >> 1];
}
