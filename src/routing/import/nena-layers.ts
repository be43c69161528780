/** What a layer of the NENA GIS data model holds (NENA-STA-006.2a and .3): who serves where, or who answers for the data. */
export const LAYER_CONTENTS = {
  psap: { service: 'urn:service:sos', inNames: /psap/ },
  police: { service: 'urn:service:sos.police', inNames: /police|lawenforcement|^law|sheriff/ },
  fire: { service: 'urn:service:sos.fire', inNames: /fire/ },
  ems: { service: 'urn:service:sos.ambulance', inNames: /^ems|ems$|emspolygon|emsboundar|ambulance/ },
  poison: { service: 'urn:service:sos.poison', inNames: /poison/ },
  mountain: { service: 'urn:service:sos.mountain', inNames: /mountainrescue/ },
  marine: { service: 'urn:service:sos.marine', inNames: /coastguard|marinerescue/ },
  /** Any service: every row names its own. */
  service: { service: undefined, inNames: /serviceboundar/ },
  /** Whose data a place is: kept, never routed to. */
  provisioning: { service: undefined, inNames: /provisioning/ },
} as const satisfies Record<string, { service: string | undefined; inNames: RegExp }>;

export type LayerContent = keyof typeof LAYER_CONTENTS;

export const CONTENT_NAMES = Object.keys(LAYER_CONTENTS) as LayerContent[];

/** Letters and digits alone, small: `ES_NGUID` and `esNguid` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** What a layer of this name holds; undefined for names of other things (roads, address points) and of nothing known. */
export function contentOfLayer(name: string): LayerContent | undefined {
  const plain = plainName(name);
  if (/centerline|address|hydrant|station/.test(plain)) return undefined;
  return CONTENT_NAMES.find((content) => LAYER_CONTENTS[content].inNames.test(plain));
}

/** The fields of a boundary, under the names of the model, and the names under which they are found besides. */
export const FIELD_NAMES = {
  NGUID: ['nguid', 'nenaguid', 'esnguid', 'esbnguid', 'psapnguid', 'ngunid', 'nenaglobal', 'nenagloballyuniqueid'],
  Agency_ID: ['agencyid', 'agency', 'agencyidentifier'],
  DsplayName: [
    'dsplayname',
    'displayname',
    'display',
    'dispname',
    'displaynam',
    'psapname',
    'agencyname',
    'agencynam',
    'name',
  ],
  ServiceURI: ['serviceuri', 'servuri', 'routeuri', 'sipuri', 'uri'],
  ServiceURN: ['serviceurn', 'servurn', 'urn'],
  ServiceNum: ['servicenum', 'servicenumber', 'servnum', 'servicenu'],
  Effective: ['effective', 'effectivedate', 'effectivedt', 'effectived', 'effectdate', 'effdate'],
  Expire: ['expire', 'expires', 'expiredate', 'expiration', 'expirationdate', 'expirationd', 'expdate'],
} as const satisfies Record<string, readonly string[]>;

export type FieldName = keyof typeof FIELD_NAMES;

/** Ids that programs give each row by themselves and keep: taken where there is no NGUID. */
export const OTHER_IDS = ['globalid', 'guid', 'uniqueid'];
