/** Boundaries on a real PostgreSQL: what earlier versions stored, two nodes at once, the way back, dates. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { createAudit } from '../../src/audit/audit.ts';
import { encodeOutline } from '../../src/routing/boundary-outline.ts';
import { lockBoundaries } from '../../src/routing/import/boundary-records.ts';
import { prepareBoundaries } from '../../src/routing/import/prepare-boundaries.ts';
import { createRouting, type Routing } from '../../src/routing/routing.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { migrations } from '../../src/storage/migrations/index.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const logger = createLogger('silent');
const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };
const clock = createManualClock();
const skip = skipWithout('postgresql');
const IMPORT = '00000000-0000-4000-8000-000000000001';
const databases: Database[] = [];
const nodes: Routing[] = [];
let cluster: PostgresCluster;

const box = (x: number): number[][] => [
  [x, 30],
  [x + 0.2, 30],
  [x + 0.2, 30.2],
  [x, 30.2],
  [x, 30],
];

function collection(...features: [id: string, x: number, more?: object][]): string {
  return JSON.stringify({
    type: 'FeatureCollection',
    features: features.map(([id, x, more]) => ({
      type: 'Feature',
      properties: {
        NGUID: id,
        DsplayName: id,
        ServiceURN: 'urn:service:sos',
        ServiceURI: `sip:${id}@x.example`,
        ...more,
      },
      geometry: { type: 'Polygon', coordinates: [box(x)] },
    })),
  });
}

async function openNode(url: string): Promise<Routing> {
  const database = await openDatabase({ url, embeddedDir: undefined }, logger);
  databases.push(database);
  const audit = createAudit({ database, clock });
  const snapshot = () => assert.fail('nothing is looked up here');
  const node = createRouting({ snapshot, database, audit, clock, logger, serverName: 'x.example', prepareBoundaries });
  nodes.push(node);
  return node;
}

let one: Routing;
let two: Routing;

before(async () => {
  if (skip !== false) return;
  cluster = await startPostgresCluster();
  const url = await cluster.createDatabase();
  const first = await openDatabase({ url, embeddedDir: undefined }, logger);
  const names = Object.keys(migrations);
  const older = names[names.indexOf('0022-boundary-versions') - 1] ?? '';
  const provider = { getMigrations: () => Promise.resolve(migrations) };
  assert.equal((await new Migrator({ db: first.db, provider }).migrateTo(older)).error, undefined);
  for (const [number, id] of [IMPORT, IMPORT.replace(/1$/, '2')].entries()) {
    await sql`insert into boundary_imports (id, layer, actor, imported_at, feature_count, added, changed, removed)
      values (${id}, 'kept', 'operator', ${new Date(Date.UTC(2026, 0, 1 + number))}, 1, 1, 0, 0)`.execute(first.db);
  }
  await sql`insert into service_boundaries (source_id, layer, import_id, source, service_urn, uri, display_name,
      service_number, outline, version, updated_at)
    values ('older', 'kept', ${IMPORT}, 'x.example', 'urn:service:sos', 'sip:o@x.example', 'Older', '911',
      ${Buffer.from(encodeOutline([[box(-98)]]))}, 'v', now())`.execute(first.db);
  await first.migrate();
  await first.close();
  one = await openNode(url);
  two = await openNode(url);
});

after(async () => {
  for (const node of nodes) await node.stopBoundaries();
  for (const database of databases) await database.close();
  if (skip === false) cluster.remove();
});

const PAGE = { start: 0, max: 10 };

test('what was imported before there were versions is still there, and is gone back to', { skip }, async () => {
  const [older] = await one.listBoundaries({ layer: 'kept' });
  assert.deepEqual([older?.sourceId, older?.revision, older?.kind, older?.inForce], ['older', 1, 'service', true]);
  await one.importBoundaries(actor, { document: collection(['newer', -98]), layer: 'kept', dryRun: false });
  await one.undoBoundaries(actor, 'kept');
  assert.deepEqual(
    (await one.listBoundaries({ layer: 'kept' })).map(({ sourceId, revision }) => `${sourceId} ${revision}`),
    ['older 4'],
  );
  const { items } = await one.listBoundaryVersions('kept', PAGE);
  assert.deepEqual(
    items.map(({ revision, restorable }) => `${revision} ${restorable}`),
    ['4 true', '3 true', '2 true', '1 false'],
  );
  await assert.rejects(one.undoBoundaries(actor, 'kept', 1), { kind: 'gone' });
});

test('two nodes import at once: one after the other, and one of the files is what is left', { skip }, async () => {
  const files = [collection(['p', -98], ['q', -97]), collection(['q', -97], ['r', -96])];
  await Promise.all(
    files.map((document, i) =>
      (i === 0 ? one : two).importBoundaries(actor, { document, layer: 'race', dryRun: false }),
    ),
  );
  const ids = (await two.listBoundaries({ layer: 'race' })).map(({ sourceId }) => sourceId).join();
  assert.ok(['p,q', 'q,r'].includes(ids), ids);
  assert.equal((await two.listBoundaryVersions('race', PAGE)).total, 2);
  assert.deepEqual((await two.undoBoundaries(actor, 'race')).counts, { added: 1, changed: 0, removed: 1 });
});

test('a date that passes is noted by one node alone', { skip }, async () => {
  const Expire = new Date(clock.nowMs() + 60_000).toISOString();
  const document = collection(['short', -95, { Expire }], ['long', -94]);
  await one.importBoundaries(actor, { document, layer: 'dates', dryRun: false });
  clock.advance(60_000);
  const [database] = databases;
  await database?.db.transaction().execute(async (tx) => {
    await lockBoundaries(tx);
    assert.equal(await two.boundaryDates.turn(), 0, 'a change of boundaries that is under way is not met half-way');
  });
  const turned = await Promise.all([one.boundaryDates.turn(), two.boundaryDates.turn()]);
  assert.deepEqual(
    turned.toSorted((a, b) => a - b),
    [0, 1],
  );
  const [dates] = (await one.listBoundaryLayers()).filter(({ layer }) => layer === 'dates');
  assert.deepEqual([dates?.boundaries, dates?.notInForce, dates?.withoutDestination], [2, 1, 0]);
});
