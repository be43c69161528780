import { isIPv4, isIPv6 } from 'node:net';
import { type FieldFault, invalidField, ProblemError } from '../domain/problem.ts';
import { readHardwareAddress } from '../wire/held/held.ts';

/** Columns of our own form, in any order; the header row is required. `location` is needed where an ERL's name is not unique. */
export const WIRE_MAP_COLUMNS = ['kind', 'value', 'port', 'location', 'erl', 'description'] as const;

/** The forms of wire map files that are read. */
export const WIRE_MAP_FORMATS = ['waymark', 'redsky', 'teams', 'cer', 'access-points'] as const;

export type WireMapFormat = (typeof WIRE_MAP_FORMATS)[number];

/** What a column is for. `site` names a location only where the name of the ERL is not unique. */
const WIRE_MAP_FIELDS = [
  'kind',
  'value',
  'port',
  'location',
  'site',
  'erl',
  'description',
  'chassis',
  'bssid',
  'mac',
  'subnet',
  'mask',
  'first',
  'last',
  'accessPoint',
] as const;

type Field = (typeof WIRE_MAP_FIELDS)[number];

/** Which column of a file each field stands in, counted from 1. */
export type WireMapColumns = Partial<Record<Field, number>>;

/** Reads `chassis:1,port:2,erl:5`. Throws `invalid`. */
export function readColumns(text: string | undefined): WireMapColumns | undefined {
  if (text === undefined || text === '') return undefined;
  const columns: WireMapColumns = {};
  for (const part of text.split(',')) {
    const [, name, place] = /^(\w+):([1-9]\d{0,3})$/.exec(part.trim()) ?? [];
    const field = WIRE_MAP_FIELDS.find((one) => one === name);
    if (field === undefined || columns[field] !== undefined) {
      throw invalidField('columns', `expected each of ${WIRE_MAP_FIELDS.join(', ')} once at most, as chassis:1,port:2`);
    }
    columns[field] = Number(place);
  }
  return columns;
}

/** Names of columns as they stand in headers, without case and separators. */
type Columns = Readonly<Partial<Record<Field, readonly string[]>>>;

const REDSKY: Columns = {
  kind: ['type', 'elementtype', 'networkelementtype'],
  chassis: ['chassisid', 'switchid', 'chassis'],
  port: ['portid', 'port'],
  bssid: ['bssid'],
  mac: ['macaddress', 'devicemac'],
  subnet: ['subnet', 'iprange', 'ipaddress'],
  first: ['ipstart', 'startip', 'iprangestart', 'ipaddressstart'],
  last: ['ipend', 'endip', 'iprangeend', 'ipaddressend'],
  location: ['building', 'buildingname'],
  erl: ['location', 'locationname', 'emergencylocation'],
  description: ['description', 'switchdescription', 'notes'],
};

const TEAMS: Columns = {
  subnet: ['subnet', 'subnetid'],
  mask: ['maskbits', 'mask', 'prefix'],
  bssid: ['bssid', 'wap'],
  chassis: ['chassisid'],
  port: ['portid'],
  location: ['locationname'],
  site: ['companyname'],
  erl: ['location', 'locationid', 'place'],
  description: ['description'],
};

const CER: Columns = {
  chassis: ['switchipaddress', 'switchiphostname', 'switchiphost', 'switchhostname', 'switchname', 'switch'],
  port: ['portidentifier', 'portname', 'ifname', 'interface', 'port'],
  subnet: ['subnetid', 'subnet', 'ipsubnet', 'ipv6subnet'],
  mask: ['subnetmask', 'mask', 'prefixlength'],
  bssid: ['bssid', 'apbssid', 'accesspointbssid'],
  mac: ['macaddress', 'phonemacaddress', 'mac'],
  location: ['site', 'building'],
  site: ['location', 'portlocation', 'switchlocation'],
  erl: ['erlname', 'erl'],
  description: ['description', 'apname', 'portdescription'],
};

const ACCESS_POINTS: Columns = {
  accessPoint: ['mac', 'macaddress', 'apmac', 'apmacaddress', 'ethernetmac'],
  bssid: ['bssid', 'bssids'],
  location: ['site', 'sitename', 'network', 'networkname', 'building'],
  erl: ['erl', 'erlname', 'emergencylocation', 'floor', 'floorplan', 'map', 'mapname'],
  description: ['name', 'apname', 'devicename', 'description'],
};

const OWN: Columns = {
  kind: ['kind'],
  value: ['value'],
  port: ['port'],
  location: ['location'],
  erl: ['erl'],
  description: ['description'],
};

const COLUMNS: Readonly<Record<WireMapFormat, Columns>> = {
  waymark: OWN,
  redsky: REDSKY,
  teams: TEAMS,
  cer: CER,
  'access-points': ACCESS_POINTS,
};

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Which format a header is of; our own when it is none of the others'. */
function detectFormat(header: readonly string[]): WireMapFormat {
  const names = new Set(header.map(plain));
  const hasOne = (list: readonly string[] = []): boolean => list.some((name) => names.has(name));
  if (names.has('kind') && names.has('value')) return 'waymark';
  if (hasOne(ACCESS_POINTS.erl) && (names.has('serial') || names.has('model')) && hasOne(ACCESS_POINTS.accessPoint)) {
    return 'access-points';
  }
  const hasElement = (columns: Columns): boolean =>
    [columns.chassis, columns.bssid, columns.subnet, columns.mac, columns.first].some(hasOne);
  if (hasOne(CER.erl) && hasElement(CER)) return 'cer';
  if (hasOne(REDSKY.location) && hasOne(REDSKY.erl) && hasElement(REDSKY)) return 'redsky';
  if (hasOne(TEAMS.erl) && hasElement(TEAMS)) return 'teams';
  return 'waymark';
}

/** A row as it says what it means, not checked yet; `columns` are the names in the header of what it took. */
export type RawElement = {
  kind: string;
  value: string;
  port: string;
  location: string;
  hint: string;
  erl: string;
  description: string;
  /** What was taken for granted, in words. */
  assumed?: string;
};

export type RowReader = {
  format: WireMapFormat;
  /** What was taken for what. */
  columns: WireMapColumns;
  /** The elements of a row; a text is what is wrong with the row as a whole. */
  read(cells: readonly string[]): RawElement[] | string;
  /** The name in the header of what a fault is about: `kind`, `value`, `port`, `location`, `erl`, `description`. */
  columnOf(field: string, kind: string): string;
};

/** Prefix length of `255.255.255.0`, `24` or `/24`; undefined when it is none. */
function prefixOfMask(mask: string): number | undefined {
  const digits = mask.replace('/', '');
  if (/^\d{1,3}$/.test(digits)) return Number(digits);
  if (!isIPv4(mask)) return undefined;
  const bits = mask
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.indexOf('0') % 33 : undefined;
}

/** A subnet with its mask beside it, or with neither mask nor prefix, as Teams writes them. */
function readSubnet(subnet: string, mask: string): { value: string; assumed?: string } {
  if (subnet.includes('/') || subnet.includes('-')) return { value: subnet };
  if (mask !== '') {
    const prefix = mask === '255.255.255.255' ? 32 : prefixOfMask(mask);
    return { value: prefix === undefined ? `${subnet}/${mask}` : `${subnet}/${prefix}` };
  }
  if (isIPv4(subnet) && subnet.endsWith('.0')) return { value: `${subnet}/24`, assumed: 'taken for a /24' };
  if (isIPv6(subnet) && subnet.endsWith('::')) return { value: `${subnet}/64`, assumed: 'taken for a /64' };
  return { value: subnet };
}

/** The BSSIDs of an access point: those listed, else the sixteen that share all but the last digit of its address. */
function accessPointMasks(address: string, bssids: string): string[] {
  const listed = bssids.split(/[;|\s]+/).filter((one) => one !== '');
  if (listed.length > 0) return listed;
  const canonical = readHardwareAddress(address);
  return [canonical === undefined ? address : `${canonical.slice(0, 16)}*`];
}

type Cells = (field: Field) => string;

function ownElements(cell: Cells): Pick<RawElement, 'kind' | 'value' | 'port'>[] {
  return [{ kind: cell('kind'), value: cell('value'), port: cell('port') }];
}

type KindValue = Pick<RawElement, 'kind' | 'value' | 'port' | 'assumed'>;

function fieldElements(cell: Cells): KindValue[] {
  const elements: KindValue[] = [];
  const add = (kind: string, value: string, port = ''): void => void elements.push({ kind, value, port });
  if (cell('chassis') !== '') {
    if (cell('port') === '') add('switch-chassis', cell('chassis'));
    else add('switch-port', cell('chassis'), cell('port'));
  } else if (cell('port') !== '') add('switch-port', '', cell('port'));
  if (cell('accessPoint') !== '') {
    for (const mask of accessPointMasks(cell('accessPoint'), cell('bssid'))) add('bssid', mask);
  } else if (cell('bssid') !== '') add('bssid', cell('bssid'));
  if (cell('subnet') !== '') elements.push({ kind: 'ip-range', port: '', ...readSubnet(cell('subnet'), cell('mask')) });
  if (cell('first') !== '') add('ip-range', cell('last') === '' ? cell('first') : `${cell('first')}-${cell('last')}`);
  if (cell('mac') !== '') add('mac', cell('mac'));
  return elements;
}

const FIELDS_OF_KIND: Readonly<Record<string, readonly Field[]>> = {
  'switch-port': ['chassis', 'value'],
  'switch-chassis': ['chassis', 'value'],
  bssid: ['bssid', 'accessPoint', 'value'],
  mac: ['mac', 'value'],
  'ip-range': ['subnet', 'first', 'value'],
};

const INSTEAD: Readonly<Record<string, readonly Field[]>> = { location: ['location', 'site'] };

/** Where the fields stand, by what the header calls them. */
function placesByName(header: readonly string[], line: number, format: WireMapFormat, fields: FieldFault[]) {
  const columns = COLUMNS[format];
  const places = new Map<Field, number>();
  for (const [place, cell] of header.entries()) {
    const name = plain(cell);
    const field = (Object.keys(columns) as Field[]).find((one) => columns[one]?.includes(name));
    if (field === undefined) {
      // Files of others have columns that mean nothing to us; in our own such a column is a mistake.
      if (format === 'waymark') {
        fields.push({ path: `${line}:${cell.trim().toLowerCase()}`, message: 'is not a column of a wire map' });
      }
    } else if (!places.has(field)) places.set(field, place);
    else if (format === 'waymark') fields.push({ path: `${line}:${name}`, message: 'stands in the header twice' });
  }
  return places;
}

/**
 * Reads the header; a problem when it is none of the named format, or of none at all. `columns` say what is where, whatever the
 * header calls it.
 */
export function readHeader(
  header: readonly string[],
  line: number,
  asked?: WireMapFormat,
  columns?: WireMapColumns,
): RowReader {
  const format = asked ?? detectFormat(header);
  const fields: FieldFault[] = [];
  const places = columns
    ? new Map(Object.entries(columns).map(([field, place]) => [field as Field, place - 1]))
    : placesByName(header, line, format, fields);
  const isOwn = columns ? places.has('kind') : format === 'waymark';
  for (const [field, place] of places) {
    if (place >= header.length) fields.push({ path: `columns`, message: `there is no column ${place + 1} (${field})` });
  }
  const required: readonly Field[] = isOwn ? ['kind', 'value', 'erl'] : ['erl'];
  for (const field of required) {
    if (!places.has(field)) fields.push({ path: `${line}:${field}`, message: 'is missing in the header' });
  }
  if (fields.length > 0) {
    const known = isOwn ? WIRE_MAP_COLUMNS : Object.values(COLUMNS[format]).map((names) => names[0]);
    throw new ProblemError('malformed', `the header row must name ${known.join(', ')}`, { fields });
  }
  return {
    format,
    columns: Object.fromEntries([...places].map(([field, place]) => [field, place + 1])),
    read(cells) {
      if (cells.length !== header.length) return `has ${cells.length} cells, the header has ${header.length}`;
      const cell: Cells = (field) => cells[places.get(field) ?? -1]?.trim() ?? '';
      const elements = isOwn ? ownElements(cell) : fieldElements(cell);
      if (elements.length === 0) return 'names no network element';
      return elements.map((element) => ({
        ...element,
        location: cell('location'),
        hint: cell('site'),
        erl: cell('erl'),
        description: cell('description'),
      }));
    },
    columnOf(field, kind) {
      if (isOwn && !columns) return field;
      const wanted = field === 'value' ? (FIELDS_OF_KIND[kind] ?? []) : (INSTEAD[field] ?? [field as Field]);
      const place = wanted.map((one) => places.get(one)).find((one) => one !== undefined);
      return place === undefined ? field : (header[place]?.trim() ?? field);
    },
  };
}
