import type { MemberKind } from './organization-content.ts';

export type FileKind = 'location' | 'number' | MemberKind;

export type Column = {
  name: string;
  required?: boolean;
  /** One line for whoever fills the file. */
  help: string;
  example: string;
};

const ID: Column = {
  name: 'id',
  help: 'what your own system always calls it; lets a renamed one be recognized',
  example: '',
};
const LOCATION: Column = { name: 'location', required: true, help: 'name of the location', example: 'Dallas office' };
const PHONE_NUMBER: Column = { name: 'phoneNumber', help: 'E.164 or as it is usually written', example: '' };
const EXTENSION: Column = { name: 'extension', help: '2 to 10 digits, unique at the location', example: '' };

const example = (column: Column, text: string): Column => ({ ...column, example: text });

/** The files of an import and their columns, which may stand in any order; the header row is required. */
export const CSV_FILES: Readonly<Record<FileKind, { file: string; columns: readonly Column[] }>> = {
  location: {
    file: 'locations.csv',
    columns: [
      {
        name: 'name',
        required: true,
        help: 'unique; at most 80 characters where there is calling',
        example: 'Dallas office',
      },
      { name: 'address1', required: true, help: 'house number and street', example: '1500 Marilla St' },
      { name: 'address2', help: 'suite, floor', example: 'Suite 200' },
      { name: 'city', required: true, help: '', example: 'Dallas' },
      { name: 'state', help: 'state, territory or province; needed in the United States and Canada', example: 'TX' },
      { name: 'postalCode', help: 'needed in the United States and Canada', example: '75201' },
      { name: 'country', required: true, help: 'ISO 3166-1, two letters', example: 'US' },
      { name: 'timeZone', required: true, help: 'IANA name', example: 'America/Chicago' },
      { name: 'preferredLanguage', help: 'en_us unless said', example: 'en_us' },
      { name: 'announcementLanguage', help: 'as preferredLanguage unless said', example: 'en_us' },
      { name: 'latitude', help: 'degrees, with longitude', example: '' },
      { name: 'longitude', help: 'degrees, with latitude', example: '' },
      { name: 'notes', help: '', example: '' },
      { name: 'calling', help: 'yes or no; yes unless said', example: 'yes' },
      { name: 'routingPrefix', help: '2 to 7 digits', example: '' },
      ID,
    ],
  },
  person: {
    file: 'people.csv',
    columns: [
      { name: 'email', required: true, help: 'by which a person is recognized', example: 'ada@example.com' },
      { name: 'firstName', help: 'it, lastName or displayName is needed', example: 'Ada' },
      { name: 'lastName', help: '', example: 'Example' },
      { name: 'displayName', help: 'first and last name unless said', example: '' },
      LOCATION,
      example(PHONE_NUMBER, '+12145550123'),
      example(EXTENSION, '1001'),
      ID,
    ],
  },
  workspace: {
    file: 'workspaces.csv',
    columns: [
      { name: 'name', required: true, help: '', example: 'Lobby' },
      LOCATION,
      { name: 'calling', help: 'yes or no; yes unless said', example: 'yes' },
      PHONE_NUMBER,
      example(EXTENSION, '1002'),
      { name: 'supportedDevices', help: 'phones or collaborationDevices', example: 'phones' },
      ID,
    ],
  },
  virtualLine: {
    file: 'virtual-lines.csv',
    columns: [
      { name: 'firstName', required: true, help: '1 to 30 characters', example: 'Night' },
      { name: 'lastName', required: true, help: '1 to 30 characters', example: 'Desk' },
      LOCATION,
      PHONE_NUMBER,
      example(EXTENSION, '1003'),
      ID,
    ],
  },
  huntGroup: {
    file: 'hunt-groups.csv',
    columns: [
      { name: 'name', required: true, help: 'unique at the location; 1 to 30 characters', example: 'Reception' },
      LOCATION,
      PHONE_NUMBER,
      example(EXTENSION, '1004'),
      { name: 'enabled', help: 'yes or no', example: 'yes' },
      ID,
    ],
  },
  number: {
    file: 'numbers.csv',
    columns: [
      { ...PHONE_NUMBER, required: true, example: '+12145550100' },
      LOCATION,
      { name: 'state', help: 'active or inactive; active unless said', example: 'active' },
      { name: 'main', help: 'yes or no: the main number of the location', example: 'yes' },
      { name: 'tollFree', help: 'yes or no', example: '' },
      { name: 'service', help: 'yes or no: for high-volume service', example: '' },
    ],
  },
};

/** The files in the order in which they are read: whose rows others name come first. */
export const FILE_KINDS: readonly FileKind[] = [
  'location',
  'person',
  'workspace',
  'virtualLine',
  'huntGroup',
  'number',
];

/** A file with its header and one example row. */
export function templateOf(kind: FileKind): string {
  const { columns } = CSV_FILES[kind];
  return `${columns.map(({ name }) => name).join(',')}\n${columns.map((column) => column.example).join(',')}\n`;
}

/** What the columns mean, one line each. */
export function describeColumns(): string[] {
  return FILE_KINDS.flatMap((kind) => {
    const { file, columns } = CSV_FILES[kind];
    return [
      file,
      ...columns.map(({ name, required, help }) => `  ${name}${required ? ' (required)' : ''}${help && `: ${help}`}`),
    ];
  });
}
