import { findRegion } from '../domain/regions.ts';

/** Countries as people write them, folded: capitals, no dots. Names of the territories are found among the regions. */
const COUNTRY_WORDS: ReadonlyMap<string, string> = new Map([
  ['USA', 'US'],
  ['UNITED STATES', 'US'],
  ['UNITED STATES OF AMERICA', 'US'],
  ['ESTADOS UNIDOS', 'US'],
  ['ÉTATS-UNIS', 'US'],
  ['CAN', 'CA'],
  ['CANADA', 'CA'],
  ['ASM', 'AS'],
  ['GUM', 'GU'],
  ['MNP', 'MP'],
  ['PRI', 'PR'],
  ['VIR', 'VI'],
]);

const TERRITORIES: ReadonlySet<string> = new Set(['AS', 'GU', 'MP', 'PR', 'VI']);

const COUNTRY_NAMES = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** ISO 3166-1 alpha-2 of a code or one of the names people write; undefined when there is no such country. */
export function readCountry(text: string): string | undefined {
  const word = text.trim().toUpperCase().replaceAll('.', '');
  const code = COUNTRY_WORDS.get(word) ?? word;
  if (/^[A-Z]{2}$/.test(code)) return code !== 'ZZ' && COUNTRY_NAMES.of(code) !== undefined ? code : undefined;
  const region = findRegion(text, 'US')?.code ?? '';
  return TERRITORIES.has(region) ? region : undefined;
}
