/** Words by which street lines are told apart; folded by `foldWord`. Not complete on purpose: unknown words stay in the name. */

/** Lower case without accents, `ʻ` or closing dot: `Boul.` -> `boul`. */
export function foldWord(word: string): string {
  return word
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[’'ʻ‘]/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Street types that follow the name (USPS Publication 28, appendix C1, the ones in use). */
export const TYPES_AFTER_NAME = words(
  `aly alley anx annex arc arcade ave av aven avenue bch beach bnd bend blf bluff blvd boul boulevard br branch brg
  bridge brk brook byp bypass cswy causeway ctr center centre cir circ circle clf cliff clb club cmn common cor corner
  crse course ct court cts courts cv cove crk creek cres crescent xing crossing curv curve dl dale dm dam dr drive est
  estate ests estates expy expressway ext extension fls falls fry ferry fld field flds fields frd ford frst forest frk
  fork fwy freeway gdn garden gdns gardens gtwy gateway gln glen grn green grv grove hbr harbor hvn haven hts heights
  hwy highway hl hill hls hills holw hollow is island isle jct junction key ky knl knoll lk lake lndg landing ln lane
  lgt light lf loaf lck lock ldg lodge loop mall mnr manor mdw meadow mdws meadows mews ml mill msn mission mtwy
  motorway mt mount mtn mountain nck neck orch orchard oval opas overpass park pkwy parkway pky pass psge passage path
  pike pne pine pnes pines pl place pln plain plns plains plz plaza pt point prt port pr prairie radl radial ramp rnch
  ranch rpd rapid rst rest rdg ridge riv river rd road rte route row rue run shl shoal shr shore skwy skyway spg spring
  spgs springs spur sq square sta station stra stravenue strm stream st street smt summit ter terrace trwy throughway
  trce trace trak track trfy trafficway trl trail tunl tunnel tpke turnpike upas underpass un union vly valley via
  viaduct vw view vlg village vl ville vis vista walk wall way wl well wls wells cl close gate line sdrd sideroad conc
  concession`,
);

/** French types that stand before the name and are no English word: `rue Sainte-Catherine`. */
export const FRENCH_TYPES_BEFORE_NAME = words(
  `rue ruelle boul chemin ch rang rg montee mtee cote allee impasse imp croissant crois promenade prom quai autoroute
  aut carre cours cour cercle sentier traverse echangeur`,
);

/** Types before the name in French, after it in English: which one it is shows in the rest of the line. */
export const FRENCH_OR_ENGLISH_TYPES = words(
  'avenue av ave boulevard blvd place pl route rte square terrasse terr tsse',
);

/** Spanish types before the name, as Puerto Rico writes them. */
export const SPANISH_TYPES_BEFORE_NAME = words(
  `calle cll c/ avenida ave av avda bulevar boulevard blvd calzada calz camino cam carretera carr callejon paseo pso
  pasaje via vereda marginal sector plaza`,
);

/** Named areas of Puerto Rico that stand before or behind the street: civic element A4 (RFC 4776 §3.4). */
export const SPANISH_AREAS = words(
  'urb urbanizacion bo barrio ext extension res residencial parc parcelas com comunidad',
);

const DIRECTIONS_SHORT = 'n s e w ne nw se sw';
const DIRECTIONS_LONG = 'north south east west northeast northwest southeast southwest';

export const DIRECTIONS = words(`${DIRECTIONS_SHORT} ${DIRECTIONS_LONG}`);
export const SHORT_DIRECTIONS = words(DIRECTIONS_SHORT);
export const FRENCH_DIRECTIONS = words(`n s e o no ne so se nord sud est ouest w nw sw ${DIRECTIONS_LONG}`);

/** Types behind which a word is no longer the name. */
export const COMMON_TYPES = words(
  'st street ave avenue rd road dr drive blvd boulevard ln lane ct court pl place ter terrace way cir circle hwy highway pkwy parkway',
);

/** Designators that need no number (USPS Publication 28 §213.1 and appendix C2) and the element that holds the word itself. */
export const BARE_DESIGNATORS: ReadonlyMap<string, 'UNIT' | 'FLR'> = new Map([
  ...['basement', 'bsmt'].map((word) => [word, 'FLR'] as const),
  ...'frnt front lbby lobby lowr lower ofc office ph penthouse rear side uppr upper'
    .split(' ')
    .map((word) => [word, 'UNIT'] as const),
]);

/** Designators inside a building and the element they fill (RFC 4119 §2.2.1, RFC 5139 §3.1). */
export const INDOOR_DESIGNATORS: ReadonlyMap<string, 'UNIT' | 'FLR' | 'ROOM' | 'BLD' | 'SEAT'> = new Map([
  ...['apt', 'apartment', 'suite', 'ste', 'unit', 'app', 'appartement', 'bureau', 'bur', 'unite'].map(
    (word) => [word, 'UNIT'] as const,
  ),
  ...['apto', 'apartamento', 'oficina', 'ofic', 'local', 'unidad', 'lot', 'trlr', 'trailer', 'spc', 'space'].map(
    (word) => [word, 'UNIT'] as const,
  ),
  ...['fl', 'flr', 'floor', 'piso', 'etage'].map((word) => [word, 'FLR'] as const),
  ...['hangar', 'hngr', 'slip', 'penthouse'].map((word) => [word, 'UNIT'] as const),
  ...['rm', 'room', 'salle', 'salon'].map((word) => [word, 'ROOM'] as const),
  ...['bldg', 'building', 'edif', 'edificio', 'edifice'].map((word) => [word, 'BLD'] as const),
  ...['desk', 'cubicle', 'seat'].map((word) => [word, 'SEAT'] as const),
]);
