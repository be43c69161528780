/** Roads of one number under all the names that people and layers give them, beside what `foldStreet` makes equal; folded. */
const STATE = ['sr', 'sh', 'st rd'];
const COUNTY_ROAD = ['cr', 'co rd', 'co road', 'cnty rd', 'cty rd', 'county rd'];
const COUNTY_HIGHWAY = ['county hwy', 'co hwy', 'cnty hwy', 'cty hwy', 'cth', 'county trunk', 'county trunk hwy'];
const INTERSTATE = ['i', 'ih', 'interstate'];
const FEDERAL = ['us', 'us hwy'];
const FARM = ['fm', 'fm rd', 'farm market', 'farm market rd', 'farm to market'];
const RANCH = ['rm', 'rm rd', 'rr', 'rnch rd', 'rnch market rd', 'rnch to market', 'rnch to market rd'];
/** As written when nobody says whose road it is. */
const ANY = ['hwy', 'rte'];

const ROAD =
  /^(?<lead>(?:(?:[nsew]|old) ){0,3})(?<kind>[a-z]+(?: [a-z]+)*) ?(?<number>\d+[a-z]?|(?<= )[a-z]{1,2})(?<tail>(?: .*)?)$/;

/** The kinds of road that are one with `kind`: `sh 71`, `sr 71` and `tx 71` are one road of Texas. */
function kindsLike(kind: string, isLettered: boolean, A1: string): readonly string[] {
  // Roads that have letters are Wisconsin's, where road, highway and trunk are one.
  if (isLettered) return [...COUNTY_ROAD, ...COUNTY_HIGHWAY].includes(kind) ? [...COUNTY_ROAD, ...COUNTY_HIGHWAY] : [];
  const code = A1.toLowerCase();
  // `NE 5 St` is in the north-east.
  const state = [...STATE, ...(A1 === 'NE' ? [] : [code]), `${code} hwy`, `${code} rte`, `${code} sr`];
  // `CO Hwy 12` is Colorado's there.
  const countyHighway = COUNTY_HIGHWAY.filter((name) => !state.includes(name));
  const classes = [state, COUNTY_ROAD, countyHighway, INTERSTATE, FEDERAL, FARM, ...(A1 === 'TX' ? [RANCH] : [])];
  return classes.find((kinds) => kinds.includes(kind)) ?? [];
}

function roadVariants(folded: string, A1: string): string[] {
  const { kind = '', lead = '', number = '', tail = '' } = ROAD.exec(folded)?.groups ?? {};
  return kindsLike(kind, !/\d/.test(number), A1).flatMap((other) => [
    `${lead}${other} ${number}${tail}`,
    ...(/^[a-z]+$/.test(other) && /\d/.test(number) ? [`${lead}${other}${number}${tail}`] : []),
  ]);
}

/**
 * Streets that may be meant by a highway without a kind, and the other way round: which of them it is has to be seen from the house.
 * `hwy 290` -> `us 290`, `sr 290`.
 */
export function looseRoadVariants(folded: string, A1: string): readonly string[] {
  const { kind = '', lead = '', number = '', tail = '' } = ROAD.exec(folded)?.groups ?? {};
  if (!/\d/.test(number)) return [];
  const isAny = ANY.includes(kind);
  const isKnown = ['us', 'sr'].some((known) => kindsLike(kind, false, A1).includes(known));
  const others = isAny ? [...ANY, 'us', 'sr'] : isKnown ? ANY : [];
  return others
    .map((other) => `${lead}${other} ${number}${tail}`)
    .flatMap((other) => [other, ...roadVariants(other, A1)])
    .filter((other) => other !== folded);
}

const TEENS = ['tenth', 'eleventh', 'twelfth', 'thirteenth', 'fourteenth', 'fifteenth', 'sixteenth', 'seventeenth'];
const TENS = ['', '', 'twent', 'thirt', 'fort', 'fift', 'sixt', 'sevent', 'eight', 'ninet'];

function ordinal(number: number): string {
  const isTeen = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${isTeen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}

/** As `foldStreet` leaves it: `first` to `tenth` are digits there. */
function ordinalWord(number: number): string {
  if (number <= 10 || number > 99) return ordinal(number);
  if (number < 20) return [...TEENS, 'eighteenth', 'nineteenth'][number - 10] ?? '';
  const tens = TENS[Math.floor(number / 10)] ?? '';
  return number % 10 === 0 ? `${tens}ieth` : `${tens}y ${ordinal(number % 10)}`;
}

const NUMBER_OF_WORD: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 99 }, (_, at) => [ordinalWord(at + 1), at + 1] as const),
);

const TYPES = 'st|ave|blvd|rd|dr|ln|ct|pl|ter|cir|wy|pkwy|rue|rg';
const NUMBERED = new RegExp(
  `^(?<lead>(?:[nsew] )?)(?<number>\\d+)(?:st|nd|rd|th|(?<french>e|re|ere|er|eme|ieme))? (?<tail>(?:${TYPES})(?: .*)?)$`,
);
const WORDED = new RegExp(`^(?<lead>(?:[nsew] )?)(?<word>[a-z]+(?: \\d[a-z]+)?) (?<tail>(?:${TYPES})(?: .*)?)$`);

/** `21st st`, `21 st` and `twenty 1st st`; `3e ave`, `3eme ave` and `3rd ave`. */
function ordinalVariants(folded: string, country: string): string[] {
  const {
    french: frenchSuffix,
    lead = '',
    number: digits,
    tail = '',
    word = '',
  } = NUMBERED.exec(folded)?.groups ?? WORDED.exec(folded)?.groups ?? {};
  const number = digits === undefined ? NUMBER_OF_WORD.get(word) : Number(digits);
  if (number === undefined || number === 0 || number > 999) return [];
  // `500E Rd` of Illinois is a line of its grid.
  if (frenchSuffix !== undefined && country !== 'CA') return [];
  const french = number === 1 ? ['1re', '1ere', '1er', '1e'] : [`${number}e`, `${number}eme`, `${number}ieme`];
  // San Francisco writes `09TH ST`.
  const padded = number < 10 ? [`0${ordinal(number)}`] : [];
  const names = [ordinal(number), String(number), ordinalWord(number), ...padded, ...(country === 'CA' ? french : [])];
  return names.map((name) => `${lead}${name} ${tail}`);
}

const KING = /(?<![a-z])(?:(?:dr )?(?:martin luther|m ?l) king(?: jr)?|mlk(?: jr)?)(?= |$)/;
const KINGS = ['', ' jr'].flatMap((junior) =>
  ['martin luther king', 'dr martin luther king', 'ml king', 'dr ml king', 'mlk'].map((name) => name + junior),
);

/** A folded street under every name that means the same: itself first, then those of numbered roads, of ordinals, of Dr King. */
export function streetVariants(folded: string, { A1, country }: { country: string; A1: string }): readonly string[] {
  const king = KING.exec(folded)?.[0];
  return [
    ...new Set([
      folded,
      ...roadVariants(folded, A1),
      ...ordinalVariants(folded, country),
      ...(king === undefined ? [] : KINGS.map((name) => folded.replace(king, name))),
    ]),
  ];
}
