/**
 * The fields of address layers under the names that layers give them: NENA-STA-006 version 2 and 3 first, then those in use by
 * states and counties. Names are compared without case and `_`.
 */
const POINT_FIELDS = {
  id: 'NGUID Site_NGUID SiteNGUID AP_GUID UTAddPtID ADDPTKEY GlobalID FEATUREID UID EAS_SUBID OBJECTID',
  HNP: 'AddNum_Pre AdNum_Pre PREADDRNUM PRE_NUM',
  HNO: 'Add_Number AddNum ADDRNUM ADDR_NUM HOUSENUM HouseNo StNum',
  HNS: 'AddNum_Suf ADDRNUMSUF ADDR_N_SFX AddNumSuff SUF_NUM',
  PRM: 'St_PreMod STREET_PREMOD PRE_MOD',
  PRD: 'St_PreDir STREET_PREFIX PrefixDir ST_PREFIX PRE_DIR',
  STP: 'St_PreTyp STREET_PRE_TYPE PRE_TYPE',
  SEP: 'St_PreSep',
  RD: 'St_Name STREET_NAME StreetName ST_NAME NAME',
  STS: 'St_PosTyp STREET_TYPE StreetType ST_TYPE SUF_TYPE',
  POD: 'St_PosDir STREET_SUFFIX SuffixDir ST_SUFFIX SUF_DIR',
  POM: 'St_PosMod SUF_MOD',
  address: 'FULLADDR FullAdd DLVRY_ADD STREET_ADDR LSN ADDRESS',
  country: 'Country',
  A1: 'A1 State',
  A2: 'A2 County',
  A3: 'A3 Inc_Muni MUNICIPALITY MUNI City',
  A4: 'A4 Uninc_Comm VILLAGE',
  A5: 'A5 Nbrhd_Comm',
  PC: 'Post_Code ZIP_5 ZipCode ZIP_CODE ZIP',
  PCN: 'Post_Comm PO_NAME USPS_CITY ZIP_NAME',
  MSAG: 'MSAGComm MSAG_COMMUNITY COMM',
  ESN: 'ESN',
  BLD: 'Structure Building BLDG',
  FLR: 'Floor',
  UNIT: 'UnitValue Unit UNITID UNIT_ID UNIT_NUM UNITNUM',
  ROOM: 'Room',
  SEAT: 'Seat',
  latitude: 'Latitude LAT Y_LAT',
  longitude: 'Longitude LONG LON X_LON',
} as const;

const ROAD_FIELDS = {
  id: 'NGUID RCL_NGUID RCLNGUID GlobalID SEG_GUID OBJECTID',
  PRM: 'St_PreMod PRE_MOD',
  PRD: 'St_PreDir PRE_DIR',
  STP: 'St_PreTyp PRE_TYPE',
  SEP: 'St_PreSep',
  RD: 'St_Name STREET_NAME StreetName NAME',
  STS: 'St_PosTyp SUF_TYPE StreetType',
  POD: 'St_PosDir SUF_DIR',
  POM: 'St_PosMod SUF_MOD',
  name: 'FULLNAME NAME_FULL',
} as const;

/** Fields that a road has for each side; `_L` and `_R` follow the name. */
const SIDE_FIELDS = {
  HNP: 'AdNumPre AddNumPre',
  from: 'FromAddr FADD FROMADDR',
  to: 'ToAddr TADD TOADDR',
  parity: 'Parity',
  valid: 'Valid',
  country: 'Country',
  A1: 'A1 State',
  A2: 'A2 County',
  A3: 'A3 IncMuni Inc_Muni City',
  A4: 'A4 UnincCom Uninc_Com',
  A5: 'A5 NbrhdCom Nbrhd_Com',
  PC: 'PostCode Post_Code ZIP',
  PCN: 'PostComm Post_Comm',
  MSAG: 'MSAGComm MSAG_Comm',
  ESN: 'ESN',
} as const;

export type PointField = keyof typeof POINT_FIELDS;
export type RoadField = keyof typeof ROAD_FIELDS;
export type SideField = keyof typeof SIDE_FIELDS;

/** A field of ours to the name that the file gives it, where that is none of the known ones; sides as `from_L`. */
export type FieldMapping = Readonly<Record<string, string>>;

type Properties = Readonly<Record<string, unknown>>;

const fold = (name: string): string => name.replaceAll('_', '').toLowerCase();

/** Reads a field of a feature as text; empty where there is none. */
export type FieldReader<Field extends string> = (properties: Properties, field: Field) => string;

/** The names that a mapping may have on its left side. */
export const MAPPABLE_FIELDS: readonly string[] = [
  ...new Set([
    ...Object.keys(POINT_FIELDS),
    ...Object.keys(ROAD_FIELDS),
    ...Object.keys(SIDE_FIELDS).flatMap((name) => [`${name}_L`, `${name}_R`]),
  ]),
];

const NOTHING = /^(?:<?null>?|<?none>?|n\/a)$/i;

function textOf(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.replaceAll(/\s+/g, ' ').trim();
    return NOTHING.test(text) ? '' : text;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return typeof value === 'bigint' ? String(value) : '';
}

/** Sets of names after which what was found for them is forgotten: a layer has one, or a few. */
const MOST_SHAPES = 1_000;

/** Finds the columns once for each set of names that occurs: features of one layer mostly have the same. */
function createReader<Field extends string>(
  known: Readonly<Record<Field, readonly string[]>>,
  mapping: FieldMapping,
): FieldReader<Field> {
  const shapes = new Map<string, Map<Field, readonly string[]>>();
  let last: Properties | undefined;
  let columns = new Map<Field, readonly string[]>();

  function columnsOf(properties: Properties): Map<Field, readonly string[]> {
    const names = Object.keys(properties);
    const shape = names.join('\n');
    const found = shapes.get(shape);
    if (found !== undefined) return found;
    const byFold = new Map(names.map((name) => [fold(name), name]));
    const made = new Map<Field, readonly string[]>();
    for (const field of Object.keys(known) as Field[]) {
      const wanted = mapping[field] === undefined ? known[field] : [mapping[field]];
      made.set(
        field,
        wanted.flatMap((name) => byFold.get(fold(name)) ?? []),
      );
    }
    if (shapes.size >= MOST_SHAPES) shapes.clear();
    shapes.set(shape, made);
    return made;
  }

  return (properties, field) => {
    if (properties !== last) {
      last = properties;
      columns = columnsOf(properties);
    }
    for (const name of columns.get(field) ?? []) {
      const text = textOf(properties[name]);
      if (text !== '') return text;
    }
    return '';
  };
}

function split<Field extends string>(fields: Readonly<Record<Field, string>>): Record<Field, readonly string[]> {
  const lists: Partial<Record<Field, readonly string[]>> = {};
  for (const field of Object.keys(fields) as Field[]) lists[field] = fields[field].split(' ');
  return lists as Record<Field, readonly string[]>;
}

export function createPointReader(mapping: FieldMapping): FieldReader<PointField> {
  return createReader(split(POINT_FIELDS), mapping);
}

export type SidedField = `${SideField}_${'L' | 'R'}`;

export function createRoadReader(mapping: FieldMapping): FieldReader<RoadField | SidedField> {
  const sides: [string, string[]][] = Object.entries(SIDE_FIELDS).flatMap(([field, names]) =>
    ['L', 'R'].map((side): [string, string[]] => [
      `${field}_${side}`,
      // Some layers say once what holds on both sides.
      names.split(' ').flatMap((name) => [`${name}_${side}`, `${side}_${name}`, name]),
    ]),
  );
  return createReader(
    { ...split(ROAD_FIELDS), ...Object.fromEntries(sides) } as Record<RoadField | SidedField, string[]>,
    mapping,
  );
}

/** Whether a feature of these properties is a road with ranges: it has a range on its left. */
export function looksLikeRoad(properties: Properties): boolean {
  const names = new Set(Object.keys(properties).map(fold));
  return SIDE_FIELDS.from.split(' ').some((name) => names.has(fold(`${name}L`)) || names.has(fold(`L${name}`)));
}
