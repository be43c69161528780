import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { ProblemError } from '../../domain/problem.ts';
import { type MadeLayer, makeGeoPackage } from '../../layers/testing/make-geopackage.ts';
import { outlineCoordinates } from '../boundary-outline.ts';
import type { BoundaryFinding, BoundaryRule } from './boundary-finding.ts';
import {
  type BoundaryTask,
  type PreparedBoundaries,
  type PreparedRow,
  prepareBoundaries,
} from './prepare-boundaries.ts';
import { readMoment } from './read-boundary-row.ts';

const folder = mkdtempSync(join(tmpdir(), 'waymark-prepare-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const NOW = Date.parse('2026-06-01T00:00:00Z');

type Ring = number[][];
type Feature = { type: 'Feature'; properties: Record<string, unknown>; geometry: unknown };

const box = (x: number, y: number, width: number, height = width): Ring => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
  [x, y],
];

const polygon = (...coordinates: Ring[]): unknown => ({ type: 'Polygon', coordinates });

/** A boundary near Austin. */
function feature(
  id: string,
  geometry: unknown = polygon(box(-98, 30, 0.2)),
  more: Record<string, unknown> = {},
): Feature {
  const properties = {
    NGUID: id,
    DsplayName: `PSAP ${id}`,
    ServiceURN: 'urn:service:sos',
    ServiceURI: `sip:${id}@psap.example`,
    Agency_ID: 'psap.example',
    ...more,
  };
  return { type: 'Feature', properties, geometry };
}

type Result = PreparedBoundaries & { rows: PreparedRow[]; found: (rule: BoundaryRule) => BoundaryFinding[] };

async function prepareFile(path: string, options: Partial<BoundaryTask> = {}): Promise<Result> {
  const workFolder = join(folder, `work-${made++}`);
  mkdirSync(workFolder);
  const rowsPath = join(workFolder, 'rows');
  const prepared = await prepareBoundaries({ path, rowsPath, workFolder, name: 'boundaries', nowMs: NOW, ...options });
  const lines = readFileSync(rowsPath, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return {
    ...prepared,
    rows: lines.map((line) => JSON.parse(line) as PreparedRow),
    found: (rule) => prepared.lint.findings.filter((one) => one.rule === rule),
  };
}

function prepare(
  features: Feature[],
  options: Partial<BoundaryTask> & { name?: string } = {},
  more: object = {},
): Promise<Result> {
  const path = join(folder, `file-${made++}`);
  writeFileSync(path, JSON.stringify({ type: 'FeatureCollection', features, ...more }));
  return prepareFile(path, options);
}

async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail('expected a problem');
}

const rulesOf = ({ lint }: Result): string[] => Object.keys(lint.counts).toSorted((a, b) => (a < b ? -1 : 1));

describe('rows', () => {
  test('names as the model has them; a file in order is silent', async () => {
    const result = await prepare([feature('a'), feature('b', polygon(box(-97.8, 30, 0.2)), { ServiceNum: 112 })]);
    assert.deepEqual(result.lint, { counts: {}, errors: 0, findings: [] });
    assert.equal(result.format, 'GeoJSON');
    const [a, b] = result.rows;
    assert.deepEqual(
      { ...a, outline: '', version: '' },
      {
        sourceId: 'a',
        kind: 'service',
        source: 'psap.example',
        displayName: 'PSAP a',
        serviceNumber: '911',
        effectiveAt: null,
        expiresAt: null,
        serviceUrn: 'urn:service:sos',
        uri: 'sip:a@psap.example',
        outline: '',
        version: '',
      },
    );
    assert.equal(b?.serviceNumber, '112');
    assert.notEqual(a?.version, b?.version);
    assert.deepEqual(
      result.versions,
      result.rows.map(({ sourceId, version }) => ({ sourceId, version })),
    );
    const again = await prepare([feature('a')]);
    assert.equal(again.rows[0]?.version, a?.version);
  });

  test('names of habit and of a mapping, values for all, destinations by name', async () => {
    const odd = (id: string, properties: Record<string, unknown>): Feature => ({ ...feature(id), properties });
    const mapping = `
      layers: { County PSAPs: psap }
      fields: { NGUID: Rec_No, DsplayName: [Nothing, Title] }
      values: { Agency_ID: county.example, ServiceNum: 911 }
      destinations: { "travis county so": "sip:so@travis.example" }`;
    const features = [odd('x', { REC_NO: 7, TITLE: 'Travis County SO', SERVICE_URI: 'none' })];
    const result = await prepare(features, { mapping }, { name: 'County_PSAPs' });
    const [row] = result.rows;
    assert.deepEqual(
      [row?.sourceId, row?.displayName, row?.source, row?.uri, row?.serviceUrn],
      ['7', 'Travis County SO', 'county.example', 'sip:so@travis.example', 'urn:service:sos'],
    );
    assert.deepEqual(rulesOf(result), ['service-taken-over']);
    const habit = await prepare([
      odd('y', {
        ES_NGUID: 'e1',
        AGENCYID: 'a.example',
        DISPLAY: 'E',
        SERVICEURI: 'sips:e@x.example',
        ServiceUrn: 'URN:service:SOS.fire',
      }),
    ]);
    assert.deepEqual(
      [habit.rows[0]?.sourceId, habit.rows[0]?.displayName, habit.rows[0]?.serviceUrn],
      ['e1', 'E', 'urn:service:sos.fire'],
    );
  });

  test('a mapping with faults is refused with all of them', async () => {
    const mapping =
      'layers: { x: nonsense }\nfields: { Bogus: a, NGUID: [1] }\nvalues: { NGUID: 1, ServiceURN: urn:x }\ndestinations: { a: tel:911 }\nmore: 1';
    const problem = await problemOf(prepare([feature('a')], { mapping }));
    assert.equal(problem.kind, 'invalid');
    assert.deepEqual(
      problem.fields.map(({ path }) => path).toSorted((a, b) => (a < b ? -1 : 1)),
      [
        'mapping/destinations/a',
        'mapping/fields/Bogus',
        'mapping/fields/NGUID',
        'mapping/layers/x',
        'mapping/more',
        'mapping/values/NGUID',
        'mapping/values/ServiceURN',
      ],
    );
    assert.equal((await problemOf(prepare([], { mapping: '{' }))).kind, 'malformed');
    assert.equal((await problemOf(prepare([], { mapping: 'x'.repeat(300_000) }))).kind, 'too-large');
    assert.equal((await problemOf(prepare([], { mapping: 'a: &a [1]\nb: *a' }))).kind, 'malformed');
  });

  test('services: of the row, of the layer, of the i3 tree, of the import', async () => {
    const urn = (id: string, ServiceURN: string | null, x: number): Feature =>
      feature(id, polygon(box(x, 30, 0.1)), { ServiceURN });
    const features = [
      urn('a', 'urn:emergency:service:sos.psap', -98),
      urn('b', 'urn:nena:service:sos.psap', -97.9),
      urn('c', 'urn:nena:service:responder.police', -97.8),
      urn('d', null, -97.7),
    ];
    const police = await prepare(features, {}, { name: 'PolicePolygon' });
    assert.deepEqual(
      police.rows.map(({ serviceUrn }) => serviceUrn),
      ['urn:service:sos', 'urn:service:sos', 'urn:emergency:service:responder.police', 'urn:service:sos.police'],
    );
    assert.equal(police.lint.counts['service-taken-over'], 4);
    const unnamed = await prepare(features);
    assert.deepEqual(rulesOf(unnamed), ['no-service', 'service-taken-over']);
    const forced = await prepare(features, { service: 'urn:service:sos.poison' });
    assert.deepEqual(new Set(forced.rows.map(({ serviceUrn }) => serviceUrn)), new Set(['urn:service:sos.poison']));
  });

  test('faults of a row keep it out and are said of it', async () => {
    const result = await prepare([
      feature(''),
      feature('with space'),
      feature('us-county-48453'),
      feature('twice'),
      feature('twice'),
      feature('long', undefined, { DsplayName: 'x'.repeat(300) }),
      feature('control', undefined, { DsplayName: 'a\u0001b' }),
      feature('number', undefined, { ServiceNum: 'nine' }),
    ]);
    assert.deepEqual(
      result.rows.map(({ sourceId }) => sourceId),
      ['twice'],
    );
    assert.equal(result.lint.errors, 7);
    assert.deepEqual(
      result.lint.findings.map(({ rule, row }) => `${row} ${rule}`),
      ['1 no-id', '2 bad-id', '3 bad-id', '5 duplicate-id', '6 bad-value', '7 bad-value', '8 bad-value'],
    );
  });

  test('what is missing but not decisive is said, and the row is kept', async () => {
    const result = await prepare([
      feature('a', undefined, { ServiceURI: 'tel:+15125550100', DsplayName: '' }),
      feature('', polygon(box(-97.8, 30, 0.2)), {
        GlobalID: '{11}',
        DsplayName: 'CaÃ±on',
        ServiceURI: 'sip:911@psap.example',
      }),
    ]);
    assert.deepEqual(rulesOf(result), ['destination-missing', 'encoding', 'id-taken-over', 'name-missing']);
    assert.deepEqual(
      result.rows.map(({ sourceId, uri, displayName }) => [sourceId, uri, displayName]),
      [
        ['a', '', 'psap.example'],
        ['{11}', 'sip:911@psap.example', 'CaÃ±on'],
      ],
    );
    assert.equal(result.lint.errors, 0);
  });

  test('dates: in force, not yet, no more, and those that nobody can read', async () => {
    const dated = (id: string, x: number, Effective: unknown, Expire: unknown): Feature =>
      feature(id, polygon(box(x, 30, 0.1)), { Effective, Expire });
    const result = await prepare([
      dated('now', -98, '2020-01-01T00:00:00-06:00', '2030/01/01 00:00:00+00'),
      dated('later', -97.9, '2027-01-01', null),
      dated('gone', -97.8, null, Date.parse('2025-01-01T00:00:00Z')),
      dated('odd', -97.7, 'last Tuesday', '1899-12-30T00:00:00'),
    ]);
    assert.deepEqual(
      result.rows.map(({ effectiveAt, expiresAt }) => [effectiveAt, expiresAt]),
      [
        ['2020-01-01T06:00:00.000Z', '2030-01-01T00:00:00.000Z'],
        ['2027-01-01T00:00:00.000Z', null],
        [null, '2025-01-01T00:00:00.000Z'],
        [null, null],
      ],
    );
    assert.deepEqual(
      result.found('not-in-force').map(({ boundary }) => boundary),
      ['later', 'gone'],
    );
    assert.deepEqual(
      result.found('date-unread').map(({ boundary }) => boundary),
      ['odd'],
    );
    assert.equal(readMoment('2024-02-30'), undefined);
    assert.equal(readMoment('9999-12-31'), null);
    assert.equal(readMoment('2024-05-06T07:08:09+0530'), '2024-05-06T01:38:09.000Z');
  });
});

describe('layers', () => {
  const row = (id: string, x: number): MadeLayer['rows'][0] => ({
    properties: { NGUID: id, DsplayName: id, ServiceURI: 'sip:911@x.example', Agency_ID: 'x.example' },
    polygons: [[box(x, 30, 0.1)]],
  });
  const path = join(folder, 'nena.gpkg');
  makeGeoPackage(path, [
    { name: 'PsapPolygon', rows: [row('1@x', -98)] },
    { name: 'FirePolygon', rows: [row('1@x', -98), row('2@x', -97.9)] },
    { name: 'EmsPolygon', rows: [row('3@x', -98)] },
    { name: 'ProvisioningPolygon', rows: [row('4@x', -98)] },
    { name: 'RoadCenterLine', rows: [row('5@x', -98)] },
    { name: 'Parcels', rows: [row('6@x', -98)] },
  ]);

  test('all of the model at once, each with its service; the others are left alone', async () => {
    const result = await prepareFile(path);
    assert.deepEqual(
      result.layers.map(({ name, holds, rows }) => `${name} ${holds} ${rows}`),
      ['EmsPolygon ems 1', 'FirePolygon fire 2', 'ProvisioningPolygon provisioning 1', 'PsapPolygon psap 1'],
    );
    assert.deepEqual(
      result.rows.map(({ sourceId, serviceUrn, kind }) => `${sourceId} ${kind} ${serviceUrn}`),
      [
        '3@x service urn:service:sos.ambulance',
        '1@x service urn:service:sos.fire',
        '2@x service urn:service:sos.fire',
        '4@x provisioning ',
        'psappolygon:1@x service urn:service:sos',
      ],
    );
    assert.deepEqual(rulesOf(result), ['id-in-two-layers', 'service-taken-over']);
  });

  test('a layer by name, in any spelling; a name that is not there', async () => {
    const one = await prepareFile(path, { fileLayers: ['fire_polygon'] });
    assert.deepEqual(
      one.layers.map(({ name }) => name),
      ['FirePolygon'],
    );
    const problem = await problemOf(prepareFile(path, { fileLayers: ['Nobody'] }));
    assert.match(problem.message, /no layer Nobody; it has .*FirePolygon/);
  });

  test('several layers, none of the model: the operator must say which', async () => {
    const odd = join(folder, 'odd.gpkg');
    makeGeoPackage(odd, [
      { name: 'one', rows: [row('a', -98)] },
      { name: 'two', rows: [row('b', -98)] },
    ]);
    assert.match(
      (await problemOf(prepareFile(odd))).message,
      /no layer of the file is one of the NENA model; it has one, two/,
    );
    const mapped = await prepareFile(odd, { mapping: 'layers: { two: police }' });
    assert.deepEqual(
      mapped.rows.map(({ sourceId, serviceUrn }) => `${sourceId} ${serviceUrn}`),
      ['b urn:service:sos.police'],
    );
  });
});

describe('outlines', () => {
  test('no geometry, no polygon, no area', async () => {
    const result = await prepare([
      feature('null', null),
      feature('point', { type: 'Point', coordinates: [-98, 30] }),
      feature(
        'line',
        polygon([
          [-98, 30],
          [-97, 30],
          [-98, 30],
          [-98, 30],
        ]),
      ),
      feature(
        'short',
        polygon([
          [-98, 30],
          [-97, 30],
        ]),
      ),
      feature('text', polygon([[-98, 30], ['x', 30] as unknown as number[], [-97, 31]])),
    ]);
    assert.deepEqual(
      result.lint.findings.map(({ rule, boundary }) => `${boundary} ${rule}`),
      ['null null-geometry', 'point unreadable-geometry', 'line no-area', 'short no-area', 'text unreadable-geometry'],
    );
    assert.equal(result.rows.length, 0);
    assert.equal(result.lint.errors, 4);
  });

  test('rings that cross themselves are repaired, and what that changed is said', async () => {
    const bowTie = [
      [-98, 30],
      [-97, 31],
      [-97, 30],
      [-98, 31],
      [-98, 30],
    ];
    const result = await prepare([feature('bow', polygon(bowTie))]);
    const [row] = result.rows;
    assert.equal(outlineCoordinates(Buffer.from(row?.outline ?? '', 'base64')).length, 2);
    const [finding] = result.found('repaired');
    assert.match(finding?.message ?? '', /0 m² as drawn, 5\d{3}\.\d\d km² as repaired/);
    assert.ok((finding?.squareMeters ?? 0) > 5e9);
  });

  test('axes that are swapped, metres for degrees, the wrong place', async () => {
    const swapped = polygon(box(30, -98, 0.2));
    const feet = polygon(box(3_000_000, 10_000_000, 5_000));
    const swappedInRange = polygon(box(27.5, -81.5, 0.2));
    const first = await prepare([
      feature('s', swapped),
      feature('f', feet),
      feature('r', swappedInRange),
      feature('ok'),
    ]);
    assert.deepEqual(
      first.found('swapped-axes').map(({ boundary }) => boundary),
      ['s', 'r'],
    );
    assert.match(first.found('not-degrees')[0]?.message ?? '', /look like metres or feet/);
    assert.equal(first.lint.errors, 3);
    const elsewhere = await prepare([feature('e', polygon(box(2, 48, 0.2))), feature('g', polygon(box(2.2, 48, 0.2)))]);
    assert.equal(elsewhere.lint.counts['nowhere-near'], 2);
    const one = await prepare([feature('e', polygon(box(2, 48, 0.2))), feature('ok')]);
    assert.deepEqual(rulesOf(one), ['outside-coverage']);
    assert.equal(one.lint.errors, 0);
  });

  test('a boundary of the neighbouring state, and one across longitude 180', async () => {
    const result = await prepare([
      feature('tx1', polygon(box(-98, 30, 0.2))),
      feature('tx2', polygon(box(-97.8, 30, 0.2))),
      feature('la', polygon(box(-92, 31, 0.2))),
    ]);
    assert.deepEqual(
      result.found('other-state').map(({ boundary, message }) => `${boundary} ${message}`),
      ['la lies in LA, most of the file in TX'],
    );
    const aleutians = await prepare([feature('ak', polygon(box(179, 51, 2)))]);
    assert.equal(aleutians.lint.errors, 0);
    assert.equal(outlineCoordinates(Buffer.from(aleutians.rows[0]?.outline ?? '', 'base64')).length, 2);
    // As most files write it: with a jump of longitude.
    const jumping = (ring: Ring): Ring => ring.map(([x = 0, y = 0]) => [x > 180 ? x - 360 : x, y]);
    const written = await prepare([feature('ak', polygon(jumping(box(179, 51, 2)), jumping(box(179.5, 51.5, 1))))]);
    assert.equal(outlineCoordinates(Buffer.from(written.rows[0]?.outline ?? '', 'base64')).length, 2);
    assert.deepEqual(written.found('repaired'), []);
  });
});

describe('neighbours', () => {
  test('overlaps, boundaries inside others, the same outline twice, gaps: with area and place', async () => {
    const result = await prepare([
      feature('big', polygon(box(-98, 30, 1))),
      feature('over', polygon(box(-97.05, 30, 0.5, 1))),
      feature('inside', polygon(box(-97.8, 30.2, 0.1))),
      feature('same', polygon(box(-97.8, 30.2, 0.1))),
    ]);
    assert.deepEqual(
      result.found('overlap').map(({ boundary, message }) => `${boundary} ${message}`),
      ['over shares 532.67 km² with big; the smaller answers there'],
    );
    assert.deepEqual(
      result.found('inside-another').map(({ boundary }) => boundary),
      ['inside', 'same'],
    );
    assert.match(result.found('same-outline')[0]?.message ?? '', /has the outline of same|has the outline of inside/);

    const ring = [box(-98, 30, 1), box(-97.7, 30.3, 0.1).reverse()];
    const gapped = await prepare([feature('ring', polygon(...ring)), feature('next', polygon(box(-97, 30, 1)))]);
    const [gap] = gapped.found('gap');
    assert.match(gap?.message ?? '', /nobody serves 10\d\.\d\d km² between the boundaries of urn:service:sos/);
    assert.deepEqual([gap?.longitude, gap?.latitude], [-97.65, 30.35]);
    assert.deepEqual(rulesOf(gapped), ['gap']);
  });

  test('a city in the hole of its county, neighbours that share corners, slivers of rounding: nothing to say', async () => {
    const city = box(-97.7, 30.3, 0.1);
    const result = await prepare([
      feature('county', polygon(box(-98, 30, 1), [...city].reverse())),
      feature('city', polygon(city)),
      feature('next', polygon(box(-97.0000005, 30, 1))),
    ]);
    assert.deepEqual(result.lint.counts, {});
  });

  test('services do not overlap each other, provisioning overlaps nobody', async () => {
    const result = await prepare([feature('psap'), feature('fire', undefined, { ServiceURN: 'urn:service:sos.fire' })]);
    assert.deepEqual(result.lint.counts, {});
  });
});
