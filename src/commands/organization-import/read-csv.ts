import { CsvError, parse } from 'csv-parse/sync';
import { readCountryAndState } from '../../domain/e911-coverage.ts';
import { readE164 } from '../../domain/phone-number.ts';
import { locationHere } from './compare-organizations.ts';
import { CSV_FILES, FILE_KINDS, type FileKind } from './csv-columns.ts';
import {
  type Fields,
  type Item,
  type Kind,
  nameKey,
  noItems,
  type OrganizationContent,
} from './organization-content.ts';

export type CsvFile = { kind: FileKind; name: string; bytes: Uint8Array };

/** `line` counts from 1, the header being a line too; `column` is the name in the header, empty for the whole row. */
export type RowFault = { file: string; line: number; column: string; message: string };

export type CsvContent = OrganizationContent & { faults: RowFault[] };

/** A location that is here and that files may name without describing it. */
export type KnownLocation = { key: string; name: string };

const MAX_BYTES = 64 * 1024 * 1024;
const MAX_ROWS = 500_000;
const MAX_ROW_CHARACTERS = 65_536;

const EMAIL = /^[^\s@,;<>"()\\]+@[^\s@,;<>"()\\]+\.[^\s@,;<>"()\\]+$/;
const EXTENSION = /^\d{2,10}$/;
const EMERGENCY_NUMBERS: ReadonlySet<string> = new Set(['911', '933']);
const LANGUAGE = /^[a-z]{2,3}(?:[_-][a-z0-9]{2,8}){0,3}$/i;
const US_POSTAL_CODE = /^\d{5}(?:-?\d{4})?$/;
const CA_POSTAL_CODE = /^[A-Z]\d[A-Z] ?\d[A-Z]\d$/i;
const CONTROL_CHARACTER = /\p{Cc}/u;
const YES = /^(?:yes|y|true|1)$/i;
const NO = /^(?:no|n|false|0)$/i;

/** In characters, as the platform has them; 256 where none is said. */
const MAX_LENGTHS: Readonly<Partial<Record<`${FileKind}.${string}`, number>>> = {
  'location.name': 80,
  'location.city': 128,
  'location.state': 64,
  'location.postalCode': 20,
  'location.timeZone': 64,
  'location.notes': 4_096,
  'person.email': 254,
  'person.firstName': 64,
  'person.lastName': 64,
  'person.displayName': 128,
  'virtualLine.firstName': 30,
  'virtualLine.lastName': 30,
  'huntGroup.name': 30,
};
const MAX_LENGTH = 256;

/** One row under its columns, and how to say what is wrong with it. */
type Row = {
  line: number;
  /** Trimmed; empty when the cell is, or the column is not there. */
  cell(column: string): string;
  has(column: string): boolean;
  fault(column: string, message: string): void;
};

type ReadRow = { line: number; cells: readonly string[] };

/** `;` where the header has more of them than commas: spreadsheets of many countries write it. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const plain = header.replaceAll(/"[^"]*"/g, '');
  return plain.split(';').length > plain.split(',').length ? ';' : ',';
}

function parseRows(
  { name, bytes }: CsvFile,
  fault: (line: number, column: string, message: string) => void,
): ReadRow[] {
  if (bytes.length > MAX_BYTES) {
    fault(1, '', `the file is larger than ${MAX_BYTES} bytes`);
    return [];
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    fault(1, '', `${name} is not UTF-8`);
    return [];
  }
  try {
    const records = parse(text, {
      delimiter: delimiterOf(text),
      info: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      maxRecordSize: MAX_ROW_CHARACTERS,
      to: MAX_ROWS + 2,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    if (records.length > MAX_ROWS + 1) fault(MAX_ROWS + 2, '', `the file has more than ${MAX_ROWS} rows`);
    return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as unknown as { lines?: unknown };
    fault(typeof lines === 'number' ? lines : 1, '', `CSV: ${error.message}`);
    return [];
  }
}

/** The rows of a file whose header is right. */
function rowsOf(file: CsvFile, faults: RowFault[]): Row[] {
  const { columns } = CSV_FILES[file.kind];
  const fault = (line: number, column: string, message: string): void => {
    faults.push({ file: file.name, line, column, message });
  };
  const before = faults.length;
  const [header, ...body] = parseRows(file, fault);
  if (faults.length > before) return [];
  if (!header) {
    fault(1, '', 'the file has no header row');
    return [];
  }
  const places = new Map<string, number>();
  for (const [place, cell] of header.cells.entries()) {
    const given = cell.trim();
    const column = columns.find(({ name }) => name.toLowerCase() === given.toLowerCase());
    if (!column) fault(header.line, given, `is no column of ${CSV_FILES[file.kind].file}`);
    else if (places.has(column.name)) fault(header.line, column.name, 'stands in the header twice');
    else places.set(column.name, place);
  }
  for (const { name, required } of columns) {
    if (required && !places.has(name)) fault(header.line, name, 'is missing in the header');
  }
  if (faults.length > before) return [];
  return body.flatMap(({ line, cells }) => {
    if (cells.length !== header.cells.length) {
      fault(line, '', `has ${cells.length} cells, the header has ${header.cells.length}`);
      return [];
    }
    const cell = (column: string): string => cells[places.get(column) ?? -1]?.trim() ?? '';
    const row: Row = {
      line,
      cell,
      has: (name) => places.has(name),
      fault: (name, message) => fault(line, name, message),
    };
    for (const { name, required } of columns) {
      const value = cell(name);
      const longest = MAX_LENGTHS[`${file.kind}.${name}`] ?? MAX_LENGTH;
      if (required && value === '') row.fault(name, 'is required');
      if (value.length > longest) row.fault(name, `is longer than ${longest} characters`);
      if (name !== 'notes' && CONTROL_CHARACTER.test(value)) row.fault(name, 'holds a control character');
    }
    return [row];
  });
}

function yesOrNo(row: Row, column: string, fallback?: string): string | undefined {
  const text = row.cell(column);
  if (text === '') return fallback;
  if (YES.test(text)) return 'yes';
  if (NO.test(text)) return 'no';
  row.fault(column, 'expected yes or no');
  return undefined;
}

function oneOf(row: Row, column: string, allowed: readonly string[]): string | undefined {
  const text = row.cell(column);
  if (text === '') return undefined;
  const found = allowed.find((value) => value.toLowerCase() === text.toLowerCase());
  if (found === undefined) row.fault(column, `expected ${allowed.join(' or ')}`);
  return found;
}

function language(row: Row, column: string): string | undefined {
  const text = row.cell(column);
  if (text !== '' && !LANGUAGE.test(text)) row.fault(column, 'is not a language such as en_us');
  return text || undefined;
}

function degrees(row: Row, column: string, most: number): string | undefined {
  const text = row.cell(column);
  if (text === '') return undefined;
  const value = Number(text);
  if (!(Math.abs(value) <= most)) row.fault(column, `is not between -${most} and ${most}`);
  return String(value);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function phoneNumber(row: Row): string | undefined {
  const text = row.cell('phoneNumber');
  if (text === '') return undefined;
  const number = readE164(text);
  if (number === null) row.fault('phoneNumber', 'is not a phone number; expected E.164, e.g. +12145550123');
  return number ?? undefined;
}

function extension(row: Row): string | undefined {
  const text = row.cell('extension');
  if (text === '') return undefined;
  if (!EXTENSION.test(text)) row.fault('extension', 'is not 2 to 10 digits');
  if (EMERGENCY_NUMBERS.has(text)) row.fault('extension', 'is a number of emergency or test calls');
  return text;
}

/** An empty cell says that there is none; a column that is not there says nothing. */
function orNone<Value extends string>(row: Row, column: string, value: Value | undefined): Value | null | undefined {
  return value ?? (row.has(column) ? null : undefined);
}

function checkAddress(row: Row): void {
  const country = row.cell('country').toUpperCase();
  if (country === '') return;
  if (!/^[A-Z]{2}$/.test(country)) {
    row.fault('country', 'expected two letters of ISO 3166-1');
    return;
  }
  const state = row.cell('state');
  const region = readCountryAndState(country, state);
  if (!region) row.fault('state', state === '' ? 'is required' : `is not a state, territory or province of ${country}`);
  const postalCode = row.cell('postalCode');
  const isUs = country === 'US' || region?.country === 'US';
  if (isUs && !US_POSTAL_CODE.test(postalCode)) row.fault('postalCode', 'is not a ZIP code');
  if (country === 'CA' && !CA_POSTAL_CODE.test(postalCode)) row.fault('postalCode', 'is not a Canadian postal code');
}

function readLocation(row: Row): Omit<Item, 'kind' | 'key'> {
  const name = row.cell('name');
  checkAddress(row);
  const timeZone = row.cell('timeZone');
  if (timeZone !== '' && !isTimeZone(timeZone))
    row.fault('timeZone', 'is not an IANA time zone such as America/Chicago');
  const preferredLanguage = language(row, 'preferredLanguage');
  const announcementLanguage = language(row, 'announcementLanguage');
  const latitude = degrees(row, 'latitude', 90);
  const longitude = degrees(row, 'longitude', 180);
  if (latitude !== undefined && longitude === undefined) row.fault('longitude', 'is required with latitude');
  if (longitude !== undefined && latitude === undefined) row.fault('latitude', 'is required with longitude');
  const routingPrefix = row.cell('routingPrefix');
  if (routingPrefix !== '' && !/^\d{2,7}$/.test(routingPrefix)) row.fault('routingPrefix', 'is not 2 to 7 digits');
  const calling = yesOrNo(row, 'calling', 'yes');
  return {
    title: name,
    fields: {
      name,
      address1: row.cell('address1'),
      address2: orNone(row, 'address2', row.cell('address2') || undefined),
      city: row.cell('city'),
      state: row.cell('state') || undefined,
      postalCode: row.cell('postalCode') || undefined,
      country: row.cell('country').toUpperCase(),
      timeZone,
      preferredLanguage,
      latitude,
      longitude,
      notes: row.cell('notes') || undefined,
      calling,
      announcementLanguage,
      routingPrefix: routingPrefix || undefined,
    },
    once: { preferredLanguage: 'en_us' },
  };
}

function readPerson(row: Row): Omit<Item, 'kind' | 'key'> {
  const email = row.cell('email').toLowerCase();
  if (email !== '' && !EMAIL.test(email)) row.fault('email', 'is not an e-mail address');
  const [firstName, lastName, displayName] = ['firstName', 'lastName', 'displayName'].map((name) => row.cell(name));
  if (!firstName && !lastName && !displayName) row.fault('firstName', 'is required where there is no other name');
  const name = displayName || `${firstName} ${lastName}`.trim();
  return {
    title: `${name} <${email}>`,
    fields: {
      email,
      firstName: firstName || undefined,
      lastName: lastName || (firstName ? null : undefined),
      displayName: name,
      phoneNumber: orNone(row, 'phoneNumber', phoneNumber(row)),
      extension: extension(row),
    },
  };
}

function readWorkspace(row: Row): Omit<Item, 'kind' | 'key'> {
  const name = row.cell('name');
  const number = phoneNumber(row);
  const short = extension(row);
  const calling = yesOrNo(row, 'calling', 'yes');
  if (calling === 'no' && (number !== undefined || short !== undefined)) {
    row.fault('calling', 'is no, and there is a number or an extension');
  }
  return {
    title: name,
    fields: {
      displayName: name,
      supportedDevices: oneOf(row, 'supportedDevices', ['phones', 'collaborationDevices']),
      calling,
      phoneNumber: calling === 'no' ? null : orNone(row, 'phoneNumber', number),
      extension: calling === 'no' ? null : orNone(row, 'extension', short),
    },
  };
}

function readVirtualLine(row: Row): Omit<Item, 'kind' | 'key'> {
  const firstName = row.cell('firstName');
  const lastName = row.cell('lastName');
  const fields: Fields = { firstName, lastName, phoneNumber: phoneNumber(row), extension: extension(row) };
  if (!fields['phoneNumber'] && !fields['extension'] && row.cell('phoneNumber') === '') {
    row.fault('phoneNumber', 'is required where there is no extension');
  }
  return { title: `${firstName} ${lastName}`, fields };
}

function readHuntGroup(row: Row): Omit<Item, 'kind' | 'key'> {
  const name = row.cell('name');
  const fields: Fields = {
    name,
    phoneNumber: phoneNumber(row),
    extension: extension(row),
    enabled: yesOrNo(row, 'enabled'),
  };
  if (!fields['phoneNumber'] && !fields['extension'] && row.cell('phoneNumber') === '') {
    row.fault('phoneNumber', 'is required where there is no extension');
  }
  return { title: name, fields };
}

function readNumber(row: Row): Omit<Item, 'kind' | 'key'> {
  return {
    title: phoneNumber(row) ?? '',
    fields: { state: oneOf(row, 'state', ['active', 'inactive']) },
    once: { tollFree: yesOrNo(row, 'tollFree'), service: yesOrNo(row, 'service') },
  };
}

const READERS: Readonly<Record<FileKind, (row: Row) => Omit<Item, 'kind' | 'key'>>> = {
  location: readLocation,
  person: readPerson,
  workspace: readWorkspace,
  virtualLine: readVirtualLine,
  huntGroup: readHuntGroup,
  number: readNumber,
};

/** Where something was said first, so that whoever says it again can be told. */
function createOnce() {
  const seen = new Map<string, string>();
  return (row: Row, file: string, column: string, what: string, key: string): void => {
    const earlier = seen.get(`${what} ${key}`);
    if (earlier === undefined) seen.set(`${what} ${key}`, `${file} line ${row.line}`);
    else row.fault(column, `is the same ${what} as in ${earlier}`);
  };
}

/** What the files say, and everything that is wrong with them. `known`: the locations that are here. */
export function readCsv(files: readonly CsvFile[], known: readonly KnownLocation[]): CsvContent {
  const faults: RowFault[] = [];
  const items = noItems();
  const given = new Set<Kind>(files.map(({ kind }) => kind));
  const once = createOnce();
  const locations = new Map<string, string>(known.map(({ key, name }) => [nameKey(name), locationHere(key)]));
  const heldAt = new Map<string, { at: string; where: string }>();

  const inOrder = FILE_KINDS.flatMap((kind) => files.filter((file) => file.kind === kind));
  for (const file of inOrder) {
    const { kind, name } = file;
    for (const row of rowsOf(file, faults)) {
      const item = READERS[kind](row);
      const sourceId = row.cell('id') || undefined;
      if (sourceId !== undefined) once(row, name, 'id', `id of a ${kind}`, sourceId);
      const { phoneNumber: number, extension: short } = item.fields;

      if (kind === 'location') {
        const key = nameKey(item.title);
        once(row, name, 'name', 'location', key);
        items.location.push({ ...item, kind, key, sourceId });
        locations.set(key, key);
        continue;
      }
      const at = locations.get(nameKey(row.cell('location')));
      if (at === undefined) {
        if (row.cell('location') !== '') row.fault('location', 'is no location of the files nor of the organization');
        continue;
      }
      if (kind === 'number') {
        if (item.title === '') continue;
        once(row, name, 'phoneNumber', 'inventory number', item.title);
        const holder = heldAt.get(item.title);
        if (holder && holder.at !== at)
          row.fault('location', `is another one than that of its owner in ${holder.where}`);
        if (yesOrNo(row, 'main') === 'yes') {
          once(row, name, 'main', 'location with a main number', at);
          const title = row.cell('location');
          given.add('mainNumber');
          items.mainNumber.push({ kind: 'mainNumber', key: at, at, title, fields: { phoneNumber: item.title } });
        }
        items.number.push({ ...item, kind, key: item.title, at });
        continue;
      }
      if (number) {
        once(row, name, 'phoneNumber', 'number', number);
        heldAt.set(number, { at, where: `${name} line ${row.line}` });
      }
      if (short) once(row, name, 'extension', 'extension at the location', `${at} ${short}`);
      if (kind === 'person') once(row, name, 'email', 'person', item.fields['email'] ?? '');
      if (kind === 'workspace') once(row, name, 'name', 'workspace at the location', `${at} ${nameKey(item.title)}`);
      if (kind === 'huntGroup') once(row, name, 'name', 'hunt group at the location', `${at} ${nameKey(item.title)}`);
      items[kind].push({ ...item, kind, key: `${name}:${row.line}`, sourceId, at });
    }
  }
  const place = new Map(inOrder.map(({ name }, order) => [name, order]));
  faults.sort((a, b) => (place.get(a.file) ?? 0) - (place.get(b.file) ?? 0) || a.line - b.line);
  return { items, given, faults };
}
