import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CSV_FILES, FILE_KINDS, type FileKind, templateOf } from './csv-columns.ts';
import { type CsvFile, readCsv } from './read-csv.ts';

const file = (kind: FileKind, text: string): CsvFile => ({
  kind,
  name: CSV_FILES[kind].file,
  bytes: Buffer.from(text),
});

const HQ = { key: 'ours', name: 'HQ' };

function faultsOf(files: readonly CsvFile[]): string[] {
  return readCsv(files, [HQ]).faults.map(
    ({ file: name, line, column, message }) => `${name}:${line}:${column} ${message}`,
  );
}

test('the templates are right as they stand', () => {
  const { faults, items, given } = readCsv(
    FILE_KINDS.map((kind) => file(kind, templateOf(kind))),
    [],
  );
  assert.deepEqual(faults, []);
  assert.deepEqual([...given].sort(), [
    'huntGroup',
    'location',
    'mainNumber',
    'number',
    'person',
    'virtualLine',
    'workspace',
  ]);
  assert.equal(items.person[0]?.at, items.location[0]?.key);
});

test('byte order mark, semicolons, quotes, any order and case of columns, empty lines, CRLF', () => {
  const { faults, items } = readCsv(
    [file('person', '\uFEFFLOCATION;Email;"firstname";lastName\r\n\r\nhq;Ada@Example.com;"A; ""B"",\nC";D\r\n')],
    [{ key: 'ours', name: 'HQ' }],
  );
  assert.deepEqual(
    faults.map(({ column, message }) => [column, message]),
    [['firstName', 'holds a control character']],
  );
  const { faults: none, items: read } = readCsv(
    [file('person', '\uFEFFLOCATION;Email;"firstname";lastName\r\n\r\n hq ;Ada@Example.com;"A; ""B"", C";\r\n')],
    [{ key: 'ours', name: 'HQ' }],
  );
  assert.deepEqual(none, []);
  assert.equal(items.person.length, 1);
  assert.deepEqual(read.person[0], {
    kind: 'person',
    key: 'people.csv:3',
    sourceId: undefined,
    at: 'here:ours',
    title: 'A; "B", C <ada@example.com>',
    fields: {
      email: 'ada@example.com',
      firstName: 'A; "B", C',
      lastName: null,
      displayName: 'A; "B", C',
      phoneNumber: undefined,
      extension: undefined,
    },
  });
});

test('every fault is told, with file, line and column', () => {
  assert.deepEqual(
    faultsOf([
      file(
        'location',
        'name,address1,city,state,postalCode,country,timeZone,latitude,calling\n' +
          ',1 Main St,Austin,ZZ,787,US,Mars/Phobos,91,perhaps\n' +
          `${'x'.repeat(81)},1 Main St,Toronto,ON,12345,CA,America/Toronto,,\n` +
          'Here,1 Main St,Austin,TX,78701,USA,America/Chicago,,\n' +
          'here,1 Main St,Austin,TX,78701,US,America/Chicago,,\n' +
          'short,row\n',
      ),
    ]),
    [
      'locations.csv:2:name is required',
      'locations.csv:2:state is not a state, territory or province of US',
      'locations.csv:2:postalCode is not a ZIP code',
      'locations.csv:2:timeZone is not an IANA time zone such as America/Chicago',
      'locations.csv:2:latitude is not between -90 and 90',
      'locations.csv:2:longitude is required with latitude',
      'locations.csv:2:calling expected yes or no',
      'locations.csv:3:name is longer than 80 characters',
      'locations.csv:3:postalCode is not a Canadian postal code',
      'locations.csv:4:country expected two letters of ISO 3166-1',
      'locations.csv:5:name is the same location as in locations.csv line 4',
      'locations.csv:6: has 2 cells, the header has 9',
    ],
  );
});

test('what is unique is unique in all files together', () => {
  assert.deepEqual(
    faultsOf([
      file('number', 'phoneNumber,location,main\n+15125550001,HQ,yes\n512-555-0001,HQ,\n+15125550002,HQ,yes\n'),
      file('virtualLine', 'firstName,lastName,location,phoneNumber,extension\nA,B,HQ,+15125550001,1000\nA,B,HQ,,\n'),
      file(
        'person',
        'email,firstName,location,phoneNumber,extension,id\na@b.co,A,HQ,+15125550001,1000,7\nA@b.co,B,HQ,,,7\n',
      ),
    ]),
    [
      'people.csv:3:id is the same id of a person as in people.csv line 2',
      'people.csv:3:email is the same person as in people.csv line 2',
      'virtual-lines.csv:2:phoneNumber is the same number as in people.csv line 2',
      'virtual-lines.csv:2:extension is the same extension at the location as in people.csv line 2',
      'virtual-lines.csv:3:phoneNumber is required where there is no extension',
      'numbers.csv:3:phoneNumber is the same inventory number as in numbers.csv line 2',
      'numbers.csv:4:main is the same location with a main number as in numbers.csv line 2',
    ],
  );
});

test('headers and files that cannot be read', () => {
  assert.deepEqual(faultsOf([file('person', '')]), ['people.csv:1: the file has no header row']);
  assert.deepEqual(faultsOf([file('person', 'email,email,phone\n')]), [
    'people.csv:1:email stands in the header twice',
    'people.csv:1:phone is no column of people.csv',
    'people.csv:1:location is missing in the header',
  ]);
  assert.deepEqual(faultsOf([{ ...file('person', ''), bytes: Buffer.from([0x65, 0xff]) }]), [
    'people.csv:1: people.csv is not UTF-8',
  ]);
  const [quote] = faultsOf([file('person', 'email,location\n"a@b.co,HQ\n')]);
  assert.match(quote ?? '', /^people\.csv:\d+: CSV: /);
});
