import type { CivicAddress } from '../domain/civic-address.ts';
import type { Region } from '../domain/regions.ts';
import type { Position } from '../domain/shape.ts';
import { type AddressDraft, quoted } from './address-draft.ts';
import type { INDOOR_PARTS } from './address-feature.ts';
import { type AddressLayers, indoorOf, type PlaceKeys, type StreetRef, streetParts } from './address-layers.ts';
import { createSearchEffort, findHouse, type HouseSearch, streetMiddle } from './find-house.ts';
import { areaVariants, cityVariants, foldCity } from './fold-city.ts';
import { foldElement, foldStreet } from './fold-street.ts';
import type { LayerBlock } from './layer-block.ts';
import { streetText } from './pack-layer.ts';
import { writeHouseNumber } from './postal-from-text.ts';
import { splitSecondLine, splitStreetLine } from './split-street-line.ts';
import { looseRoadVariants, streetVariants } from './street-variants.ts';

/** How a place was found: the address point itself, along the range of its road, or somewhere on its street. */
export type LayerPrecision = 'point' | 'interpolated' | 'street';

/** What the data call the place beside what the address calls it. */
export type LayerNames = {
  readonly A2?: string;
  readonly A3?: string;
  readonly PCN?: string;
  readonly MSAG?: string;
  readonly ESN?: string;
};

export type LayerCheck = {
  /** Deepest level of the data that the address reaches; undefined where no layer covers the place. */
  level: 'point' | 'street' | undefined;
  covered: boolean;
  position: { position: Position; precision: LayerPrecision } | undefined;
  names: LayerNames | undefined;
  /** The layers that know the place. */
  sources: string[];
  /** Elements that were given and that no layer could say anything about. */
  unchecked: ('UNIT' | 'FLR' | 'ROOM' | 'BLD' | 'SEAT')[];
};

/** Streets of one name and what was found on them. */
type FoundGroup = { group: readonly StreetRef[]; search: HouseSearch };

/** Streets that a person is to choose from. */
const MOST_SUGGESTED = 10;

const INSIDE = [
  ['UNIT', 'Unit'],
  ['FLR', 'Floor'],
  ['ROOM', 'Room'],
  ['BLD', 'Bldg'],
  ['SEAT', 'Seat'],
] as const;

type Indoor = Partial<Record<(typeof INDOOR_PARTS)[number], string>>;

/** The keys of the places that an address may mean. */
export function placeKeys({ code, country }: Region, city: string, postalCode: string, part = ''): PlaceKeys {
  const folded = foldCity(city);
  const names = folded === '' ? [] : [folded, ...cityVariants(folded)];
  const postal = country === 'US' ? [postalCode.slice(0, 5)] : [postalCode, postalCode.slice(0, 3)];
  const parts = areaVariants(part);
  return {
    postal: postal.filter(Boolean).map((one) => `${code}#${one}`),
    names: names.map((name) => `${code}|${name}`),
    ...(parts.length > 0 && { parts: parts.map((name) => `${code}|${name}`) }),
  };
}

/** Capitals only is how layers write; people do not. */
function tidyCase(text: string): string {
  if (text !== text.toUpperCase()) return text;
  return text
    .toLowerCase()
    .replaceAll(/(?<![\p{L}\p{N}'])\p{L}/gu, (letter) => letter.toUpperCase())
    .replaceAll(/\b(?:Ne|Nw|Se|Sw)\b/g, (word) => word.toUpperCase());
}

function nameOf(street: StreetRef): string {
  return tidyCase(streetText(streetParts(street)));
}

/** What differs between the street as written and the one in the data, in words. */
function differenceOf(civic: CivicAddress, street: StreetRef, isMisspelt: boolean): string {
  if (isMisspelt) return 'the spelling';
  const parts = streetParts(street);
  const directions = (one: { PRD?: string; POD?: string }): string =>
    [one.PRD, one.POD].map(foldDirection).filter(Boolean).join(' ');
  const differs = (a: string, b: string): boolean => foldElement(a) !== foldElement(b);
  if (directions(civic) !== directions(parts)) {
    const given = [civic.PRD, civic.POD].filter(Boolean).length;
    const known = [parts.PRD, parts.POD].filter(Boolean).length;
    return given < known
      ? 'a directional is missing'
      : given > known
        ? 'the directional is not part of the name'
        : 'the directional';
  }
  if (differs(`${civic.STP ?? ''} ${civic.STS ?? ''}`, `${parts.STP} ${parts.STS}`)) {
    return (civic.STS ?? civic.STP ?? '') === '' ? 'the street type is missing' : 'the street type';
  }
  return 'the form of the name';
}

/** Ouest is west, est is east. A letter alone is a direction only here, where both sides are known to be one. */
function foldDirection(text: string | undefined): string {
  const folded = foldElement(text ?? '');
  return folded === 'o' ? 'w' : folded === 'est' ? 'e' : folded;
}

/**
 * Whether a street's directions and type are those that were written: wholly, as far as any were written, or not. East and
 * west of one name are two streets, a wrong type is a slip.
 */
function agreesWith(civic: CivicAddress, street: StreetRef): 'wholly' | 'partly' | 'not' {
  const parts = streetParts(street);
  const known = [parts.PRD, parts.POD].map(foldDirection).filter(Boolean);
  const given = [civic.PRD, civic.POD].map(foldDirection).filter(Boolean);
  if (given.some((direction) => !known.includes(direction))) return 'not';
  const type = foldElement(`${civic.STP ?? ''} ${civic.STS ?? ''}`.trim());
  const isSameType = type === foldElement(`${parts.STP} ${parts.STS}`.trim());
  return isSameType && known.length === given.length ? 'wholly' : 'partly';
}

/** Words of a name that are never a misspelt other one: numbers, single letters, directions. */
const EXACT =
  /\b(?:\w*\d\w*|[a-z]{1,2}\b|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|upper|lower)\b|(?:north|south|east|west|nord|sud|est|ouest))/g;

/** Whether two names differ in what says which street it is: `150th` and `160th`, `Avenue M` and `Avenue N`, `Eastlake` and `Westlake`. */
function isOtherName(written: string, known: string): boolean {
  const exactOf = (name: string): string => (foldStreet(name).match(EXACT) ?? []).join(' ');
  return exactOf(written) !== exactOf(known);
}

function namesAt(block: LayerBlock, area: number): LayerNames {
  const entries = (['A2', 'A3', 'PCN', 'MSAG', 'ESN'] as const).map((name) => [
    name,
    tidyCase(block.text(block[`area${name}`][area] ?? 0)),
  ]);
  return Object.fromEntries(entries.filter(([, text]) => text !== ''));
}

function namesOfArea(block: LayerBlock, area: number): Record<'A3' | 'A4' | 'PC' | 'PCN', string> {
  const text = (name: 'A3' | 'A4' | 'PC' | 'PCN'): string => tidyCase(block.text(block[`area${name}`][area] ?? 0));
  return { A3: text('A3'), A4: text('A4'), PC: text('PC').toUpperCase(), PCN: text('PCN') };
}

function byName(streets: readonly StreetRef[]): Map<string, StreetRef[]> {
  const groups = new Map<string, StreetRef[]>();
  for (const street of streets) {
    const key = street.block.text(street.block.streetKey[street.street] ?? 0);
    groups.set(key, [...(groups.get(key) ?? []), street]);
  }
  return groups;
}

/** Numbers that two neighbouring digits swapped make of this one. */
function swapsOf(number: number): number[] {
  const digits = String(number);
  const found: number[] = [];
  for (let at = 0; at < digits.length - 1; at += 1) {
    if (digits[at] === digits[at + 1] || (at === 0 && digits[1] === '0')) continue;
    found.push(Number(digits.slice(0, at) + (digits[at + 1] ?? '') + (digits[at] ?? '') + digits.slice(at + 2)));
  }
  return found;
}

/**
 * What the layers say of an address whose parts belong together; faults, corrections and candidates go to the draft.
 * `asGiven`: what may have been meant instead is not looked for.
 */
export function checkLayers(
  draft: AddressDraft,
  civic: CivicAddress,
  region: Region,
  layers: AddressLayers,
  asGiven: boolean,
): LayerCheck {
  const { fields } = draft;
  const place = placeKeys(region, fields.city, fields.postalCode, civic.A4);
  const check: LayerCheck = {
    level: undefined,
    covered: false,
    position: undefined,
    names: undefined,
    sources: [],
    unchecked: [],
  };
  if (civic.RD === undefined || civic.HNO === undefined || !layers.covers(place)) return check;
  check.covered = true;
  const written = streetText({
    PRM: '',
    PRD: '',
    STP: '',
    STS: '',
    POD: '',
    POM: '',
    ...onlyStreet(civic),
    RD: civic.RD,
  });
  const folded = foldStreet(written);
  const number = Number(civic.HNO);
  const indoor: Indoor = {
    ...(civic.BLD && { BLD: civic.BLD }),
    ...(civic.FLR && { FLR: civic.FLR }),
    ...(civic.UNIT && { UNIT: civic.UNIT }),
    ...(civic.ROOM && { ROOM: civic.ROOM }),
    ...(civic.SEAT && { SEAT: civic.SEAT }),
  };
  // Puerto Rico writes the urbanización above the street.
  const streetField =
    region.code === 'PR' && fields.address2 !== '' && !/\d/.test(fields.address1) ? 'address2' : 'address1';
  const effort = createSearchEffort();
  const find = (named: readonly StreetRef[], wantedNumber = number): HouseSearch =>
    findHouse(
      layers,
      named,
      { number: wantedNumber, prefix: civic.HNP ?? '', suffix: civic.HNS ?? '', indoor, place },
      effort,
    );

  const streetsCalled = (names: readonly string[]): StreetRef[] =>
    names.flatMap((name) => layers.streetsOfKey(`${region.code}|${name}`, place));

  let streets: readonly StreetRef[] = streetsCalled(
    streetVariants(folded, { country: region.country, A1: region.code }),
  );
  if (streets.length > 0) {
    settle(find(streets));
    return check;
  }
  const chosen = asGiven ? undefined : chooseStreet();
  if (chosen) {
    streets = chosen.group;
    settle(chosen.search);
  }
  return check;

  /** Streets that may be meant where none is called as written: the one on which the house stands is taken, others are suggested. */
  function chooseStreet(): FoundGroup | undefined {
    let groups = byName(streetsCalled(looseRoadVariants(folded, region.code)));
    let isWhole = true;
    // `Cedar Springs`, where the last word is no street type but part of the name.
    for (const name of new Set([
      civic.RD,
      `${civic.RD ?? ''} ${civic.STS ?? ''}`,
      `${civic.STP ?? ''} ${civic.RD ?? ''}`,
    ])) {
      if (groups.size > 0) break;
      const named = layers.streetsOfBare(`${region.code}|${foldStreet(name ?? '')}`, place);
      groups = byName(named.streets);
      isWhole = named.isWhole;
    }
    const isMisspelt = groups.size === 0;
    if (isMisspelt) {
      const alike = layers.streetsSpeltLike(`${region.code}|${foldStreet(civic.RD ?? '')}`, place);
      groups = byName(alike.streets);
      isWhole = alike.isWhole;
    }
    const looked = [...groups.values()].map((group): FoundGroup => ({ group, search: find(group) }));
    isWhole &&= looked.every(({ search }) => search.isWhole);
    const fitting = looked.filter(({ search: { point, range } }) => point !== undefined || range !== undefined);
    // Another street at another postal code would be two slips in one address.
    const likely = fitting.filter(
      ({ group: [one], search: { point, range } }) =>
        otherPostalCode(point, range) === undefined &&
        !(isMisspelt && one && isOtherName(civic.RD ?? '', streetParts(one).RD)),
    );
    const agreeing = likely.filter(({ group: [one] }) => one && agreesWith(civic, one) === 'wholly');
    const possible = likely.filter(({ group: [one] }) => one && agreesWith(civic, one) !== 'not');
    const only = agreeing.length === 1 ? agreeing[0] : possible.length === 1 ? possible[0] : undefined;
    const [street] = only?.group ?? [];
    // The only one of those that were looked at is not the only one.
    if (only && street && isWhole) {
      const name = nameOf(street);
      const why = differenceOf(civic, street, isMisspelt);
      correctStreet(name, `${why}: ${writeHouseNumber(civic)} is only on ${name} there`);
      return only;
    }
    draft.fault(
      'street-unknown',
      'address1',
      `no street ${quoted(written)} is known in ${fields.city} ${fields.postalCode}`.trim(),
    );
    for (const { group } of (fitting.length > 0 ? fitting : looked).slice(0, MOST_SUGGESTED)) {
      const [one] = group;
      if (!one) continue;
      const name = nameOf(one);
      const has = fitting.length > 0 ? 'and has this number' : 'but not with this number';
      draft.suggest(
        { [streetField]: streetLineWith(name) },
        `${name} is there, ${has} (${differenceOf(civic, one, isMisspelt)})`,
      );
    }
    return undefined;
  }

  /** House number, and what else the street's line says, stay; what the other line says of the inside stays there. */
  function streetLineWith(name: string, houseNumber = writeHouseNumber(civic), unit?: string): string {
    const own = splitStreetLine(fields[streetField], { country: region.country, A1: region.code });
    const other = splitSecondLine(fields[streetField === 'address1' ? 'address2' : 'address1']);
    const given = INSIDE.flatMap(([element, word]) => {
      const value = other[element] === undefined ? civic[element] : own[element];
      return value === undefined ? [] : [`${word} ${value}`];
    });
    const inside = unit === undefined ? given : [`Unit ${unit}`];
    return [own.A4, `${houseNumber} ${name}`, ...inside, own.LOC].filter(Boolean).join(', ');
  }

  function correctStreet(name: string, reason: string): void {
    draft.correct(streetField, streetLineWith(name), 'content', reason);
  }

  /** The postal code that a house found by its city alone has in the data, where another one was given. */
  function otherPostalCode(point: HouseSearch['point'], range: HouseSearch['range']): string | undefined {
    const hit = point ?? range;
    if (hit?.fit !== 1) return undefined;
    const area = (point ? point.block.pointArea[point.at] : range?.block.rangeArea[range.at]) ?? 0;
    const PC = hit.block.text(hit.block.areaPC[area] ?? 0);
    const length = region.country === 'US' ? 5 : 3;
    return PC.length >= length && PC.slice(0, length) !== fields.postalCode.slice(0, length) ? PC : undefined;
  }

  function settle(search: HouseSearch): void {
    const { point, range } = search;
    const name = streets[0] === undefined ? written : nameOf(streets[0]);
    const hit = point ?? range;
    if (search.ambiguous.length > 1) {
      reportAmbiguous(search, name);
      return;
    }
    if (!search.isWhole) {
      // Another of them could be meant as well.
      draft.fault(
        'address-ambiguous',
        'address1',
        `the data have more houses on streets called ${name} than can be looked at for one address`,
      );
      return;
    }
    if (hit === undefined) {
      reportNumber(search, name);
      const middle = streetMiddle(layers, streets, place, effort);
      if (middle) check.position = { position: middle, precision: 'street' };
      return;
    }
    const area = (point ? point.block.pointArea[point.at] : range?.block.rangeArea[range.at]) ?? 0;
    check.names = namesAt(hit.block, area);
    check.sources = [hit.block.source];
    const PC = otherPostalCode(point, range);
    if (PC !== undefined) {
      // City, street and number against the postal code.
      draft.correct(
        'postalCode',
        PC,
        'content',
        `${writeHouseNumber(civic)} ${name} in ${fields.city} has ${PC} in the address data`,
      );
    }
    const at = point?.position ?? range?.position;
    const middle = at ?? streetMiddle(layers, streets, place, effort);
    if (middle)
      check.position = {
        position: middle,
        precision: at === undefined ? 'street' : point?.position ? 'point' : 'interpolated',
      };
    if (point === undefined) {
      check.level = 'street';
      check.unchecked = (['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT'] as const).filter((part) => indoor[part]);
      const { from, to } = { from: hit.block.rangeFrom[hit.at] ?? 0, to: hit.block.rangeTo[hit.at] ?? 0 };
      draft.find(`${writeHouseNumber(civic)} lies within ${Math.min(from, to)} to ${Math.max(from, to)} of ${name}`);
      if (search.hasPoints) draft.find(`${name} has address points, but none for ${writeHouseNumber(civic)}`);
      return;
    }
    draft.find(`${writeHouseNumber(civic)} ${name} is an address point`);
    check.level = 'point';
    switch (point.indoor) {
      case 'same':
        return;
      case 'not-asked':
        if (search.units.length > 1)
          draft.find(`the data have units there: ${search.units.join(', ')}; none was given`);
        return;
      case 'not-in-data':
        check.unchecked = (['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT'] as const).filter(
          (part) => indoor[part] && indoorOf(point.block, point.at)[part] === '',
        );
        draft.find('the data say nothing of the inside of this house');
        return;
      case 'other':
        reportUnit(search);
    }
  }

  /** The same number on streets of one name in two parts of the place: help must not be sent to either of them. */
  function reportAmbiguous({ ambiguous }: HouseSearch, name: string): void {
    const areas = ambiguous.map(({ block, area }) => namesOfArea(block, area));
    const texts = new Set(areas.map(({ A4, A3, PCN, PC }) => A4 || [A3 || PCN, PC].filter(Boolean).join(' ')));
    draft.fault(
      'address-ambiguous',
      'address1',
      `${writeHouseNumber(civic)} ${name} is there more than once: ${[...texts].join('; ')}`,
    );
    // One name for all of them is no help to choose by.
    if (texts.size === 1) return;
    for (const { A4, A3, PC } of areas) {
      const line = streetLineWith(name);
      draft.suggest(
        {
          address1: A4 === '' ? line : `${A4}, ${line}`,
          ...(A3 !== '' && { city: A3 }),
          ...(PC !== '' && { postalCode: PC }),
        },
        `one of them is in ${A4 || A3 || PC}`,
      );
    }
  }

  function reportUnit({ units }: HouseSearch): void {
    const given = indoor.UNIT ?? indoor.FLR ?? indoor.ROOM ?? indoor.BLD ?? '';
    const field = fields.address2 === '' ? 'address1' : 'address2';
    draft.fault(
      'unit-unknown',
      field,
      `the data have no ${quoted(given)} in this house${units.length > 0 ? `, but ${units.join(', ')}` : ''}`,
    );
    for (const unit of units.slice(0, 3)) {
      const changes =
        field === 'address2'
          ? { address2: `Unit ${unit}` }
          : { [streetField]: streetLineWith(streets[0] ? nameOf(streets[0]) : written, writeHouseNumber(civic), unit) };
      draft.suggest(changes, `unit ${unit} is in this house`);
    }
  }

  function reportNumber(search: HouseSearch, name: string): void {
    const given = writeHouseNumber(civic);
    if (search.affixes.length > 0) {
      draft.fault(
        'house-number-unknown',
        'address1',
        `${given} ${name} is not known, but ${number} is with another letter or fraction`,
      );
      for (const affix of search.affixes.slice(0, 3)) {
        const [prefix = '', suffix = ''] = affix.split('|');
        const text = writeHouseNumber({ HNP: prefix, HNO: String(number), HNS: suffix });
        draft.suggest({ [streetField]: streetLineWith(name, text) }, `${text} is known on ${name}`);
      }
      return;
    }
    const why = search.isOtherParity
      ? `the side of ${name} with such numbers has none there`
      : `${name} has no number ${given}`;
    draft.fault('house-number-unknown', 'address1', why);
    if (asGiven) return;
    for (const swapped of swapsOf(number)) {
      const other = find(streets, swapped);
      if (other.point === undefined) continue;
      const text = writeHouseNumber({ ...civic, HNO: String(swapped) });
      draft.suggest(
        { [streetField]: streetLineWith(name, text) },
        `${text} is known on ${name}: two digits changed places`,
      );
    }
    for (const near of search.near)
      draft.suggest({ [streetField]: streetLineWith(name, near) }, `${near} is the nearest number known on ${name}`);
  }
}

function onlyStreet({ PRM, PRD, STP, STS, POD, POM }: CivicAddress): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ PRM, PRD, STP, STS, POD, POM }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
