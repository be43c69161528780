import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { createAudit } from '../../audit/audit.ts';
import type { ProblemError } from '../../domain/problem.ts';
import type { Database } from '../../storage/database.ts';
import type { Snapshot } from '../../storage/snapshot.ts';
import { newId } from '../../support/ids.ts';
import { createLogger } from '../../support/logger.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { createRouting, createRoutingSnapshot, type Routing, type RoutingSnapshot } from '../routing.ts';
import { prepareBoundaries } from './prepare-boundaries.ts';

const logger = createLogger('silent');
const PAGE = { start: 0, max: 100 };
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

describe('importing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-routing-'));
  const clock = createManualClock();
  let database: Database;
  let snapshot: Snapshot<RoutingSnapshot>;
  let routing: Routing;
  const defaultUri = (sourceId: string): string => `sip:${sourceId}@127.0.0.1:5071`;
  const relayUri = (): string => 'sip:relay@127.0.0.1:5071';

  before(async () => {
    database = await openMigratedDatabase(logger);
    snapshot = createRoutingSnapshot({ folder, logger, database, defaultUri, relayUri });
    const audit = createAudit({ database, clock });
    routing = createRouting({
      snapshot: () => snapshot.current(),
      database,
      audit,
      clock,
      logger,
      serverName: 'ecrf.example',
      prepareBoundaries,
    });
  });
  after(async () => {
    await routing.stopBoundaries();
    await snapshot.stop?.();
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
    assert.deepEqual(
      [diff.revision, diff.added, diff.counts],
      [null, ['a'], { added: 1, changed: 0, removed: 0, unchanged: 0 }],
    );
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
    assert.deepEqual([diff.revision, diff.added, diff.changed, diff.removed], [2, ['c'], [], ['b']]);
    assert.equal(diff.counts.unchanged, 1);
    const listed = await routing.listBoundaries({ layer: 'tx' });
    assert.deepEqual(
      listed.map(({ sourceId }) => sourceId),
      ['a', 'c'],
    );
    assert.deepEqual(await routing.listBoundaries({ layer: 'tx' }, { start: 1, max: 1 }), listed.slice(1));
    assert.ok(Number(listed[0]?.updatedAt) < Number(listed[1]?.updatedAt));

    const moved = collection(
      feature('a', {}, boxAt(-70, 30)),
      feature('c', { ServiceURI: 'sips:c@psap.example' }, boxAt(-80, 30)),
    );
    assert.deepEqual((await routing.importBoundaries(actor, { document: moved, layer: 'tx', dryRun: false })).changed, [
      'a',
    ]);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    assert.equal((await routing.listBoundaryVersions('tx', PAGE)).total, 3);
  });

  test('the same file again changes nothing and announces nothing', async () => {
    const file = collection(feature('s'));
    await routing.importBoundaries(actor, { document: file, layer: 'same', dryRun: false });
    const before = await changes();
    const diff = await routing.importBoundaries(actor, { document: file, layer: 'same', dryRun: false });
    assert.deepEqual([diff.revision, diff.counts], [null, { added: 0, changed: 0, removed: 0, unchanged: 1 }]);
    assert.equal(await changes(), before);
    await routing.removeBoundaries(actor, 'same');
  });

  test('one bad feature, an id of another layer, a bad layer name: nothing changes', async () => {
    const stored = await routing.listBoundaries();
    const attempts: [string, string, string][] = [
      [collection(feature('x'), feature('y', { ServiceNum: 'x' })), 'tx', 'invalid'],
      [collection(), 'tx', 'invalid'],
      [collection(feature('x')), 'imports', 'invalid'],
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

  test('imports at the same time end in one of the two files; a third is refused', async () => {
    const files = [collection(feature('p'), feature('q')), collection(feature('q'), feature('r'))];
    const importing = files.map((document) =>
      routing.importBoundaries(actor, { document, layer: 'race', dryRun: false }),
    );
    await assert.rejects(
      routing.importBoundaries(actor, { document: files[0] ?? '', layer: 'race', dryRun: false }),
      (error: ProblemError) => error.kind === 'locked' && error.retryAfterSeconds === 10,
    );
    await Promise.all(importing);
    const ids = (await routing.listBoundaries({ layer: 'race' })).map(({ sourceId }) => sourceId).join();
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
      ringLimitMs: 30_000,
      queueLimitMs: 600_000,
    });
    assert.equal(await answerNow(), 'sips:911@harris.example');
    const destination = routing.destinationsFor(houston, 'urn:service:sos');
    assert.deepEqual(destination?.alternateUris, ['sip:b@h.example']);
    assert.deepEqual([destination.ringLimitMs, destination.queueLimitMs], [30_000, 600_000]);
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
        ringLimitMs: 999,
        queueLimitMs: 3_600_001,
        alternateUris: ['x'],
        sourceId: 'a b',
        id: '1',
      }),
      (error: ProblemError) =>
        error.fields.map(({ path }) => path).join() ===
        'id,name,uri,alternateUris/0,ringTimeoutMs,ringLimitMs,queueLimitMs,sourceId',
    );
    await routing.removePsap(actor, saved.id);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    await assert.rejects(routing.removePsap(actor, saved.id), (error: ProblemError) => error.kind === 'not-found');
    await assert.rejects(routing.removePsap(actor, 'x'), (error: ProblemError) => error.kind === 'not-found');
  });

  test('a layer goes back to any version, and forth again', async () => {
    const layer = 'versions';
    const importOf = (...features: Feature[]) =>
      routing.importBoundaries(actor, { document: collection(...features), layer, dryRun: false });
    const held = async (): Promise<string[]> =>
      (await routing.listBoundaries({ layer })).map(({ sourceId, displayName }) => `${sourceId} ${displayName}`);
    await importOf(feature('v1'), feature('v2', {}, boxAt(-90, 30)));
    const first = await held();
    await importOf(feature('v1', { DsplayName: 'renamed' }), feature('v3', {}, boxAt(-85, 30)));
    const second = await held();
    assert.deepEqual(await routing.undoBoundaries(actor, layer), {
      restored: 1,
      revision: 3,
      counts: { added: 1, changed: 1, removed: 1 },
    });
    assert.deepEqual(await held(), first);
    assert.equal(await answerNow(), 'sip:v1@psap.example');
    await routing.undoBoundaries(actor, layer, 2);
    assert.deepEqual(await held(), second);
    await routing.removeBoundaries(actor, layer);
    assert.deepEqual(await held(), []);
    await routing.undoBoundaries(actor, layer);
    assert.deepEqual(await held(), second);
    await routing.undoBoundaries(actor, layer, 0);
    assert.deepEqual(await held(), []);
    const { items, total } = await routing.listBoundaryVersions(layer, PAGE);
    assert.equal(total, 7);
    assert.deepEqual(
      items.map(({ action, boundaries }) => `${action.replace('boundaries.', '')} ${boundaries}`),
      ['undone 0', 'undone 2', 'removed 0', 'undone 2', 'undone 2', 'imported 2', 'imported 2'],
    );
    assert.equal((items.at(-1)?.source as { format: string } | undefined)?.format, 'GeoJSON');
    await assert.rejects(routing.undoBoundaries(actor, layer, 8), (error: ProblemError) => error.kind === 'invalid');
    await assert.rejects(routing.undoBoundaries(actor, 'none'), (error: ProblemError) => error.kind === 'not-found');

    await importOf(feature('v2'));
    const moved = { document: collection(feature('v1')), layer: 'elsewhere', dryRun: false };
    await routing.importBoundaries(actor, moved);
    await assert.rejects(routing.undoBoundaries(actor, layer, 1), (error: ProblemError) => error.kind === 'conflict');
    await routing.removeBoundaries(actor, 'elsewhere');
    await routing.removeBoundaries(actor, layer);
  });

  test('versions older than 90 days are forgotten, but for what was in force then', async () => {
    const layer = 'old';
    const importOf = (...features: Feature[]) =>
      routing.importBoundaries(actor, { document: collection(...features), layer, dryRun: false });
    await importOf(feature('o1'), feature('o2', {}, boxAt(-90, 30)));
    await importOf(feature('o1'));
    clock.advance(91 * 86_400_000);
    await importOf(feature('o1', { DsplayName: 'later' }));
    await assert.rejects(routing.undoBoundaries(actor, layer, 1), (error: ProblemError) => error.kind === 'gone');
    await assert.rejects(routing.undoBoundaries(actor, layer, 0), (error: ProblemError) => error.kind === 'gone');
    await routing.undoBoundaries(actor, layer, 2);
    const [only] = await routing.listBoundaries({ layer });
    assert.equal(only?.displayName, 'PSAP o1');
    await routing.removeBoundaries(actor, layer);
  });

  test('boundaries come into force and expire by their dates', async () => {
    const at = (ms: number): string => new Date(clock.nowMs() + ms).toISOString();
    const document = collection(
      feature('later', { Effective: at(3_600_000), Expire: at(7_200_000) }),
      feature('until', { Expire: at(3_600_000) }),
    );
    await routing.importBoundaries(actor, { document, layer: 'dates', dryRun: false });
    assert.equal(await answerNow(), 'sip:until@psap.example');
    assert.equal(await routing.boundaryDates.turn(), 0);
    clock.advance(3_600_000);
    const before = await changes();
    assert.equal(await routing.boundaryDates.turn(), 2);
    assert.equal(await changes(), before + 1);
    assert.equal(await answerNow(), 'sip:later@psap.example');
    clock.advance(3_600_000);
    routing.boundaryDates.start();
    clock.advance(30_000);
    await routing.boundaryDates.stop();
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    assert.equal((await routing.listBoundaryLayers()).find(({ layer }) => layer === 'dates')?.notInForce, 2);
    await routing.removeBoundaries(actor, 'dates');
  });

  test('a boundary without destination is kept, listed, and answers once a PSAP takes it over', async () => {
    const document = collection(feature('open', { ServiceURI: 'tel:911' }));
    const { lint } = await routing.importBoundaries(actor, { document, layer: 'open', dryRun: false });
    assert.equal(lint.counts['destination-missing'], 1);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    const worklist = async (): Promise<string[]> =>
      (await routing.listBoundaries({ withoutDestination: true })).map(({ sourceId }) => sourceId);
    assert.deepEqual(await worklist(), ['open']);
    const saved = await routing.savePsap(actor, { name: 'Taker', uri: 'sip:taker@psap.example', sourceId: 'open' });
    assert.deepEqual(await worklist(), []);
    assert.equal(await answerNow(), 'sip:taker@psap.example');
    await routing.removePsap(actor, saved.id);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    await routing.removeBoundaries(actor, 'open');
  });

  test('provisioning boundaries are kept, and nothing is routed by them', async () => {
    const document = JSON.stringify({
      ...(JSON.parse(collection(feature('mine', { ServiceURN: null, ServiceURI: null }))) as object),
      name: 'ProvisioningPolygon',
    });
    const { lint } = await routing.importBoundaries(actor, { document, layer: 'own', dryRun: false });
    assert.deepEqual(lint.counts, {});
    const [only] = await routing.listBoundaries({ layer: 'own' });
    assert.deepEqual([only?.kind, only?.uri, only?.inForce], ['provisioning', '', true]);
    assert.deepEqual(await routing.listBoundaries({ withoutDestination: true }), []);
    assert.equal(await answerNow(), defaultUri('us-county-48201'));
    await routing.removeBoundaries(actor, 'own');
  });

  test('faulty rows keep everything out, or only themselves where that is wanted', async () => {
    const document = collection(feature('fine'), feature('fine'), feature('us-county-48201'));
    const wanted = { document, layer: 'partly', dryRun: false };
    await assert.rejects(
      routing.importBoundaries(actor, wanted),
      (error: ProblemError) =>
        error.kind === 'invalid' && error.fields.map(({ path }) => path).join() === 'partly/2,partly/3',
    );
    const { counts } = await routing.importBoundaries(actor, { ...wanted, skipFaulty: true });
    assert.equal(counts.added, 1);
    await routing.removeBoundaries(actor, 'partly');
  });

  test('every change is in the audit trail', async () => {
    const rows = await database.db.selectFrom('auditEntries').select(['action', 'actor']).execute();
    const actions = new Set(rows.map(({ action }) => action));
    assert.deepEqual([...actions].sort(), [
      'boundaries.imported',
      'boundaries.removed',
      'boundaries.turned',
      'boundaries.undone',
      'psap.removed',
      'psap.saved',
    ]);
    assert.ok(rows.every(({ action, actor: by }) => by === (action === 'boundaries.turned' ? 'system' : 'operator')));
  });

  test('what was imported survives on disk, without the database', async () => {
    await routing.importBoundaries(actor, { document: collection(feature('disk')), layer: 'disk', dryRun: false });
    await snapshot.loadFromDatabase();
    await snapshot.save();
    const again = createRoutingSnapshot({ folder, logger, database, defaultUri, relayUri });
    assert.equal(await again.loadFromDisk(), true);
    assert.equal(again.current().importedLayers.get('urn:service:sos')?.served[0]?.mapping.sourceId, 'disk');
  });
});
