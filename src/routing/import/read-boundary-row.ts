import { canonicalServiceUrn, isServiceUrn, SOS } from '../../domain/service-urn.ts';
import type { LayerFeature, LayerValue } from '../../layers/layer.ts';
import { readSipUri } from '../../wire/sip/uri.ts';
import { BOUNDARY_RULES, type NoteFinding } from './boundary-finding.ts';
import type { BoundaryMapping } from './boundary-mapping.ts';
import { FIELD_NAMES, type FieldName, LAYER_CONTENTS, type LayerContent, OTHER_IDS, plainName } from './nena-layers.ts';

/** What a row says of a boundary, without its outline. */
export type BoundaryValues = {
  sourceId: string;
  /** `provisioning`: whose data a place is; never routed to. */
  kind: 'service' | 'provisioning';
  source: string;
  serviceUrn: string;
  /** Empty where the row names no SIP URI. */
  uri: string;
  displayName: string;
  serviceNumber: string;
  /** ISO 8601; null = always. */
  effectiveAt: string | null;
  expiresAt: string | null;
};

export type RowContext = {
  layer: string;
  content: LayerContent;
  mapping: BoundaryMapping;
  /** Stands for whatever the rows say. */
  service: string | undefined;
  nowMs: number;
  note: NoteFinding;
};

/** The importing agency is shown as `source`; a name without a dot would not be a legal one (RFC 5222 §4). */
const APPLICATION_UNIQUE = /^(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9]+$/;
const IMPORTED_SOURCE = 'waymark.imported';

// Neither a column nor an XML document takes them; the last are halves of surrogate pairs.
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/** Ids of the built-in mappings, which an import must not claim. */
const RESERVED_ID = /^(?:us-county-|ca-province-)/;

/** UTF-8 that was read as Windows-1252 somewhere on its way, or could not be read at all. */
const MANGLED = /[\u00C2\u00C3][\u0080-\u00BF\u2018-\u203A\u20AC\u0152-\u0192]|\u00E2\u20AC|\uFFFD/;

const LENGTHS = {
  NGUID: 254,
  Agency_ID: 254,
  DsplayName: 254,
  ServiceURI: 1_024,
  ServiceURN: 256,
  ServiceNum: 15,
} as const;

/** Reads the fields of a row by the names of the NENA model, of the mapping, or of habit; null where no boundary comes of it. */
export function readBoundaryRow(feature: LayerFeature, context: RowContext): BoundaryValues | null {
  const noted: Parameters<NoteFinding>[0][] = [];
  const values = readValues(feature, { ...context, note: (finding) => noted.push(finding) });
  // What was assumed about a row that is kept out is of no interest.
  for (const finding of noted) {
    if (values !== null || BOUNDARY_RULES[finding.rule] === 'error') context.note(finding);
  }
  return values;
}

function readValues({ row, properties }: LayerFeature, context: RowContext): BoundaryValues | null {
  const { layer, content, mapping, note } = context;
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(properties)) {
    const text = textOf(value);
    const plain = plainName(name);
    if (text !== '' && !values.has(plain)) values.set(plain, text);
  }
  const at = { layer, row };
  let faulty = false;
  const fault = (rule: 'no-id' | 'bad-id' | 'bad-value' | 'no-service', message: string): void => {
    faulty = true;
    note({ ...at, rule, message });
  };
  const find = (field: FieldName): string => {
    for (const name of [...(mapping.fields[field] ?? []), ...FIELD_NAMES[field]]) {
      const found = values.get(name);
      if (found !== undefined) return found;
    }
    return mapping.values[field] ?? '';
  };
  const read = (field: keyof typeof LENGTHS): string => {
    const text = find(field);
    if (text.length > LENGTHS[field]) fault('bad-value', `${field} is longer than ${LENGTHS[field]} characters`);
    else if (UNPRINTABLE.test(text)) fault('bad-value', `${field} holds a control character`);
    else return text;
    return '';
  };

  const sourceId = readId(read('NGUID'), values, { at, note, fault });
  const agency = read('Agency_ID');
  const name = read('DsplayName');
  if (MANGLED.test(name)) note({ ...at, rule: 'encoding', boundary: sourceId, message: `its name reads ${name}` });
  if (name === '') note({ ...at, rule: 'name-missing', boundary: sourceId, message: 'has no DsplayName' });
  const kind = content === 'provisioning' ? 'provisioning' : 'service';
  const dates = readDates(find('Effective'), find('Expire'), { sourceId, at, context });
  const serviceNumber = read('ServiceNum') || '911';
  if (!/^[0-9*#]+$/.test(serviceNumber)) fault('bad-value', 'ServiceNum: expected digits');
  const shared = {
    sourceId,
    kind,
    source: APPLICATION_UNIQUE.test(agency) ? agency : IMPORTED_SOURCE,
    displayName: name || agency || sourceId,
    serviceNumber,
    ...dates,
  } as const;
  if (kind === 'provisioning') return faulty ? null : { ...shared, serviceUrn: '', uri: '' };

  const serviceUrn = context.service ?? readService(read('ServiceURN'), content, { sourceId, at, note });
  if (serviceUrn === undefined) {
    fault('no-service', 'its ServiceURN is missing or none of an emergency service, and the layer does not tell');
    return null;
  }
  const uri = readUri(read('ServiceURI'), [sourceId, agency, name], { sourceId, at, context });
  return faulty ? null : { ...shared, serviceUrn, uri };
}

function textOf(value: LayerValue): string {
  return value === null || typeof value === 'boolean' ? '' : String(value).trim();
}

type At = { layer: string; row: string };

function readId(
  given: string,
  values: ReadonlyMap<string, string>,
  { at, note, fault }: { at: At; note: NoteFinding; fault: (rule: 'no-id' | 'bad-id', message: string) => void },
): string {
  let id = given;
  if (id === '') {
    const other = OTHER_IDS.find((name) => values.has(name));
    id = other === undefined ? '' : (values.get(other) ?? '');
    if (id !== '') note({ ...at, rule: 'id-taken-over', boundary: id, message: `has no NGUID; its ${other} is taken` });
  }
  if (id === '') fault('no-id', 'has no NGUID');
  else if (/\s/.test(id)) fault('bad-id', 'its NGUID holds white space');
  else if (RESERVED_ID.test(id)) fault('bad-id', 'its NGUID is the id of a built-in mapping');
  return id;
}

/** URNs of the i3 tree inside an ESInet that mean the PSAP itself (NENA-STA-010.3 §10.3); callers ask for `urn:service:sos`. */
const PSAP_URN = /^urn:(?:emergency|nena):service:sos(?:\.psap)?$/;

function readService(
  given: string,
  content: LayerContent,
  { sourceId, at, note }: { sourceId: string; at: At; note: NoteFinding },
): string | undefined {
  const urn = canonicalServiceUrn(given);
  const usual = LAYER_CONTENTS[content].service;
  const takeOver = (taken: string): string => {
    const message = given === '' ? `names no service: ${taken}` : `${given} is taken as ${taken}`;
    if (taken !== urn) note({ ...at, rule: 'service-taken-over', boundary: sourceId, message });
    return taken;
  };
  if (PSAP_URN.test(urn)) return takeOver(SOS);
  const spelled = urn.replace(/^urn:nena:service:/, 'urn:emergency:service:');
  if (isServiceUrn(spelled)) return takeOver(spelled);
  return usual === undefined ? undefined : takeOver(usual);
}

function readUri(
  given: string,
  names: readonly string[],
  { sourceId, at, context }: { sourceId: string; at: At; context: RowContext },
): string {
  const { destinations } = context.mapping;
  const mapped = names.map((name) => destinations.get(name.toLowerCase())).find((uri) => uri !== undefined);
  const uri = mapped ?? given;
  if (uri !== '' && readSipUri(uri)) return uri;
  context.note({
    ...at,
    rule: 'destination-missing',
    boundary: sourceId,
    message: uri === '' ? 'names no ServiceURI' : `its ServiceURI ${uri.slice(0, 80)} is no sip: or sips: URI`,
  });
  return '';
}

function readDates(
  effective: string,
  expire: string,
  { sourceId, at, context }: { sourceId: string; at: At; context: RowContext },
): Pick<BoundaryValues, 'effectiveAt' | 'expiresAt'> {
  const { note, nowMs } = context;
  const read = (field: string, text: string): string | null => {
    const moment = readMoment(text);
    if (moment === undefined) {
      note({
        ...at,
        rule: 'date-unread',
        boundary: sourceId,
        message: `${field} ${text.slice(0, 40)} is no date: it is left out`,
      });
    }
    return moment ?? null;
  };
  const effectiveAt = read('Effective', effective);
  const expiresAt = read('Expire', expire);
  const isBefore = effectiveAt !== null && Date.parse(effectiveAt) > nowMs;
  const isAfter = expiresAt !== null && Date.parse(expiresAt) <= nowMs;
  if (isBefore || isAfter) {
    const message = isBefore ? `comes into force ${effectiveAt}` : `has expired ${expiresAt}`;
    note({ ...at, rule: 'not-in-force', boundary: sourceId, message });
  }
  return { effectiveAt, expiresAt };
}

const DATE = /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.\d+)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
/** Programs write their day zero, or the end of all days, where there is no date. */
const FIRST_YEAR = 1901;
const LAST_YEAR = 9000;

/** ISO 8601, with slashes too, or milliseconds; without offset in UTC. null = no date; undefined = not to be read. */
export function readMoment(text: string): string | null | undefined {
  if (text === '' || text === '0') return null;
  if (/^\d{11,14}$/.test(text)) return new Date(Number(text)).toISOString();
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, time = '00:00', seconds = ':00', offset = 'Z'] = parts;
  const zone = offset === 'Z' ? 'Z' : `${offset.slice(0, 3)}:${offset.replace(':', '').slice(3) || '00'}`;
  const moment = Date.parse(`${year}-${month}-${day}T${time}${seconds}${zone}`);
  // A day that its month has not would become one of the next.
  const isDay = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  if (Number.isNaN(moment) || !isDay) return undefined;
  return Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR ? null : new Date(moment).toISOString();
}
