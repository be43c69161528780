import { parse } from 'yaml';
import { type FieldFault, ProblemError } from '../../domain/problem.ts';
import { canonicalServiceUrn, isServiceUrn } from '../../domain/service-urn.ts';
import { errorText } from '../../support/error-text.ts';
import { readSipUri } from '../../wire/sip/uri.ts';
import { CONTENT_NAMES, FIELD_NAMES, type FieldName, type LayerContent, plainName } from './nena-layers.ts';

/** How a state's or a county's own names are to be read. */
export type BoundaryMapping = {
  /** Layers by plain name, and what each holds. */
  layers: ReadonlyMap<string, LayerContent>;
  /** Names under which a field is found, before the usual ones; plain. */
  fields: Partial<Record<FieldName, readonly string[]>>;
  /** For every row that has no such value. */
  values: Partial<Record<FieldName, string>>;
  /** SIP URIs by NGUID, agency or display name, in small letters, where the file has none. */
  destinations: ReadonlyMap<string, string>;
};

export const NO_MAPPING: BoundaryMapping = { layers: new Map(), fields: {}, values: {}, destinations: new Map() };

export const MOST_MAPPING = 256 * 1024;
const SECTIONS = ['layers', 'fields', 'values', 'destinations'];

/**
 * Reads a mapping file (YAML 1.2 or JSON):
 *
 * ```yaml
 * layers: { COUNTY_PSAPS: psap }
 * fields: { NGUID: GLOBALID, DsplayName: [DISPLAY, PSAP_NAME], Agency_ID: AGENCYID }
 * values: { ServiceURN: "urn:service:sos" }
 * destinations: { "Travis County SO": "sip:psap@travis.example" }
 * ```
 *
 * Throws `invalid` with every fault.
 */
export function readBoundaryMapping(text: string | undefined): BoundaryMapping {
  if (text === undefined || text.trim() === '') return NO_MAPPING;
  if (text.length > MOST_MAPPING)
    throw new ProblemError('too-large', `a mapping has at most ${MOST_MAPPING} characters`);
  const faults: FieldFault[] = [];
  const document = asRecord(parseYaml(text), 'mapping', faults);
  for (const name of Object.keys(document)) {
    if (!SECTIONS.includes(name)) faults.push({ path: `mapping/${name}`, message: `expected ${SECTIONS.join(', ')}` });
  }
  const section = (name: string): Record<string, unknown> => asRecord(document[name] ?? {}, `mapping/${name}`, faults);
  const mapping = {
    layers: readLayers(section('layers'), faults),
    fields: readFields(section('fields'), faults),
    values: readValues(section('values'), faults),
    destinations: readDestinations(section('destinations'), faults),
  };
  if (faults.length > 0) throw new ProblemError('invalid', 'the mapping has faults', { fields: faults.slice(0, 100) });
  return mapping;
}

function parseYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0, schema: 'core' }) as unknown;
  } catch (cause) {
    throw new ProblemError('malformed', `the mapping is no YAML: ${errorText(cause)}`, { cause });
  }
}

function asRecord(value: unknown, path: string, faults: FieldFault[]): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  faults.push({ path, message: 'expected names with values' });
  return {};
}

function readLayers(given: Record<string, unknown>, faults: FieldFault[]): Map<string, LayerContent> {
  const layers = new Map<string, LayerContent>();
  for (const [name, value] of Object.entries(given)) {
    const content = CONTENT_NAMES.find((one) => one === value);
    if (content === undefined)
      faults.push({ path: `mapping/layers/${name}`, message: `expected ${CONTENT_NAMES.join(', ')}` });
    else layers.set(plainName(name), content);
  }
  return layers;
}

const isField = (name: string): name is FieldName => Object.hasOwn(FIELD_NAMES, name);
const FIELD_LIST = Object.keys(FIELD_NAMES).join(', ');

function readFields(given: Record<string, unknown>, faults: FieldFault[]): BoundaryMapping['fields'] {
  const fields: BoundaryMapping['fields'] = {};
  for (const [name, value] of Object.entries(given)) {
    const list: unknown[] = Array.isArray(value) ? value : [value];
    const names = list.filter((one) => typeof one === 'string').map(plainName);
    if (!isField(name)) faults.push({ path: `mapping/fields/${name}`, message: `expected ${FIELD_LIST}` });
    else if (names.length === 0 || names.length < list.length) {
      faults.push({ path: `mapping/fields/${name}`, message: 'expected a field of the file, or a list of them' });
    } else fields[name] = names;
  }
  return fields;
}

function readValues(given: Record<string, unknown>, faults: FieldFault[]): BoundaryMapping['values'] {
  const values: BoundaryMapping['values'] = {};
  for (const [name, value] of Object.entries(given)) {
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    const path = `mapping/values/${name}`;
    if (!isField(name) || name === 'NGUID') faults.push({ path, message: `expected ${FIELD_LIST}; but no NGUID` });
    else if (text === '') faults.push({ path, message: 'expected a text' });
    else if (name === 'ServiceURN' && !isServiceUrn(text))
      faults.push({ path, message: 'expected an emergency service URN' });
    else values[name] = name === 'ServiceURN' ? canonicalServiceUrn(text) : text;
  }
  return values;
}

function readDestinations(given: Record<string, unknown>, faults: FieldFault[]): Map<string, string> {
  const destinations = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' && value.length <= 1_024 && readSipUri(value.trim())) {
      destinations.set(name.trim().toLowerCase(), value.trim());
    } else faults.push({ path: `mapping/destinations/${name}`, message: 'expected a sip: or sips: URI' });
  }
  return destinations;
}
