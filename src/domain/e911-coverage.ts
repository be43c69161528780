import { findRegion } from './regions.ts';

/** Territories of the United States that ISO 3166-1 gives a country code of their own; USPS uses the same two letters. */
const US_TERRITORIES: ReadonlySet<string> = new Set(['AS', 'GU', 'MP', 'PR', 'UM', 'VI']);

/** True where Enhanced 911 rules apply: the United States, its territories, Canada. `country` is ISO 3166-1 alpha-2. */
export function isInE911Coverage(country: string): boolean {
  const code = country.toUpperCase();
  return code === 'US' || code === 'CA' || US_TERRITORIES.has(code);
}

/** Country and state as civic addresses name them (RFC 5139 §3.4: `A1` is the ISO 3166-2 subdivision). */
export type CountryAndState = { country: string; A1?: string };

/**
 * Brings country and state to one form: a territory given as country (`PR`) becomes `US` with `A1` `PR`, names become
 * codes. undefined when the state is none of that country's (`PR` with state `TX`, `US` with state `ON`).
 */
export function readCountryAndState(country: string, state: string): CountryAndState | undefined {
  const code = country.toUpperCase();
  const text = state.trim();
  if (US_TERRITORIES.has(code)) {
    const named = text === '' || text.toUpperCase() === code || findRegion(text, 'US')?.code === code;
    return named ? { country: 'US', A1: code } : undefined;
  }
  if (code === 'US' || code === 'CA') {
    const region = findRegion(text, code);
    return region && { country: code, A1: region.code };
  }
  return text === '' ? { country: code } : { country: code, A1: text };
}
