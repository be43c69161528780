import { foldName } from '../domain/regions.ts';

/** USPS Publication 28 appendix C1, Canada Post's symbols and their French and Spanish kin: every spelling to its short form. */
const SHORT_FORMS: ReadonlyMap<string, string> = new Map(
  `aly alley allee ally|anx annex annx|arc arcade|ave avenue av aven avn avnue avenida avda|bch beach|bnd bend|blf bluff|
  blvd boulevard boul boulv bulevar|br branch brnch|brg bridge brdge|brk brook|byp bypass bypa byps|cswy causeway causwa|
  ctr center centre cent cntr|cir circle circ crcl cercle|clf cliff|clb club|cmn common|cor corner|crse course|ct court|
  cts courts|cv cove|crk creek|cres crescent crsent croissant crois|crst crest|xing crossing crssng|xrd crossroad|curv curve|dl dale|
  dr drive drv driv|est estate|ests estates|expy expressway expr exp|ext extension extn|fls falls|fry ferry|fld field|flds fields|
  frd ford|frst forest|frk fork|frks forks|fwy freeway frwy|gdn garden|gdns gardens grdns|gtwy gateway|gln glen|grn green|
  grv grove|hbr harbor harbour|hvn haven|hts heights ht hgts|hwy highway hiway hway|hl hill|hls hills|holw hollow|
  is island|isle isles|jct junction|ky key|knl knoll|knls knolls|lk lake|lks lakes|lndg landing|ln lane|lgt light|
  lf loaf|lck lock|ldg lodge|loop loops|mnr manor|mdw meadow|mdws meadows|ml mill|mls mills|msn mission|mtn mountain|
  nck neck|orch orchard|pkwy parkway parkwy pky pkway|psge passage|pne pine|pnes pines|pl place|pln plain|plns plains|
  plz plaza|pt point|prt port|pr prairie|rnch ranch|rpds rapids|rst rest|rdg ridge|rdgs ridges|riv river|rd road|
  rte route rt|shl shoal|shr shore|shrs shores|skwy skyway|spg spring|spgs springs|sq square carre|sta station|stra stravenue|
  strm stream|st street str saint|ste sainte|smt summit|ter terrace terr terrasse tsse|trwy throughway|trce trace|trak track|trl trail|
  tunl tunnel|tpke turnpike trnpk|upas underpass|un union|vly valley|via viaduct|vw view|vws views|vlg village|
  vl ville|vis vista|wl well|wls wells|wy way|mt mount|ft fort|
  ch chemin|rg rang|mtee montee|imp impasse|prom promenade|aut autoroute|carr carretera|cam camino|calle cll|call callejon|
  pso paseo|calz calzada|urb urbanizacion|sr state~route|cr county~road|us u~s|fm farm~to~market|
  n north nord norte|s south sud sur|e east est~dir|w west|ne northeast nordest|nw northwest nordouest|se southeast sudest|sw southwest sudouest|o ouest oeste|
  1st first premiere|2nd second deuxieme|3rd third troisieme|4th fourth|5th fifth|6th sixth|7th seventh|8th eighth|9th ninth|10th tenth`
    .split('|')
    .flatMap((line) => {
      const [short = '', ...long] = line.trim().split(/\s+/);
      return [short, ...long].map((word): [string, string] => [word.replaceAll('~', ' '), short]);
    }),
);

const PHRASES: readonly (readonly [RegExp, string])[] = [
  // East in French; behind an English name it is an estate.
  [/^((?:rue|boul|boulevard|av|avenue|ch|chemin|place|montee|rang|cote) .+) est$/, '$1 e'],
  [/\b(?:state (?:route|road|rte|rt|highway|hwy)|st (?:rte|rt|hwy))(?= \d)/g, 'sr'],
  [/\b(?:county (?:road|rd|route)|co rd)(?= \w*\d)/g, 'cr'],
  [/\b(?:farm to market(?: road| rd)?)(?= \d)/g, 'fm'],
  [/\b(?:united states|u s|us)(?: (?:highway|hwy|route|rte))?(?= \d)/g, 'us'],
  [/\b(?:interstate)(?: (?:highway|hwy))?(?= \d)/g, 'i'],
  [/\b(?:nord|north) (?:est|east)\b/g, 'ne'],
  [/\b(?:nord ouest|north west)\b/g, 'nw'],
  [/\b(?:sud|south) (?:est|east)\b/g, 'se'],
  [/\b(?:sud ouest|south west)\b/g, 'sw'],
];

/** Words that a street of French or Spanish name may leave out between its type and its name. */
const PARTICLES: ReadonlySet<string> = new Set([
  'de',
  'du',
  'des',
  'la',
  'le',
  'les',
  'l',
  'd',
  'del',
  'los',
  'las',
  'el',
]);

const DIRECTIONS: ReadonlySet<string> = new Set(['n', 's', 'e', 'w', 'ne', 'nw', 'se', 'sw', 'o']);
const TYPES: ReadonlySet<string> = new Set('st ave rd dr ln blvd pl ct ter wy hwy pkwy cir calle'.split(' '));

/**
 * Where a direction is all the name a street has, it stays as it is written: `South St` and `S St` are two streets of one town,
 * `E North St` and `East North St` are one.
 */
function nameAmong(words: readonly string[], short: readonly string[]): number {
  const isHouse = /^\d/.test(words[0] ?? '') && !/^\d+(?:st|nd|rd|th)$/.test(words[0] ?? '');
  const start = isHouse ? 1 : 0;
  const others = short.slice(start).filter((word) => !DIRECTIONS.has(word));
  if (others.length > 1 || (others[0] !== undefined && !TYPES.has(others[0]))) return -1;
  const type = others[0] === undefined ? short.length : short.indexOf(others[0], start);
  return type === start ? start + 1 : type - 1;
}

/**
 * Folds a street for comparison, whole (`North Main Street` and `N MAIN ST` -> `n main st`): word by word, so that it does not
 * matter into which elements either side split it.
 */
export function foldStreet(text: string): string {
  const words = wordsOf(text);
  const short = words.map(shorten);
  const name = nameAmong(words, short);
  return short.map((word, place) => (place === name ? (words[place] ?? word) : word)).join(' ');
}

/** Folds one element of a street, such as its direction or its type. */
export function foldElement(text: string): string {
  return wordsOf(text).map(shorten).join(' ');
}

function shorten(word: string): string {
  return SHORT_FORMS.get(word) ?? word;
}

function wordsOf(text: string): string[] {
  // `rue de l'Église`: an article and a name; `O'Farrell` is one word.
  let folded = foldName(text.replaceAll('&', ' and ').replaceAll(/(?<!\p{L})([dl])['’](?=\p{L}{2})/giu, '$1 '));
  for (const [phrase, short] of PHRASES) folded = folded.replace(phrase, short);
  const words = folded.split(' ');
  return words.length > 2 ? words.filter((word, place) => place === 0 || !PARTICLES.has(word)) : words;
}
