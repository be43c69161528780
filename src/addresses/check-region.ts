import { isInE911Coverage } from '../domain/e911-coverage.ts';
import { CA_REGIONS, findRegion, foldName, type Region, US_REGIONS } from '../domain/regions.ts';
import { type AddressDraft, quoted } from './address-draft.ts';
import { foldCity } from './fold-city.ts';
import type { PostalBook } from './postal-book.ts';
import { provinceOfPostalCode, readPostalCode } from './postal-code.ts';
import { readCountry } from './read-country.ts';
import { spellingDistance } from './spelling-distance.ts';

/** The states of a postal code as the tables or its first letter tell. */
function regionsOfPostalCode(
  book: PostalBook,
  text: string,
): { country: 'US' | 'CA'; codes: readonly string[] } | undefined {
  const canadian = readPostalCode('CA', text);
  if (canadian) return { country: 'CA', codes: provinceOfPostalCode(canadian.code) };
  const zip = readPostalCode('US', text);
  if (!zip || zip.code.length < 5) return undefined;
  const five = zip.code.slice(0, 5);
  const section = book.statesOfSection(five.slice(0, 3));
  const exact = section.filter((code) => book.region(code)?.find(five) !== undefined);
  return { country: 'US', codes: exact.length > 0 ? exact : section };
}

/** A misspelt state name, where only one is that close. */
function closestRegion(text: string, country: 'US' | 'CA'): Region | undefined {
  const folded = foldName(text);
  if (folded.length < 5) return undefined;
  const limit = folded.length < 8 ? 1 : 2;
  const regions = country === 'US' ? US_REGIONS : CA_REGIONS;
  const close = regions.filter(({ name }) => spellingDistance(folded, foldName(name), limit) <= limit);
  return close.length === 1 ? close[0] : undefined;
}

/**
 * Brings country and state to `US` or `CA` and the code of a state, territory or province. Where the country is missing or
 * contradicted by state and postal code together, these two decide; a contradiction that nothing decides is a fault.
 */
export function checkRegion(draft: AddressDraft, book: PostalBook): Region | undefined {
  const { fields } = draft;
  const byPostalCode = regionsOfPostalCode(book, fields.postalCode);
  const country = settleCountry(draft, byPostalCode?.country);
  if (country === undefined) return undefined;
  if (country !== 'US' && country !== 'CA') {
    if (!isInE911Coverage(country)) {
      draft.fault('outside-coverage', 'country', `Enhanced 911 does not apply in ${country}`);
      return undefined;
    }
    return settleTerritory(draft, country);
  }
  const state = fields.state;
  const region = findRegion(state, country);
  if (region) {
    draft.correct('state', region.code, 'form', `${region.code} is the code of ${region.name}`);
    return region;
  }
  const only = byPostalCode?.country === country && byPostalCode.codes.length === 1 ? byPostalCode.codes[0] : undefined;
  const postalRegion = only === undefined ? undefined : findRegion(only, country);
  if (state === '') {
    if (postalRegion) {
      draft.correct('state', postalRegion.code, 'content', `${fields.postalCode} lies in ${postalRegion.name}`);
      return postalRegion;
    }
    draft.fault('state-missing', 'state', 'the state, territory or province is needed');
    return undefined;
  }
  const close = closestRegion(state, country);
  if (close && (postalRegion === undefined || postalRegion === close)) {
    draft.correct('state', close.code, 'content', `${close.name} is the only one spelt like it`);
    return close;
  }
  const postalName = postalRegion && nameOfCityThere(book, postalRegion, fields.city);
  if (postalRegion && postalName !== undefined) {
    draft.correct(
      'state',
      postalRegion.code,
      'content',
      `there is no state ${quoted(state)}; ${fields.postalCode} and ${postalName} lie in ${postalRegion.name}`,
    );
    return postalRegion;
  }
  const noun = country === 'US' ? 'state or territory of the United States' : 'province or territory of Canada';
  draft.fault('state-unknown', 'state', `${quoted(state)} is no ${noun}`);
  if (postalRegion) draft.suggest({ state: postalRegion.code }, `${fields.postalCode} lies in ${postalRegion.name}`);
  return undefined;
}

function nameOfCityThere(book: PostalBook, region: Region, city: string): string | undefined {
  return book.region(region.code)?.named(foldCity(city))[0] && city;
}

/** ISO 3166-1 alpha-2 of the country that the address names, or that its state and postal code agree on. */
function settleCountry(draft: AddressDraft, byPostalCode: 'US' | 'CA' | undefined): string | undefined {
  const { country: text, state } = draft.fields;
  const stated = readCountry(text);
  if (text === '') {
    const byState = findRegion(state)?.country;
    const country = byState ?? byPostalCode;
    if (country === undefined || (byPostalCode !== undefined && byState !== undefined && byState !== byPostalCode)) {
      draft.fault('country-missing', 'country', 'the country is needed');
      return undefined;
    }
    draft.correct('country', country, 'content', `${quoted(byState ? state : draft.fields.postalCode)} lies there`);
    return country;
  }
  if (stated === undefined) {
    // A state where the country belongs: `Texas`.
    const region = findRegion(text);
    if (region && (state === '' || findRegion(state, region.country) === region)) {
      draft.correct('state', region.code, 'content', `${quoted(text)} is no country, but ${region.name} is a state`);
      draft.correct('country', region.country, 'content', `${region.name} lies there`);
      return region.country;
    }
    draft.fault('country-unknown', 'country', `${quoted(text)} is no country`);
    return undefined;
  }
  if (stated !== 'US' && stated !== 'CA') return stated;
  const other = stated === 'US' ? 'CA' : 'US';
  if (byPostalCode === other && findRegion(state, stated) === undefined) {
    const region = findRegion(state, other);
    if (region || state === '') {
      const why = region ? `${region.name} and the postal code lie there` : 'the postal code is one of there';
      draft.correct('country', other, 'content', why);
      return other;
    }
  }
  draft.correct('country', stated, 'form', `${stated} is the code of the country`);
  return stated;
}

/** `PR` as the country: written as a state of the United States, as the post office and civic addresses do. */
function settleTerritory(draft: AddressDraft, territory: string): Region | undefined {
  const region = findRegion(territory, 'US');
  if (!region) {
    draft.fault('outside-coverage', 'country', `no addresses of ${territory} are known`);
    return undefined;
  }
  const { state } = draft.fields;
  if (state !== '' && findRegion(state, 'US') !== region) {
    draft.fault('state-unknown', 'state', `${quoted(state)} is no part of ${region.name}`);
    return undefined;
  }
  draft.correct('state', region.code, 'form', `${region.name} is written as a state of the United States`);
  draft.correct('country', 'US', 'form', `${region.name} is written as a state of the United States`);
  return region;
}
