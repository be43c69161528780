import type { CivicAddress, CivicElement } from '../domain/civic-address.ts';
import type { Region } from '../domain/regions.ts';
import { type AddressDraft, createAddressDraft } from './address-draft.ts';
import type { AddressLayers } from './address-layers.ts';
import {
  type AddressCorrection,
  type AddressFault,
  type AddressLevel,
  type AddressValidation,
  type Geocode,
  POSTAL_FAULTS,
  STREET_FAULTS,
  UNDISPATCHABLE,
  type UncheckedAddress,
} from './address-validation.ts';
import { checkLayers, type LayerCheck, placeKeys } from './check-layers.ts';
import { checkPostal, checkPostalCode } from './check-postal.ts';
import { checkRegion } from './check-region.ts';
import { checkMilitary, checkStreet } from './check-street.ts';
import { civicFromPostal, isPuertoRico } from './civic-from-postal.ts';
import { foldCity } from './fold-city.ts';
import { kilometersBetween, type PostalBook, type PostalEntry } from './postal-book.ts';

/**
 * Checks an address of the United States, their territories or Canada and says how deep it is right, what had to be
 * corrected and why, what is wrong, and what may have been meant. Pure, and never throws: an address can be anything.
 *
 * Corrections rest on two witnesses against one (postal code and city against the state) or on the only spelling near;
 * what nothing decides stays as it was given and is a fault with candidates.
 *
 * `structured` are elements that somebody has already split; `asGiven` leaves out the search for other streets.
 */
export function validateAddress(
  input: UncheckedAddress,
  book: PostalBook,
  layers?: AddressLayers,
  { structured = {}, asGiven = false }: { structured?: CivicAddress | undefined; asGiven?: boolean } = {},
): AddressValidation {
  const draft = createAddressDraft(input);
  const { fields } = draft;
  let county: string | undefined;
  const region = checkMilitary(draft) ? undefined : checkRegion(draft, book);
  // Country and ZIP code may be known only now.
  const isPostal = region !== undefined && !checkMilitary(draft);
  if (isPostal) checkPostalCode(draft, region, book);
  if (fields.city === '') draft.fault('city-missing', 'city', 'the city is needed');
  if (isPostal && !draft.has('postal-code-missing', 'postal-code-invalid', 'city-missing')) {
    county = belongTogether(draft, region, book, layers).county;
  }
  // Last, because the habits of a street line are those of its state.
  checkStreet(draft);
  const stated = { ...(county !== undefined && { A2: county }) };
  const line = draft.fields.address1;
  const settled = region && draft.faults.length === 0 ? regionOf(draft, book, region) : undefined;
  const check =
    layers && settled
      ? checkLayers(
          draft,
          civicFromPostal(draft.postal(), { ...streetOf(structured), ...stated }),
          settled,
          layers,
          asGiven,
        )
      : undefined;
  const address = draft.postal();
  // A street that was corrected is what the line says now.
  const elements = address.address1 === line ? streetOf(structured) : {};
  const level = levelOf(draft.faults, check);
  const names = check?.names;
  return {
    level,
    isDispatchable: draft.faults.every(({ kind }) => !UNDISPATCHABLE.has(kind)),
    address,
    civic: civicFromPostal(address, {
      ...elements,
      ...(stated.A2 === undefined && names?.A2 !== undefined ? { A2: names.A2 } : stated),
    }),
    corrections: draft.corrections,
    errors: draft.faults,
    findings: draft.findings,
    candidates: draft.candidates,
    geocode: geocodeOf(draft, check, region, book),
    names,
    isCovered: check?.covered ?? false,
    unchecked: check?.level === undefined ? indoorOnly(civicFromPostal(address, elements)) : check.unchecked,
    score: scoreOf(level, draft.corrections),
    override: undefined,
    source: [book.source, ...(check?.sources ?? [])].join(', '),
  };
}

/** A place that an address layer has in so many words needs no other witness: the tables have gaps. */
function belongTogether(
  draft: AddressDraft,
  region: Region,
  book: PostalBook,
  layers: AddressLayers | undefined,
): { county?: string } {
  const { city, postalCode } = draft.fields;
  if (!layers?.hasPlace(placeKeys(region, city, postalCode))) return checkPostal(draft, region, book);
  draft.find(`the address layers have ${city}, ${region.code} with ${postalCode}`);
  const aside = createAddressDraft(draft.fields);
  const { county } = checkPostal(aside, region, book);
  const isSame = county !== undefined && aside.faults.length === 0 && aside.corrections.length === 0;
  return isSame ? { county } : {};
}

/** The state may have been corrected by the postal code. */
function regionOf(draft: AddressDraft, book: PostalBook, before: Region): Region {
  return draft.fields.state === before.code ? before : (checkRegion(draft, book) ?? before);
}

const INDOOR: readonly CivicElement[] = ['BLD', 'FLR', 'UNIT', 'ROOM', 'SEAT'];

function indoorOnly(civic: Readonly<Partial<Record<CivicElement, string>>>): CivicElement[] {
  return INDOOR.filter((element) => civic[element] !== undefined);
}

const STREET: readonly CivicElement[] = [
  'HNP',
  'HNO',
  'HNS',
  'PRM',
  'PRD',
  'STP',
  'RD',
  'STS',
  'POD',
  'POM',
  ...INDOOR,
];

/** How a street and what is inside the house were split by who gave them; in Puerto Rico with the area that tells it from others. */
function streetOf(civic: CivicAddress): CivicAddress {
  const given = isPuertoRico(civic) ? [...STREET, 'A4' as const] : STREET;
  return Object.fromEntries(given.flatMap((element) => (civic[element] ? [[element, civic[element]]] : [])));
}

const LEVELS: readonly (AddressLevel | null)[] = [null, 'syntax', 'postal', 'street', 'point'];

function levelOf(faults: readonly AddressFault[], check: LayerCheck | undefined): AddressLevel | null {
  if (faults.length === 0) return check?.level ?? 'postal';
  if (faults.every(({ kind }) => kind === 'unit-unknown')) return 'street';
  if (faults.every(({ kind }) => kind === 'unit-unknown' || STREET_FAULTS.has(kind))) return 'postal';
  return faults.every(({ kind }) => POSTAL_FAULTS.has(kind) || STREET_FAULTS.has(kind)) ? 'syntax' : null;
}

function scoreOf(level: AddressLevel | null, corrections: readonly AddressCorrection[]): number {
  const contents = corrections.filter(({ kind }) => kind === 'content').length;
  return Math.max(0, LEVELS.indexOf(level) * 25 - contents * 5);
}

const METERS = { point: 30, interpolated: 150, street: 2_000 } as const;
/** The tables have points to about 5 km, and postal codes are as wide again. */
const POSTAL_METERS = 15_000;
const CITY_METERS = 40_000;

function geocodeOf(
  draft: AddressDraft,
  check: LayerCheck | undefined,
  region: Region | undefined,
  book: PostalBook,
): Geocode | undefined {
  if (check?.position) {
    const { precision, position } = check.position;
    return { position, precision, uncertaintyMeters: METERS[precision] };
  }
  // An address whose parts contradict each other lies nowhere.
  if (!region || draft.faults.some(({ kind }) => !STREET_FAULTS.has(kind) && kind !== 'unit-unknown')) return undefined;
  const tables = book.region(draft.fields.state);
  const key = region.country === 'US' ? draft.fields.postalCode.slice(0, 5) : draft.fields.postalCode.slice(0, 3);
  const entry = tables?.find(key);
  if (entry?.point) return { position: entry.point, precision: 'postal', uncertaintyMeters: POSTAL_METERS };
  const city = middlePlace(tables?.named(foldCity(draft.fields.city)) ?? []);
  return city?.point && { position: city.point, precision: 'city', uncertaintyMeters: CITY_METERS };
}

/** The one place of a name; none where several of that name lie far apart. */
function middlePlace(places: readonly PostalEntry[]): PostalEntry | undefined {
  const placed = places.filter(({ point }) => point !== undefined);
  const [first] = placed;
  const isOne = first && placed.every((other) => (kilometersBetween(first, other) ?? 0) * 1_000 <= CITY_METERS);
  return isOne ? first : undefined;
}
