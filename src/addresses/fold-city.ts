import { foldName } from '../domain/regions.ts';

/** Words that city names are shortened by, long form second; both sides of a comparison are brought to the long one. */
const LONG_WORDS: ReadonlyMap<string, string> = new Map([
  ['n', 'north'],
  ['s', 'south'],
  ['e', 'east'],
  ['w', 'west'],
  ['no', 'north'],
  ['so', 'south'],
  ['afb', 'air force base'],
  ['bch', 'beach'],
  ['bluf', 'bluff'],
  ['centre', 'center'],
  ['ctr', 'center'],
  ['cy', 'city'],
  ['fls', 'falls'],
  ['frk', 'fork'],
  ['gdns', 'gardens'],
  ['grv', 'grove'],
  ['harbour', 'harbor'],
  ['hbr', 'harbor'],
  ['hgts', 'heights'],
  ['hls', 'hills'],
  ['hts', 'heights'],
  ['hvn', 'haven'],
  ['isl', 'island'],
  ['jct', 'junction'],
  ['lk', 'lake'],
  ['lks', 'lakes'],
  ['mdws', 'meadows'],
  ['mtn', 'mountain'],
  ['pk', 'park'],
  ['pt', 'point'],
  ['rdg', 'ridge'],
  ['spg', 'spring'],
  ['spgs', 'springs'],
  ['sta', 'station'],
  ['twp', 'township'],
  ['vlg', 'village'],
  ['vly', 'valley'],
]);

/** Folds a city name for comparison: `N. Las Vegas` and `NORTH LAS VEGAS`, `Saint Paul` and `St. Paul` fold to the same text. */
export function foldCity(name: string): string {
  const folded = foldName(name);
  // Most names hold nothing to expand; those without a short word need no new string.
  return folded.replace(/\b[a-z]{1,7}\b/g, (word) => LONG_WORDS.get(word) ?? word);
}

const NICKNAMES: ReadonlyMap<string, string> = new Map([
  ['nyc', 'new york'],
  ['new york city', 'new york'],
  ['washington dc', 'washington'],
  ['washington d c', 'washington'],
  ['quebec city', 'quebec'],
]);

const IN_FRONT = /^(?:the )?(?:city|town|township|village|borough|ville|municipality|municipio) (?:of|de) /;
const BEHIND = / (?:city|town|township|village|borough|municipio)$/;

/** Other names under which a folded city may be listed: without `City of` and the like. */
export function cityVariants(folded: string): readonly string[] {
  const variants = [NICKNAMES.get(folded), folded.replace(IN_FRONT, ''), folded.replace(BEHIND, '')];
  return variants.filter((name): name is string => name !== undefined && name !== '' && name !== folded);
}

const AREA_WORDS: readonly (readonly [short: string, long: string])[] = [
  ['urb', 'urbanizacion'],
  ['bo', 'barrio'],
  ['ext', 'extension'],
  ['res', 'residencial'],
  ['parc', 'parcelas'],
  ['com', 'comunidad'],
];

/**
 * The folded names of a part of a place as data may have it: `Urb Las Gladiolas`, `Urbanización Las Gladiolas` and `Las Gladiolas`
 * are one; its extension is another.
 */
export function areaVariants(part: string): readonly string[] {
  const folded = foldCity(part);
  if (folded === '') return [];
  const [first = '', ...name] = folded.split(' ');
  const kind = AREA_WORDS.find((words) => words.includes(first));
  const bare = name.join(' ');
  if (kind === undefined) return [folded, `urb ${folded}`, `urbanizacion ${folded}`];
  const both = kind.map((word) => `${word} ${bare}`);
  return kind[0] === 'urb' && bare !== '' ? [...both, bare] : both;
}
