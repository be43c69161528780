/**
 * States, territories and provinces as addresses name them: USPS and Canada Post codes, ANSI (FIPS 5-2) numbers, and the
 * names in English and French.
 */
export type Region = {
  country: 'US' | 'CA';
  /** USPS or Canada Post code, upper case: the civic element `A1`. */
  code: string;
  /** ANSI state number, two digits; empty for Canada. */
  fips: string;
  name: string;
  /** Other names and spellings in use, compared with `foldName`. */
  aliases: readonly string[];
};

const US: readonly (readonly [fips: string, code: string, name: string, ...aliases: string[]])[] = [
  ['01', 'AL', 'Alabama'],
  ['02', 'AK', 'Alaska'],
  ['04', 'AZ', 'Arizona'],
  ['05', 'AR', 'Arkansas'],
  ['06', 'CA', 'California'],
  ['08', 'CO', 'Colorado'],
  ['09', 'CT', 'Connecticut'],
  ['10', 'DE', 'Delaware'],
  ['11', 'DC', 'District of Columbia', 'Washington DC', 'Washington D.C.'],
  ['12', 'FL', 'Florida'],
  ['13', 'GA', 'Georgia'],
  ['15', 'HI', 'Hawaii', "Hawai'i"],
  ['16', 'ID', 'Idaho'],
  ['17', 'IL', 'Illinois'],
  ['18', 'IN', 'Indiana'],
  ['19', 'IA', 'Iowa'],
  ['20', 'KS', 'Kansas'],
  ['21', 'KY', 'Kentucky'],
  ['22', 'LA', 'Louisiana'],
  ['23', 'ME', 'Maine'],
  ['24', 'MD', 'Maryland'],
  ['25', 'MA', 'Massachusetts'],
  ['26', 'MI', 'Michigan'],
  ['27', 'MN', 'Minnesota'],
  ['28', 'MS', 'Mississippi'],
  ['29', 'MO', 'Missouri'],
  ['30', 'MT', 'Montana'],
  ['31', 'NE', 'Nebraska'],
  ['32', 'NV', 'Nevada'],
  ['33', 'NH', 'New Hampshire'],
  ['34', 'NJ', 'New Jersey'],
  ['35', 'NM', 'New Mexico'],
  ['36', 'NY', 'New York'],
  ['37', 'NC', 'North Carolina'],
  ['38', 'ND', 'North Dakota'],
  ['39', 'OH', 'Ohio'],
  ['40', 'OK', 'Oklahoma'],
  ['41', 'OR', 'Oregon'],
  ['42', 'PA', 'Pennsylvania'],
  ['44', 'RI', 'Rhode Island'],
  ['45', 'SC', 'South Carolina'],
  ['46', 'SD', 'South Dakota'],
  ['47', 'TN', 'Tennessee'],
  ['48', 'TX', 'Texas'],
  ['49', 'UT', 'Utah'],
  ['50', 'VT', 'Vermont'],
  ['51', 'VA', 'Virginia'],
  ['53', 'WA', 'Washington', 'Washington State'],
  ['54', 'WV', 'West Virginia'],
  ['55', 'WI', 'Wisconsin'],
  ['56', 'WY', 'Wyoming'],
  ['60', 'AS', 'American Samoa'],
  ['66', 'GU', 'Guam', 'Guåhan'],
  ['69', 'MP', 'Northern Mariana Islands', 'Commonwealth of the Northern Mariana Islands', 'CNMI'],
  ['72', 'PR', 'Puerto Rico'],
  ['78', 'VI', 'U.S. Virgin Islands', 'United States Virgin Islands', 'US Virgin Islands', 'Virgin Islands', 'USVI'],
];

const CA: readonly (readonly [code: string, name: string, ...aliases: string[]])[] = [
  ['AB', 'Alberta'],
  ['BC', 'British Columbia', 'Colombie-Britannique'],
  ['MB', 'Manitoba'],
  ['NB', 'New Brunswick', 'Nouveau-Brunswick'],
  ['NL', 'Newfoundland and Labrador', 'Terre-Neuve-et-Labrador', 'NF', 'Newfoundland', 'Labrador'],
  ['NS', 'Nova Scotia', 'Nouvelle-Écosse'],
  ['NT', 'Northwest Territories', 'Territoires du Nord-Ouest'],
  ['NU', 'Nunavut'],
  ['ON', 'Ontario'],
  ['PE', 'Prince Edward Island', 'Île-du-Prince-Édouard', 'PEI'],
  ['QC', 'Quebec', 'Québec', 'PQ'],
  ['SK', 'Saskatchewan'],
  ['YT', 'Yukon', 'Yukon Territory', 'YK'],
];

/** The 50 states, the District of Columbia and the five inhabited territories. */
export const US_REGIONS: readonly Region[] = US.map(([fips, code, name, ...aliases]) => ({
  country: 'US',
  code,
  fips,
  name,
  aliases,
}));

/** The ten provinces and three territories. */
export const CA_REGIONS: readonly Region[] = CA.map(([code, name, ...aliases]) => ({
  country: 'CA',
  code,
  fips: '',
  name,
  aliases,
}));

/**
 * Folds a place name for comparison: no accents, no ʻokina or other punctuation, lower case, single spaces, `Saint` and
 * `Sainte` as `st` and `ste`, `Fort` as `ft`, `Mount` as `mt`. `Hagåtña` and `HAGATNA` fold to the same text.
 */
export function foldName(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/['’‘ʻʼ`.]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/\bsaint\b/g, 'st')
    .replace(/\bsainte\b/g, 'ste')
    .replace(/\bfort\b/g, 'ft')
    .replace(/\bmount\b/g, 'mt');
}

const BY_NAME: { readonly US: ReadonlyMap<string, Region>; readonly CA: ReadonlyMap<string, Region> } = {
  US: namesOf(US_REGIONS),
  CA: namesOf(CA_REGIONS),
};

function namesOf(regions: readonly Region[]): ReadonlyMap<string, Region> {
  const names = new Map<string, Region>();
  for (const region of regions) {
    for (const name of [region.code, region.name, ...region.aliases]) names.set(foldName(name), region);
  }
  return names;
}

/**
 * The region that `text` names: a code (`TX`), an ISO 3166-2 code (`US-TX`) or a name in English or French. Without
 * `country` the United States are tried first; no code or name means two regions, so the order decides nothing.
 */
export function findRegion(text: string, country?: 'US' | 'CA'): Region | undefined {
  const bare = text.trim().replace(/^(US|CA)[-_ ](?=[A-Za-z]{2}$)/i, '');
  const name = foldName(bare);
  if (country) return BY_NAME[country].get(name);
  return BY_NAME.US.get(name) ?? BY_NAME.CA.get(name);
}
