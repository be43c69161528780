/** Two nodes on one PostgreSQL tell the later steps of incidents: each once, also when the database goes away in between. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { addOrganization, silentLogger, until } from '../support/alerts-fixture.ts';
import {
  callOccasion,
  createTestIncidents,
  type IncidentsFixture,
  toldRecipient,
} from '../support/incidents-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const CHAIN = [toldRecipient('desk'), toldRecipient('second', 60), toldRecipient('third', 120)];
const CALLS = 60;

let cluster: PostgresCluster;
let databases: [Database, Database];
let scope: Scope;

const skip = skipWithout('postgresql');

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  const url = await cluster.createDatabase();
  const open = () => openDatabase({ url, embeddedDir: undefined }, silentLogger);
  databases = [await open(), await open()];
  await databases[0].migrate();
  scope = await addOrganization(databases[0]);
});
after(async () => {
  if (skip) return;
  for (const database of databases) await database.close();
  cluster.remove();
});

async function startNodes(): Promise<[IncidentsFixture, IncidentsFixture]> {
  const [first, second] = databases.map((database) => createTestIncidents(database, CHAIN));
  assert.ok(first && second);
  for (const { incidents } of [first, second]) {
    for (const snapshot of incidents.snapshots) await snapshot.loadFromDatabase();
    await incidents.start();
  }
  return [first, second];
}

/** Calls that come in here and there; every node can read the record of each. */
async function openCalls(nodes: readonly IncidentsFixture[], count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const node = nodes[index % nodes.length];
    assert.ok(node);
    const occasion = callOccasion(scope.organizationId, node.clock.nowMs());
    for (const { calls } of nodes) calls.set(occasion.call.id, occasion.call);
    await node.open(occasion);
    ids.push(occasion.call.id);
  }
  return ids;
}

async function waitingForLocks(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(databases[1].db);
  return rows[0]?.count ?? 0;
}

/** How often each step was told, by call and recipient. */
function counts(nodes: readonly IncidentsFixture[], ids: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { told } of nodes) {
    for (const { incidentId, label } of told) {
      if (!ids.includes(incidentId)) continue;
      found.set(`${incidentId} ${label}`, (found.get(`${incidentId} ${label}`) ?? 0) + 1);
    }
  }
  return found;
}

test('every step is told once, by one node or the other; what somebody took on is told no more', { skip }, async () => {
  const nodes = await startNodes();
  const ids = await openCalls(nodes, CALLS);
  await Promise.all(nodes.map((node) => node.advance(60_000)));
  const second = counts(nodes, ids);
  assert.deepEqual([second.size, [...second.values()].every((count) => count === 1)], [CALLS, true]);
  assert.ok(nodes.every(({ told }) => told.every(({ path }) => path === 'stored')));
  const taken = ids.filter((_, index) => index % 3 === 0);
  // At the same moment by two people on two nodes.
  const outcomes = await Promise.all(
    taken.flatMap((id) => nodes.map(({ incidents }) => incidents.actOn(scope, id, 'acknowledge'))),
  );
  assert.ok(outcomes.every(({ state }) => state === 'acknowledged'));
  for (const id of taken) {
    const events = nodes.flatMap((node) => node.events).filter(({ data }) => data['id'] === id);
    assert.equal(events.filter(({ type }) => type === 'incident.acknowledged').length, 1, 'one of them was first');
  }
  await Promise.all(nodes.map((node) => node.advance(60_000)));
  const all = counts(nodes, ids);
  assert.equal(all.size, CALLS + CALLS - taken.length);
  assert.ok([...all.values()].every((count) => count === 1));
  for (const { incidents } of nodes) await incidents.stop();
});

test('somebody acknowledges at the moment at which a step is told: neither gets in the way of the other', {
  skip,
}, async () => {
  let id = '';
  let acting: Promise<string> | undefined;
  let tellings = 0;
  const node: IncidentsFixture = createTestIncidents(databases[0], CHAIN, {
    async tell() {
      tellings += 1;
      acting ??= node.incidents.actOn(scope, id, 'acknowledge').then(({ state }) => state);
      // It has the incident and waits for the step, which is held here.
      await until(async () => (await waitingForLocks()) > 0);
      return () => undefined;
    },
  });
  for (const snapshot of node.incidents.snapshots) await snapshot.loadFromDatabase();
  await node.incidents.start();
  const occasion = callOccasion(scope.organizationId, node.clock.nowMs());
  id = occasion.call.id;
  await node.open(occasion);
  await node.advance(60_000);
  assert.equal(await acting, 'acknowledged');
  assert.equal(tellings, 1, 'the step was told at once');
  assert.equal((await node.incidents.getIncident(scope, id)).stepsTold, 1);
  await node.advance(600_000);
  assert.equal(tellings, 1);
  await node.incidents.stop();
});

test('the database stops: each node goes on with its own calls, and nobody is told again when it is back', {
  skip,
}, async () => {
  const nodes = await startNodes();
  const ids = await openCalls(nodes, 10);
  cluster.stop();
  await Promise.all(nodes.map((node) => node.advance(60_000)));
  const away = counts(nodes, ids);
  assert.deepEqual([away.size, [...away.values()].every((count) => count === 1)], [10, true]);
  const [first, second] = nodes;
  const link = first.incidents.actionLink(ids[0] ?? '', toldRecipient('desk'));
  const kept = await first.incidents.actByLink(link?.split('/').at(-1) ?? '', '192.0.2.1');
  assert.ok(kept.kind === 'found' && kept.outcome.startsWith('kept'), JSON.stringify(kept));
  cluster.start();
  await until(() =>
    databases[0].ping().then(
      () => true,
      () => false,
    ),
  );
  // The other node is back first, and leaves alone what the first one told.
  await second.advance(2_500);
  await until(async () => {
    await first.advance(2_500);
    return (await first.incidents.getIncident(scope, ids[0] ?? '')).state === 'acknowledged';
  });
  await until(async () => {
    await second.advance(2_500);
    return (await second.incidents.getIncident(scope, ids[1] ?? '')).stepsTold > 0;
  });
  await Promise.all(nodes.map((node) => node.advance(120_000)));
  const total = counts(nodes, ids);
  assert.ok(
    [...total.values()].every((count) => count === 1),
    'nothing was told twice',
  );
  assert.equal(total.size, 10 + 9, 'all but the last step of what somebody took on');
  for (const { incidents } of nodes) await incidents.stop();
});
