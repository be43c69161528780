import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { strToU8, zipSync } from 'fflate';
import { ProblemError } from '../../domain/problem.ts';
import { runStepsAtOnce } from '../../support/run-steps.ts';
import { defaultBoundaries } from '../default-boundaries.ts';
import { createCountyNames } from './county-names.ts';
import { prepareSteps } from './prepare-registry.ts';
import { readRegistryFile } from './read-registry-file.ts';

const counties = createCountyNames(defaultBoundaries().boundaries);
const HEADER = 'PSAP ID,PSAP Name,State,County,City,Type of Change,Comments';

function csv(...rows: string[]): Uint8Array {
  return Buffer.from(`${HEADER}\n${rows.join('\n')}\n`);
}

/** A spreadsheet of one sheet; cells are given as they stand in it. */
function spreadsheet(rows: readonly (readonly string[])[]): Uint8Array {
  const cells = rows
    .map(
      (row, at) =>
        `<row r="${at + 1}">${row.map((cell, column) => cell.replace('<c', `<c r="${'ABCDEFGH'[column]}${at + 1}"`)).join('')}</row>`,
    )
    .join('');
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const packaged = 'http://schemas.openxmlformats.org/package/2006';
  return zipSync({
    '[Content_Types].xml': strToU8(
      `<Types xmlns="${packaged}/content-types"><Default Extension="xml" ContentType="application/xml"/>` +
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>' +
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    ),
    '_rels/.rels': strToU8(
      `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    'xl/workbook.xml': strToU8(
      `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Registry" sheetId="1" r:id="r1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      `<Relationships xmlns="${packaged}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    ),
    'xl/worksheets/sheet1.xml': strToU8(`<worksheet xmlns="${main}"><sheetData>${cells}</sheetData></worksheet>`),
  });
}

/** A spreadsheet of which the directory says that every file is a byte long, while its sheet unpacks to 32 MiB. */
function understated(): Uint8Array {
  const bytes = Buffer.from(spreadsheet([[text('PSAP ID')], [text('x'.repeat(32 * 1024 * 1024))]]));
  for (let at = bytes.indexOf('PK\u0001\u0002'); at >= 0; at = bytes.indexOf('PK\u0001\u0002', at + 4)) {
    bytes.writeUInt32LE(1, at + 24);
  }
  return bytes;
}

const text = (value: string): string => `<c t="inlineStr"><is><t>${value}</t></is></c>`;

async function problemOf(document: Uint8Array): Promise<ProblemError> {
  try {
    await readRegistryFile(document);
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('it was read');
}

suite('registry files', () => {
  test('a spreadsheet: titles and legend above the header, ids that are formulas', async () => {
    const header = ['PSAP ID', 'PSAP Name', 'State', 'County', 'City', 'Type of Change'].map(text);
    const file = await readRegistryFile(
      spreadsheet([
        [text('Registry as of today')],
        [text('Legend'), text('PSAP IDs are never used again')],
        [text('Type of Change'), text('Description')],
        header,
        ['<c><f>A6+1</f><v>42</v></c>', ...['Travis  County Sheriff', 'tx', 'Travis', 'Austin', 'M-S'].map(text)],
        ['<c><v>41</v></c>', ...['Hays County', 'TX', 'Hays', '', 'NC'].map(text)],
        [text(''), text('no id')],
      ]),
    );
    assert.equal(file.title, 'Registry as of today');
    assert.deepEqual(
      file.rows.map(({ changeCodes, city, name, psapId, state }) => [psapId, name, state, city, changeCodes.join()]),
      [
        ['42', 'Travis County Sheriff', 'TX', 'Austin', 'M,S'],
        ['41', 'Hays County', 'TX', '', 'NC'],
      ],
    );
    assert.deepEqual(file.leftOut, [{ row: 7, reason: 'has no psapId' }]);
  });

  test('CSV: ragged rows, quotes, Latin-1, a column for provinces', async () => {
    const file = await readRegistryFile(
      csv('1,"A, B",TX,Travis,Austin,"S, M","said ""so"""', '2,C,TX,Hays', '3,D,TX,Hays,,O,,,,'),
    );
    assert.deepEqual(
      file.rows.map(({ changeCodes, comments, name }) => [name, changeCodes.join(), comments]),
      [
        ['A, B', 'M,S', 'said "so"'],
        ['C', '', ''],
        ['D', 'O', ''],
      ],
    );
    const canada = await readRegistryFile(Buffer.from('PSAP ID;x\n', 'latin1')).catch(() => undefined);
    assert.equal(canada, undefined);
    const latin1 = await readRegistryFile(
      Buffer.from('PSAP ID,PSAP Name,Province,Municipality\n7,Montréal 911,QC,Montréal\n', 'latin1'),
    );
    assert.deepEqual(
      [latin1.rows[0]?.name, latin1.rows[0]?.state, latin1.rows[0]?.city],
      ['Montréal 911', 'QC', 'Montréal'],
    );
  });

  test('states and provinces by their names; what is none stays what it is', async () => {
    const rows = ['Maine', 'alaska', 'Québec', 'US-TX', 'Yucatan'].map((state, at) => `${at + 1},A,${state},Franklin`);
    assert.deepEqual(
      (await readRegistryFile(csv(...rows))).rows.map(({ state }) => state),
      ['ME', 'AK', 'QC', 'TX', 'YUCATAN'],
    );
  });

  for (const [what, document, kind, message] of [
    ['no registry', Buffer.from('a,b\n1,2\n'), 'invalid', /no PSAP registry/],
    ['nothing below the header', csv(), 'invalid', /no row/],
    ['a damaged spreadsheet', Buffer.from('PK\u0003\u0004 and nothing else'), 'malformed', /spreadsheet/],
    ['an archive of something else', zipSync({ 'a.txt': strToU8('a') }), 'malformed', /no spreadsheet/],
    [
      'an archive that unpacks to too much',
      zipSync({ 'a.txt': new Uint8Array(129 * 1024 * 1024) }),
      'too-large',
      /unpacked/,
    ],
    ['a spreadsheet that says that it unpacks to nothing', understated(), 'malformed', /no spreadsheet/],
    ['something binary', Buffer.from([0, 1, 2, 3, 0, 0]), 'malformed', /neither/],
    ['an empty file', Buffer.alloc(0), 'invalid', /no PSAP registry/],
    ['too many rows', Buffer.from(`${HEADER}\n${'1,a,TX\n'.repeat(100_001)}`), 'too-large', /rows/],
  ] as const) {
    test(`refused: ${what}`, async () => {
      const problem = await problemOf(document);
      assert.equal(problem.kind, kind);
      assert.match(problem.message, message);
    });
  }
});

suite('county names', () => {
  const cases: [state: string, county: string, sourceIds: string[], match: string][] = [
    ['TX', 'Travis', ['us-county-48453'], 'name'],
    ['LA', 'St. Tammany Parish', ['us-county-22103'], 'name'],
    ['AK', 'Anchorage Borough', ['us-county-02020'], 'name'],
    ['AK', 'Lake & Peninsula Borough', ['us-county-02164'], 'name'],
    ['IL', 'Du Page', ['us-county-17043'], 'name'],
    ['NM', 'DonAna', ['us-county-35013'], 'spelling'],
    ['MS', 'Madisoon', ['us-county-28089'], 'spelling'],
    ['FL', 'Dade', ['us-county-12086'], 'former-name'],
    ['VA', 'Clifton Forge City', ['us-county-51005'], 'former-name'],
    ['VA', 'Virginia Beach', ['us-county-51810'], 'name'],
    ['VA', 'Fairfax City', ['us-county-51600'], 'name'],
    ['VA', 'Fairfax', ['us-county-51059', 'us-county-51600'], 'ambiguous'],
    ['VA', 'James City', ['us-county-51095'], 'name'],
    ['MD', 'Baltimore City', ['us-county-24510'], 'name'],
    ['WA', 'Island', ['us-county-53029'], 'name'],
    ['MS', 'Hancock, Harrison', ['us-county-28045', 'us-county-28047'], 'several'],
    ['KY', 'Montgomery County 911 Dispatch', ['us-county-21173'], 'name'],
    ['CA', 'San Francisco', ['us-county-06075'], 'name'],
    [
      'NY',
      'New York',
      ['us-county-36005', 'us-county-36047', 'us-county-36061', 'us-county-36081', 'us-county-36085'],
      'former-name',
    ],
    ['DC', 'Dist Of Columbia', ['us-county-11001'], 'whole-state'],
    ['VI', 'U.s. Virgin Islands', ['us-county-78010', 'us-county-78020', 'us-county-78030'], 'whole-state'],
    ['ON', 'Toronto', ['ca-province-on'], 'whole-state'],
    ['PR', '', [], 'none'],
    ['TX', 'Nowhere', [], 'none'],
    ['ZZ', 'Travis', [], 'none'],
  ];
  for (const [state, county, sourceIds, match] of cases) {
    test(`${county || 'nothing'}, ${state}`, () =>
      assert.deepEqual(counties.find(state, county), { sourceIds, match }));
  }
});

test('repeated ids stay apart, and what is questionable is said', async () => {
  const { rows } = await readRegistryFile(
    csv('4,A,AK,Kenai Peninsula Borough,,M', '4,B,AK,Kenai Peninsula Borough,,S', '5,C,FL,Dade,,NC'),
  );
  const { entries, lint } = runStepsAtOnce(prepareSteps(rows, counties));
  assert.deepEqual(
    entries.map(({ isActive, key }) => [key, isActive]),
    [
      ['4', true],
      ['4#2', false],
      ['5', true],
    ],
  );
  assert.deepEqual(
    lint.map(({ key, kind }) => `${kind} ${key}`),
    ['repeated-id 4#2', 'former-name 5'],
  );
});
