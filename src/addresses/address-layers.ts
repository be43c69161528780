import { setImmediate as nextTurn } from 'node:timers/promises';
import { INDOOR_PARTS, STREET_PARTS } from './address-feature.ts';
import { foldCity } from './fold-city.ts';
import { findSlot, type LayerBlock, letterBits } from './layer-block.ts';
import { spellingDistance } from './spelling-distance.ts';

/** A street of a layer. */
export type StreetRef = { readonly block: LayerBlock; readonly street: number };

/** Where a street is looked for: keys of postal codes and of names, each within a state (`placeKeysOf`). */
export type PlaceKeys = {
  readonly postal: readonly string[];
  readonly names: readonly string[];
  /** A part of the place that was named, such as an urbanización, in all its spellings: an area that is in another part does not fit. */
  readonly parts?: readonly string[];
};

/** How well an area fits what was asked: 2 for the postal code, 1 for the name, 3 for both, 0 for neither. */
export type AreaFit = 0 | 1 | 2 | 3;

/** Where not all were looked through, that there is one only is not known. */
export type FoundStreets = { streets: StreetRef[]; isWhole: boolean };

export type SpeltLike = FoundStreets & { scanned: number; compared: number };

/** Every address layer in force, in memory. */
export type AddressLayers = {
  readonly blocks: readonly LayerBlock[];
  /** Whether any layer has streets at one of these places. */
  covers(place: PlaceKeys): boolean;
  /** Whether a layer knows a place that has both the postal code and the name. */
  hasPlace(place: PlaceKeys): boolean;
  /** Streets of this folded key, `TX|n main st`, that have houses at the place. */
  streetsOfKey(key: string, place: PlaceKeys): StreetRef[];
  /** Streets of this bare name at the place: with every direction and type. */
  streetsOfBare(bare: string, place: PlaceKeys): FoundStreets;
  /** Streets at the place whose bare name is spelt most like `bare`; several where equally near. */
  streetsSpeltLike(bare: string, place: PlaceKeys): SpeltLike;
  fitOf(block: LayerBlock, area: number, place: PlaceKeys): AreaFit;
};

/** Places of one block; no `parts` = named, and not known there. */
type ResolvedPlace = { postal: number[]; names: number[]; parts: number[] | undefined };

/** For one question, over all layers: together less than the 5 ms for which calls may wait. */
const MOST_SCANNED = 60_000;
const MOST_COMPARED = 1_000;
const MOST_ALIKE = 8;
/** Directions and types that one name may have at a place, and in a whole state. */
const MOST_OF_NAME = 64;
const MOST_OF_NAME_SCANNED = 10_000;

function placesOf(block: LayerBlock, keys: readonly string[]): number[] {
  const found: number[] = [];
  for (const key of keys) {
    const place = findSlot(block, 'placeHash', 'placeKey', key);
    if (place >= 0) found.push(place);
  }
  return found;
}

/** Streets of a place are in ascending order. */
function isStreetOf(block: LayerBlock, street: number, place: number): boolean {
  let low = block.placeStreetStart[place] ?? 0;
  let high = (block.placeStreetStart[place + 1] ?? 0) - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = block.placeStreets[middle] ?? 0;
    if (found === street) return true;
    if (found < street) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Whether a place is what the area's own part is called, and not only its city. */
function isPartNamed(block: LayerBlock, area: number, place: number): boolean {
  return block.text(block.placeKey[place] ?? 0).endsWith(`|${foldCity(block.text(block.areaA4[area] ?? 0))}`);
}

function countBits(bits: number): number {
  let left = bits - ((bits >>> 1) & 0x55_55_55_55);
  left = (left & 0x33_33_33_33) + ((left >>> 2) & 0x33_33_33_33);
  return Math.imul((left + (left >>> 4)) & 0x0f_0f_0f_0f, 0x01_01_01_01) >>> 24;
}

const MOST_PLACES = 2 ** 24;

const AREAS_AT_ONCE = 1_000;
const pairsOfBlock = new WeakMap<LayerBlock, ReadonlySet<number>>();

function addPairs(block: LayerBlock, pairs: Set<number>, first: number, end: number): void {
  for (let area = first; area < end; area += 1) {
    const own = block.areaPlaces.subarray(block.areaPlaceStart[area], block.areaPlaceStart[area + 1]);
    for (const one of own) for (const other of own) if (one !== other) pairs.add(one * MOST_PLACES + other);
  }
}

/** Finds beforehand which places stand together in an area; calls are answered meanwhile. */
export async function prepareBlock(block: LayerBlock): Promise<void> {
  const pairs = new Set<number>();
  for (let first = 0; first < block.areaA1.length; first += AREAS_AT_ONCE) {
    addPairs(block, pairs, first, Math.min(block.areaA1.length, first + AREAS_AT_ONCE));
    await nextTurn();
  }
  pairsOfBlock.set(block, pairs);
}

/** Which places stand together in an area. */
function pairsOf(block: LayerBlock): ReadonlySet<number> {
  const known = pairsOfBlock.get(block);
  if (known) return known;
  const pairs = new Set<number>();
  addPairs(block, pairs, 0, block.areaA1.length);
  pairsOfBlock.set(block, pairs);
  return pairs;
}

export function createAddressLayers(blocks: readonly LayerBlock[]): AddressLayers {
  const pairs = blocks.map(pairsOf);
  const resolved = new WeakMap<PlaceKeys, Map<LayerBlock, ResolvedPlace>>();

  /** One question asks for its place many times. */
  function resolve(block: LayerBlock, place: PlaceKeys): ResolvedPlace {
    const known = resolved.get(place) ?? new Map<LayerBlock, ResolvedPlace>();
    resolved.set(place, known);
    const found = known.get(block) ?? {
      postal: placesOf(block, place.postal),
      names: placesOf(block, place.names),
      parts: place.parts && placesOf(block, place.parts),
    };
    known.set(block, found);
    return found;
  }

  return {
    blocks,
    covers: (place) =>
      blocks.some((block) => {
        const { postal, names } = resolve(block, place);
        return postal.length > 0 || names.length > 0;
      }),
    hasPlace: (place) =>
      blocks.some((block, index) => {
        const { postal, names } = resolve(block, place);
        return postal.some((one) => names.some((other) => pairs[index]?.has(one * MOST_PLACES + other)));
      }),
    streetsOfKey(key, place) {
      const found: StreetRef[] = [];
      for (const block of blocks) {
        const street = findSlot(block, 'streetHash', 'streetKey', key);
        if (street < 0) continue;
        const { postal, names } = resolve(block, place);
        if ([...postal, ...names].some((one) => isStreetOf(block, street, one))) found.push({ block, street });
      }
      return found;
    },
    streetsOfBare(bare, place) {
      const found: FoundStreets = { streets: [], isWhole: true };
      let scanned = 0;
      for (const block of blocks) {
        const first = findSlot(block, 'bareHash', 'streetBare', bare);
        if (first < 0) continue;
        const { postal, names } = resolve(block, place);
        const own = [...postal, ...names];
        const text = block.streetBare[first];
        for (let street = first; block.streetBare[street] === text && street < block.streets; street += 1) {
          scanned += 1;
          if (found.streets.length === MOST_OF_NAME || scanned > MOST_OF_NAME_SCANNED)
            return { ...found, isWhole: false };
          if (own.some((one) => isStreetOf(block, street, one))) found.streets.push({ block, street });
        }
      }
      return found;
    },
    streetsSpeltLike(bare, place) {
      const name = bare.slice(3);
      const result: SpeltLike = { streets: [], isWhole: true, scanned: 0, compared: 0 };
      if (name.length < 4) return result;
      let best = name.length < 8 ? 1 : 2;
      const letters = letterBits(name);
      for (const block of blocks) {
        const { postal, names } = resolve(block, place);
        const places = [...postal, ...names];
        for (const [index, one] of places.entries()) {
          const end = block.placeStreetStart[one + 1] ?? 0;
          for (let at = block.placeStreetStart[one] ?? 0; at < end; at += 1) {
            const street = block.placeStreets[at] ?? 0;
            result.scanned += 1;
            if (result.scanned > MOST_SCANNED || result.compared >= MOST_COMPARED) return { ...result, isWhole: false };
            if (countBits(letters ^ (block.streetLetters[street] ?? 0)) > best * 2) continue;
            if (places.slice(0, index).some((before) => isStreetOf(block, street, before))) continue;
            result.compared += 1;
            const distance = spellingDistance(name, block.text(block.streetBare[street] ?? 0).slice(3), best);
            if (distance > best || distance === 0) continue;
            if (distance < best) {
              result.streets = [];
              result.isWhole = true;
            }
            best = distance;
            if (result.streets.length < MOST_ALIKE) result.streets.push({ block, street });
            else result.isWhole = false;
          }
        }
      }
      return result;
    },
    fitOf(block, area, place) {
      const { postal, names, parts } = resolve(block, place);
      let fit = 0;
      let isInPart = parts === undefined || block.areaA4[area] === 0;
      const end = block.areaPlaceStart[area + 1] ?? 0;
      for (let at = block.areaPlaceStart[area] ?? 0; at < end; at += 1) {
        const own = block.areaPlaces[at] ?? 0;
        if (postal.includes(own)) fit |= 2;
        else if (names.includes(own)) fit |= 1;
        // `Urb San Juan` of the city of San Juan is one part of it.
        if (parts?.includes(own) && (!names.includes(own) || isPartNamed(block, area, own))) isInPart = true;
      }
      return (isInPart ? fit : 0) as AreaFit;
    },
  };
}

/** The parts of a street's name, as its layer writes them. */
export function streetParts({ block, street }: StreetRef): Record<(typeof STREET_PARTS)[number], string> {
  const entries = STREET_PARTS.map((part) => [part, block.text(block[`street${part}`][street] ?? 0)]);
  return Object.fromEntries(entries) as Record<(typeof STREET_PARTS)[number], string>;
}

/** What is known of the inside of the building at a point. */
export function indoorOf(block: LayerBlock, point: number): Record<(typeof INDOOR_PARTS)[number], string> {
  const values = block.text(block.pointIndoor[point] ?? 0).split('\n');
  return Object.fromEntries(INDOOR_PARTS.map((part, index) => [part, values[index] ?? ''])) as Record<
    (typeof INDOOR_PARTS)[number],
    string
  >;
}
