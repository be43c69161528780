import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { newId } from '../support/ids.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decodeOutline } from './boundary-outline.ts';
import { IMPORT_LIMITS, readBoundaries } from './read-boundaries.ts';
import { createRouting, createRoutingSnapshot, type Routing, type RoutingSnapshot } from './routing.ts';

const logger = createLogger('silent');
const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };

type Feature = { type: string; properties: Record<string, unknown>; geometry: unknown };

function feature(id: string, more: Record<string, unknown> = {}, geometry: unknown = boxAt(-95.5, 29.6)): Feature {
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

function boxAt(x: number, y: number, size = 0.4): unknown {
  const ring = [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

function collection(...features: Feature[]): string {
  return JSON.stringify({ type: 'FeatureCollection', features });
}

function problemOf(input: string | Uint8Array): ProblemError {
  try {
    readBoundaries(input);
  } catch (error) {
    assert.ok(error instanceof ProblemError);
    return error;
  }
  throw new Error('expected a problem');
}

describe('reading boundaries', () => {
  test('polygons and multipolygons, names as NENA writes them', () => {
    const multi = { type: 'MultiPolygon', coordinates: [(boxAt(0, 0) as { coordinates: unknown }).coordinates] };
    const [one, two] = readBoundaries(collection(feature('a'), feature('b', { ServiceNum: '112' }, multi)));
    assert.equal(one?.source, 'psap.example');
    assert.equal(one?.serviceNumber, '911');
    assert.equal(two?.serviceNumber, '112');
    assert.equal(two && decodeOutline(two.outline).length, 1);
    assert.notEqual(one?.version, two?.version);
  });

  test('an agency that is no dotted name stands under the name of imports', () => {
    assert.equal(
      readBoundaries(collection(feature('a', { Agency_ID: 'Denver County' })))[0]?.source,
      'waymark.imported',
    );
  });

  test('a ring that crosses itself becomes simple ones', () => {
    const bowTie = {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [2, 2],
          [2, 0],
          [0, 2],
          [0, 0],
        ],
      ],
    };
    const [read] = readBoundaries(collection(feature('a', {}, bowTie)));
    assert.equal(read && decodeOutline(read.outline).length, 2);
  });

  test('every fault is reported with its feature and property, and nothing is read', () => {
    const faulty = collection(
      feature('good'),
      feature('bad uri', { ServiceURI: 'tel:911', ServiceURN: 'urn:service:dns' }),
      feature('c', { DsplayName: '' }, { type: 'Point', coordinates: [0, 0] }),
      feature('d', { ServiceNum: 'nine' }, boxAt(3_000_000, 500_000)),
      feature('good'),
      feature('us-county-48201'),
      feature(
        'e',
        {},
        {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 1],
              [0, 0],
              [0, 0],
            ],
          ],
        },
      ),
      feature(
        'f',
        {},
        {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 'x'],
              [1, 1],
            ],
          ],
        },
      ),
    );
    const problem = problemOf(faulty);
    assert.equal(problem.kind, 'invalid');
    assert.deepEqual(
      problem.fields.map(({ path }) => path),
      [
        'features/1/properties/NGUID',
        'features/1/properties/ServiceURN',
        'features/1/properties/ServiceURI',
        'features/2/properties/DsplayName',
        'features/2/geometry',
        'features/3/properties/ServiceNum',
        'features/3/geometry/coordinates/0/0',
        'features/4/properties/NGUID',
        'features/5/properties/NGUID',
        'features/6/geometry',
        'features/7/geometry/coordinates/0/1',
      ],
    );
  });

  test('missing names', () => {
    const problem = problemOf(collection({ ...feature('a'), properties: { NGUID: 'a' } }));
    assert.deepEqual(
      problem.fields.map(({ path }) => path.split('/').at(-1)),
      ['DsplayName', 'ServiceURN', 'ServiceURI', 'Agency_ID'],
    );
  });

  test('faults are counted up to a limit', () => {
    const many = Array.from({ length: 500 }, () => feature('', { DsplayName: null }));
    assert.equal(problemOf(collection(...many)).fields.length, IMPORT_LIMITS.faults);
  });

  for (const [name, input, kind] of [
    ['no JSON', '{"type":', 'malformed'],
    ['no UTF-8', Uint8Array.of(0x7b, 0xff), 'malformed'],
    ['no collection', '[]', 'invalid'],
    ['null', 'null', 'invalid'],
    ['one feature', JSON.stringify(feature('a')), 'invalid'],
    ['features that are none', '{"type":"FeatureCollection","features":[null,1,"x",[]]}', 'invalid'],
    ['a projection', '{"type":"FeatureCollection","crs":{"properties":{"name":"EPSG:2277"}},"features":[]}', 'invalid'],
  ] as const) {
    test(name, () => assert.equal(problemOf(input).kind, kind));
  }
});

describe('importing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-routing-'));
  const clock = createManualClock();
  let database: Database;
  let snapshot: Snapshot<RoutingSnapshot>;
  let routing: Routing;
  const defaultUri = (sourceId: string): string => `sip:${sourceId}@127.0.0.1:5071`;

  before(async () => {
    database = await openDatabase({ url: undefined, embeddedDir: undefined }, logger);
    await database.migrate();
    snapshot = createRoutingSnapshot({ folder, logger, database, defaultUri });
    const audit = createAudit({ database, clock });
    routing = createRouting({
      snapshot: () => snapshot.current(),
      database,
      audit,
      clock,
      logger,
      serverName: 'ecrf.example',
    });
  });
  after(async () => {
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const houston = { shape: { type: 'point', position: { latitude: 29.76, longitude: -95.37 } } } as const;
  const answerNow = async (): Promise<string | undefined> => {
    await snapshot.apply([{ sequence: 1, kind: 'routing', organizationId: null }]);
    return routing.destinationsFor(houston, 'urn:service:sos')?.uri;
  };
  const changes = async (): Promise<number> =>
    (await database.db.selectFrom('changeFeed').select('sequence').execute()).length;

  test('the built-in data answers before anything is loaded', () => {
    assert.equal(routing.destinationsFor(houston, 'urn:service:sos')?.uri, defaultUri('us-county-48201'));
  });

  test('a dry run tells the difference and stores nothing', async () => {
    const before = await changes();
    const diff = await routing.importBoundaries(actor, {
      document: collection(feature('a')),
      layer: 'tx',
      dryRun: true,
    });
    assert.deepEqual(diff, { layer: 'tx', importId: null, added: ['a'], changed: [], removed: [], unchanged: 0 });
    assert.deepEqual(await routing.listBoundaries(), []);
    assert.equal(await changes(), before);
  });

  test('an import replaces its layer, only what differs is written', async () => {
    const first = collection(feature('a'), feature('b', {}, boxAt(-90, 30)));
    const done = await routing.importBoundaries(actor, { document: first, layer: 'tx', dryRun: false });
    assert.deepEqual(done.added, ['a', 'b']);
    assert.equal(await answerNow(), 'sip:a@psap.example');

    clock.advance(60_000);
    const second = collection(feature('a'), feature('c', { ServiceURI: 'sips:c@psap.example' }, boxAt(-80, 30)));
    const diff = await routing.importBoundaries(actor, { document: second, layer: 'tx', dryRun: false });
    assert.deepEqual(
      { ...diff, importId: '' },
      { layer: 'tx', importId: '', added: ['c'], changed: [], removed: ['b'], unchanged: 1 },
    );
    const listed = await routing.listBoundaries('tx');
    assert.deepEqual(
      listed.map(({ sourceId }) => sourceId),
      ['a', 'c'],
    );
    assert.ok((listed[0]?.updatedAt ?? '') < (listed[1]?.updatedAt ?? ''));

    const moved = collection(
      feature('a', {}, boxAt(-70, 30)),
      feature('c', { ServiceURI: 'sips:c@psap.example' }, boxAt(-80, 30)),
    );
    assert.deepEqual((await routing.importBoundaries(actor, { document: moved, layer: 'tx', dryRun: false })).changed, [
      'a',
    ]);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    assert.equal((await routing.listImports(10)).length, 3);
  });

  test('the same file again changes nothing and announces nothing', async () => {
    const file = collection(feature('s'));
    await routing.importBoundaries(actor, { document: file, layer: 'same', dryRun: false });
    const before = await changes();
    const diff = await routing.importBoundaries(actor, { document: file, layer: 'same', dryRun: false });
    assert.deepEqual(diff, { layer: 'same', importId: null, added: [], changed: [], removed: [], unchanged: 1 });
    assert.equal(await changes(), before);
    await routing.removeBoundaries(actor, 'same');
  });

  test('one bad feature, an id of another layer, a bad layer name: nothing changes', async () => {
    const stored = await routing.listBoundaries();
    const attempts: [string, string, string][] = [
      [collection(feature('x'), feature('y', { ServiceURI: 'x' })), 'tx', 'invalid'],
      [collection(feature('a')), 'other', 'conflict'],
      [collection(feature('x')), '../x', 'invalid'],
    ];
    for (const [document, layer, kind] of attempts) {
      await assert.rejects(
        routing.importBoundaries(actor, { document, layer, dryRun: false }),
        (error: ProblemError) => error.kind === kind,
      );
    }
    assert.deepEqual(await routing.listBoundaries(), stored);
  });

  test('imports at the same time end in one of the two files', async () => {
    const files = [collection(feature('p'), feature('q')), collection(feature('q'), feature('r'))];
    await Promise.all(
      files.map((document) => routing.importBoundaries(actor, { document, layer: 'race', dryRun: false })),
    );
    const ids = (await routing.listBoundaries('race')).map(({ sourceId }) => sourceId).join();
    assert.ok(['p,q', 'q,r'].includes(ids), ids);
    await routing.removeBoundaries(actor, 'race');
  });

  test('a layer is removed once', async () => {
    assert.equal((await routing.removeBoundaries(actor, 'tx')).removed, 2);
    await assert.rejects(routing.removeBoundaries(actor, 'tx'), (error: ProblemError) => error.kind === 'not-found');
  });

  test('PSAPs: saved, changed, checked, removed', async () => {
    const wanted = { name: 'Harris', uri: 'sip:911@harris.example', sourceId: 'us-county-48201', plainSipUser: true };
    const saved = await routing.savePsap(actor, wanted);
    assert.equal(await answerNow(), 'sip:911@harris.example');
    assert.equal(routing.destinationsFor(houston, 'urn:service:sos')?.plainSipUser, true);
    await routing.savePsap(actor, {
      ...wanted,
      id: saved.id,
      uri: 'sips:911@harris.example',
      alternateUris: ['sip:b@h.example'],
    });
    assert.equal(await answerNow(), 'sips:911@harris.example');
    assert.deepEqual(routing.destinationsFor(houston, 'urn:service:sos')?.alternateUris, ['sip:b@h.example']);
    assert.equal((await routing.listPsaps()).length, 1);

    await assert.rejects(
      routing.savePsap(actor, { ...wanted, id: newId() }),
      (error: ProblemError) => error.kind === 'conflict',
    );
    await assert.rejects(
      routing.savePsap(actor, {
        name: '',
        uri: 'tel:911',
        ringTimeoutMs: 5,
        alternateUris: ['x'],
        sourceId: 'a b',
        id: '1',
      }),
      (error: ProblemError) =>
        error.fields.map(({ path }) => path).join() === 'id,name,uri,alternateUris/0,ringTimeoutMs,sourceId',
    );
    await routing.removePsap(actor, saved.id);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    await assert.rejects(routing.removePsap(actor, saved.id), (error: ProblemError) => error.kind === 'not-found');
    await assert.rejects(routing.removePsap(actor, 'x'), (error: ProblemError) => error.kind === 'not-found');
  });

  test('every change is in the audit trail', async () => {
    const rows = await database.db.selectFrom('auditEntries').select(['action', 'actor']).execute();
    const actions = new Set(rows.map(({ action }) => action));
    assert.deepEqual([...actions].sort(), ['boundaries.imported', 'boundaries.removed', 'psap.removed', 'psap.saved']);
    assert.ok(rows.every((row) => row.actor === 'operator'));
  });

  test('what was imported survives on disk, without the database', async () => {
    await routing.importBoundaries(actor, { document: collection(feature('disk')), layer: 'disk', dryRun: false });
    await snapshot.loadFromDatabase();
    await snapshot.save();
    const again = createRoutingSnapshot({ folder, logger, database, defaultUri });
    assert.equal(await again.loadFromDisk(), true);
    assert.equal(again.current().importedLayers.get('urn:service:sos')?.served[0]?.mapping.sourceId, 'disk');
  });
});
