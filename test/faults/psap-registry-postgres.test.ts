/** PSAP registries on a real PostgreSQL: two operators at once, another node that follows, rows that come back as they were. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAudit } from '../../src/audit/audit.ts';
import { SOS } from '../../src/domain/service-urn.ts';
import { defaultBoundaries } from '../../src/routing/default-boundaries.ts';
import { findDestination } from '../../src/routing/explain-route.ts';
import { createPsapRegistry, type PsapRegistry } from '../../src/routing/registry/psap-registry.ts';
import { createRoutingSnapshot } from '../../src/routing/routing-data.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const actor = { tokenId: 'operator', trackingId: 't1', organizationId: null };
const TRAVIS = 'us-county-48453';
const AUSTIN = { latitude: 30.2649, longitude: -97.7474 };

let cluster: PostgresCluster;
let nodes: { database: Database; registry: PsapRegistry }[] = [];

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  const url = await cluster.createDatabase();
  const clock = createManualClock();
  nodes = await Promise.all(
    ['one', 'two'].map(async () => {
      const database = await openDatabase({ url, embeddedDir: undefined }, silentLogger);
      const audit = createAudit({ database, clock });
      const areas = defaultBoundaries().boundaries;
      return { database, registry: createPsapRegistry({ database, audit, clock, areas }) };
    }),
  );
  await nodes[0]?.database.migrate();
});

after(async () => {
  if (skip) return;
  for (const { database } of nodes) await database.close();
  cluster.remove();
});

const rows = (...names: string[]): Uint8Array =>
  Buffer.from(
    `PSAP ID,PSAP Name,State,County,City,Type of Change\n${names.map((name, at) => `${at + 1},${name},TX,Travis,"Austin, TX",M-A`).join('\n')}\n`,
  );

test('two nodes import at once: one after the other, and the registry is one of the two files', { skip }, async () => {
  const [one, two] = nodes.map(({ registry }) => registry);
  assert.ok(one && two);
  const reports = await Promise.all([
    one.importRegistry(actor, { document: rows('A', 'B'), dryRun: false }),
    two.importRegistry(actor, { document: rows('A', 'C', 'D'), dryRun: false }),
  ]);
  assert.equal(reports.filter(({ importId }) => importId !== null).length, 2);
  const stored = (await one.listRegistry({}, { start: 0, max: 10 })).map(({ name }) => name).join('');
  assert.ok(['AB', 'ACD'].includes(stored), stored);
  const imports = await two.listRegistryImports({ start: 0, max: 10 });
  const differences = await Promise.all(imports.map(({ id }) => one.restoreRegistry(actor, id, true)));
  // What is stored is what one of the two imports left, to the row.
  const same = differences.filter(({ counts }) => counts.added + counts.changed + counts.removed === 0);
  assert.equal(same.length, 1);
});

test('what one node chooses, another node routes by; rows come back from the database as they were read', {
  skip,
}, async () => {
  const [one, two] = nodes;
  assert.ok(one && two);
  await one.registry.importRegistry(actor, { document: rows('North Desk', 'South Desk'), dryRun: false });
  const snapshot = createRoutingSnapshot({
    database: two.database,
    logger: silentLogger,
    folder: undefined,
    defaultUri: (sourceId) => `sip:${sourceId}@127.0.0.1`,
    relayUri: () => 'sip:relay@127.0.0.1',
  });
  const destination = async () => {
    await snapshot.apply([{ sequence: 1, kind: 'routing', organizationId: null }]);
    return findDestination(snapshot.current(), { shape: { type: 'point', position: AUSTIN } }, SOS);
  };
  try {
    await snapshot.loadFromDatabase();
    assert.equal((await destination())?.leadsToRelay, true);
    await one.registry.choosePsap(actor, TRAVIS, { candidate: { source: 'fcc', key: '2' }, reason: 'test' });
    const chosen = await destination();
    assert.equal(chosen?.leadsToRelay, false);
    assert.match(chosen?.mapping.displayName ?? '', /^South Desk, PSAP 2/);
  } finally {
    await snapshot.stop?.();
  }
  const [row] = await two.registry.listRegistry({ text: 'north' }, { start: 0, max: 10 });
  assert.deepEqual([row?.changeCodes, row?.sourceIds, row?.city], [['A', 'M'], [TRAVIS], 'Austin, TX']);
});
