import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { LAYER_LIMITS } from '../layers/layer.ts';
import { createAddressLayers } from './address-layers.ts';
import { openBlock } from './layer-block.ts';
import { readPostalBook } from './postal-book.ts';
import { readAddressCsv } from './read-address-csv.ts';
import { FIXTURE_LAYER, readFixture } from './testing/fixture-layers.ts';
import { validateAddress } from './validate-address.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waymark-layer-test-'));
});

after(() => rm(folder, { recursive: true }));

type Feature = { properties: Record<string, unknown>; geometry: unknown };

async function fixtureFeatures(): Promise<Feature[]> {
  return (JSON.parse(await readFile(FIXTURE_LAYER, 'utf8')) as { features: Feature[] }).features;
}

async function writeLayer(name: string, features: readonly unknown[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, JSON.stringify({ type: 'FeatureCollection', features }));
  return path;
}

const point = (properties: object, coordinates: unknown = [-96.8, 32.78]) => ({
  type: 'Feature',
  properties: { A1: 'TX', A3: 'Dallas', Post_Code: '75201', ...properties },
  geometry: { type: 'Point', coordinates },
});

test('what a layer holds is counted, and what is questionable about it is said', async () => {
  const { report, layers } = await readFixture();
  assert.deepEqual(report.counts, { features: 46, points: 21, ranges: 44, streets: 28 });
  assert.deepEqual(report.states, ['FL', 'HI', 'IL', 'ON', 'PR', 'QC', 'TX']);
  assert.deepEqual(report.lint.counts, {
    'zero-range': 1,
    'no-position': 2,
    'not-for-validation': 1,
    parity: 1,
    'no-number': 1,
    'no-street': 1,
    'duplicate-id': 1,
    'duplicate-address': 1,
    'range-overlap': 2,
  });
  assert.deepEqual(report.diff.counts, { added: 43, changed: 0, removed: 0, unchanged: 0 });
  assert.deepEqual(layers.blocks[0]?.states, report.states);
});

test('a version is compared with the one before: by id, whatever the order', async () => {
  const first = await readFixture();
  const formerDigestPath = join(folder, 'former');
  await writeFile(formerDigestPath, first.digest);
  const features = await fixtureFeatures();
  const same = await writeLayer('same.json', features.toReversed());
  assert.deepEqual(
    (await readFixture(same, { formerDigestPath })).report.diff.counts.changed,
    1,
    'ids that occur twice',
  );
  const without = features.filter(({ properties }) => properties['NGUID'] !== 's3');
  const changed = without
    .filter(({ properties }) => properties['NGUID'] !== 'p1')
    .map((one) =>
      one.properties['NGUID'] === 'p11' ? { ...one, properties: { ...one.properties, Add_Number: 1242 } } : one,
    );
  const path = await writeLayer('changed.json', [...changed, point({ NGUID: 'new', Add_Number: 5, St_Name: 'New' })]);
  const { diff } = (await readFixture(path, { formerDigestPath })).report;
  assert.deepEqual(
    { added: diff.added, changed: diff.changed, removed: diff.removed },
    { added: ['new'], changed: ['p11'], removed: ['p1', 's3'] },
  );
});

test('names of NENA version 2, of counties, and of a mapping are understood', async () => {
  const book = await readPostalBook();
  for (const [name, properties, mapping] of [
    [
      'v2',
      {
        Site_NGUID: '1',
        State: 'TX',
        County: 'Dallas County',
        Inc_Muni: 'Dallas',
        Add_Number: 9,
        St_Name: 'Elm',
        St_PosTyp: 'Street',
        Post_Code: '75201',
      },
      {},
    ],
    [
      'county',
      {
        OBJECTID: 1,
        STATE: 'TX',
        MUNICIPALITY: 'Dallas',
        ADDRNUM: '9',
        STREET_NAME: 'ELM',
        STREET_TYPE: 'ST',
        ZIP_5: '75,201',
      },
      {},
    ],
    ['line', { UID: 'a', STATE: 'TX', CITY: 'DALLAS', ZIPCODE: '75201', DLVRY_ADD: '9 ELM ST' }, {}],
    [
      'mapped',
      { Key: 'a', St: 'TX', Town: 'Dallas', Nr: 9, Strasse: 'Elm St', Plz: '75201' },
      { id: 'Key', A1: 'St', A3: 'Town', HNO: 'Nr', RD: 'Strasse', PC: 'Plz' },
    ],
  ] as const) {
    const path = await writeLayer(`${name}.json`, [
      { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [-96.8, 32.78] } },
    ]);
    const { layers, report } = await readFixture(path, { mapping });
    assert.equal(report.counts.points, 1, `${name}: ${JSON.stringify(report.lint)}`);
    const found = validateAddress(
      { address1: '9 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
      book,
      layers,
    );
    assert.equal(found.level, 'point', name);
  }
});

test('a point on a street that only stands for none is left out and told', async () => {
  const point = (St_Name: string, St_PosTyp: string) => ({
    type: 'Feature',
    properties: { Add_Number: 9, St_Name, St_PosTyp, State: 'TX', Post_Code: '75201' },
    geometry: { type: 'Point', coordinates: [-96.8, 32.78] },
  });
  const path = await writeLayer('nameless.json', [point('UNKNOWN', ''), point('Unnamed', ''), point('Unknown', 'Rd')]);
  const { report } = await readFixture(path);
  assert.equal(report.counts.points, 1);
  assert.equal(report.lint.counts['no-street'], 2);
});

test('coordinates of nowhere and exchanged ones place no house', async () => {
  const point = (Add_Number: number, coordinates: readonly [number, number]) => ({
    type: 'Feature',
    properties: { Add_Number, St_Name: 'Elm', St_PosTyp: 'St', State: 'TX', Post_Code: '75201', Post_Comm: 'Dallas' },
    geometry: { type: 'Point', coordinates },
  });
  const path = await writeLayer('nowhere.json', [point(1, [0, 0]), point(2, [32.78, -96.8]), point(3, [2.3, 48.9])]);
  const { layers, report } = await readFixture(path);
  assert.equal(report.lint.counts['no-position'], 3);
  const book = await readPostalBook();
  for (const number of [1, 2, 3]) {
    const address = { address1: `${number} Elm St`, city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' };
    const { geocode, level } = validateAddress(address, book, layers);
    assert.deepEqual([level, geocode?.precision], ['point', 'postal']);
  }
});

test('a house number of which all stands in one field is read', async () => {
  const numbers: readonly [HNO: string, address1: string][] = [
    ['W3456', 'W3456 County Road AA'],
    ['N95 W17000', 'N95W17000 County Road AA'],
    ['12 1/2', '12½ County Road AA'],
    ['14 B', '14B County Road AA'],
  ];
  const path = await writeLayer(
    'whole-number.json',
    numbers.map(([Add_Number]) => ({
      type: 'Feature',
      properties: { Add_Number, St_Name: 'County Road AA', State: 'WI', Post_Code: '53188', Post_Comm: 'Waukesha' },
      geometry: { type: 'Point', coordinates: [-88.2, 43] },
    })),
  );
  const book = await readPostalBook();
  const { layers } = await readFixture(path);
  for (const [, address1] of numbers) {
    const address = { address1, city: 'Waukesha', state: 'WI', postalCode: '53188', country: 'US' };
    assert.equal(validateAddress(address, book, layers).level, 'point', address1);
  }
  const other = { address1: '14 County Road AA', city: 'Waukesha', state: 'WI', postalCode: '53188', country: 'US' };
  assert.equal(validateAddress(other, book, layers).level, 'postal', '14B is another house than 14');
});

test('what a layer does not say of its addresses may be said of all of them', async () => {
  const bare = {
    type: 'Feature',
    properties: { Add_Number: 9, St_Name: 'Elm', St_PosTyp: 'St' },
    geometry: { type: 'Point', coordinates: [-96.8, 32.78] },
  };
  const path = await writeLayer('bare.json', [bare]);
  await assert.rejects(
    readFixture(path),
    (error: unknown) => error instanceof ProblemError && error.kind === 'invalid' && /no address/.test(error.message),
  );
  const { report } = await readFixture(path, { defaults: { A1: 'Texas', A3: 'Dallas', PC: '75201' } });
  assert.deepEqual(report.states, ['TX']);
});

test('CSV with coordinates in columns is a layer, too', async () => {
  const path = join(folder, 'points.txt');
  await writeFile(
    path,
    '\uFEFFOBJECTID,PREADDRNUM,ADDRNUM,ADDRNUMSUF,UNITID,STREET_NAME,STREET_TYPE,MUNICIPALITY,ESN,MSAG_COMMUNITY,LAT,LONG,PO_NAME,STATE,ZIP_5\r\n' +
      '1,,393,,,POPLAR,LN,Grayson County,834,INDEPENDENCE,36.59,-81.26,INDEPENDENCE,VA,"24,348"\r\n' +
      '2,,12,1/2,"B, rear",POPLAR,LN,Grayson County,834,INDEPENDENCE,36.58,-81.25,INDEPENDENCE,VA,24348\r\n',
  );
  const { report, layers } = await readFixture(path);
  assert.deepEqual(
    { format: report.format, ...report.counts },
    { format: 'CSV', features: 2, points: 2, ranges: 0, streets: 1 },
  );
  const found = validateAddress(
    { address1: '393 Poplar Lane', city: 'Independence', state: 'VA', postalCode: '24348', country: 'US' },
    await readPostalBook(),
    layers,
  );
  assert.equal(found.level, 'point');
  assert.deepEqual(found.names, { A3: 'Grayson County', PCN: 'Independence', MSAG: 'Independence', ESN: '834' });
  assert.deepEqual(found.geocode?.position, { latitude: 36.59, longitude: -81.26 });
});

test('a CSV file with more rows than may be is refused and not read on', async () => {
  const path = join(folder, 'long.csv');
  await writeFile(path, `A1,St_Name\n${'TX,Main\n'.repeat(20)}`);
  const read = async (features: number): Promise<number> => {
    let rows = 0;
    for await (const { fault } of readAddressCsv(path, { ...LAYER_LIMITS, features })) rows += fault === null ? 1 : 0;
    return rows;
  };
  assert.equal(await read(20), 20);
  await assert.rejects(read(19), { kind: 'too-large', message: 'the file has more than 19 rows' });
});

test('what cannot be a layer is refused with a reason', async () => {
  const kindOf = async (name: string, content: string | Uint8Array): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return readFixture(path).then(
      () => 'read',
      (error: unknown) => (error instanceof ProblemError ? error.kind : String(error)),
    );
  };
  assert.equal(await kindOf('torn.json', '{"type":"FeatureCollection","features":[{"type"'), 'malformed');
  assert.equal(await kindOf('none.json', '{"type":"FeatureCollection","features":[]}'), 'invalid');
  assert.equal(await kindOf('torn.csv', 'A1,Add_Number\nTX,"9\n'), 'malformed');
  assert.equal(await kindOf('noise', new Uint8Array([1, 2, 3, 0, 255])), 'unsupported-media-type');
  assert.equal(await kindOf('torn.zip', 'PK\u0003\u0004xxxx'), 'malformed');
  const boundaries = {
    type: 'Feature',
    properties: { DsplayName: 'PSAP', ServiceURI: 'sip:a@b' },
    geometry: {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  };
  assert.equal(
    await kindOf('boundaries.json', JSON.stringify({ type: 'FeatureCollection', features: [boundaries] })),
    'invalid',
  );
});

test('features of every kind of nonsense are left out and counted, the rest is read', async () => {
  const path = await writeLayer('nonsense.json', [
    point({ NGUID: 1, Add_Number: 1, St_Name: 'Elm' }),
    point({ NGUID: 2, Add_Number: 2, St_Name: 'Elm' }, [-9680000, 3278000]),
    point({ NGUID: 3, Add_Number: -3, St_Name: 'Elm' }),
    point({ NGUID: 4, Add_Number: 1e12, St_Name: 'Elm' }),
    point({ NGUID: 5, Add_Number: 5, St_Name: '' }),
    point({ NGUID: 6, Add_Number: 6, St_Name: 'Elm', A1: 'Bavaria' }),
    point({ NGUID: 7, Add_Number: 7, St_Name: 'x'.repeat(5_000) }),
    { type: 'Feature', properties: null, geometry: null },
    {
      type: 'Feature',
      properties: { A1: 'TX', Add_Number: 8, St_Name: 'Elm', Post_Code: null },
      geometry: { type: 'Point', coordinates: [null, null] },
    },
    null,
  ]);
  const { report } = await readFixture(path);
  assert.equal(report.counts.points, 4);
  assert.ok(report.counts.features === 10 && (report.lint.counts['no-number'] ?? 0) === 2);
  assert.equal(report.lint.counts['no-state'], 3);
});

test('bytes that are no whole block are refused', async () => {
  const { bytes } = await readFixture();
  assert.equal(createAddressLayers([openBlock(bytes)]).blocks.length, 1);
  for (const torn of [
    bytes.subarray(0, 100),
    bytes.subarray(0, bytes.length - 1),
    new Uint8Array(0),
    new Uint8Array(64),
  ]) {
    assert.throws(() => openBlock(torn));
  }
  // Not at a whole word: copied, and read the same.
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assert.equal(openBlock(shifted.subarray(1)).points, openBlock(bytes).points);
});
