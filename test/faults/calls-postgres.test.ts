/** Emergency calls while a real PostgreSQL stops, comes back, and while the process dies between forwarding and commit. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { selectCall, upsertCalls } from '../../src/calls/call-records.ts';
import { createEventPublisher } from '../../src/calls/events/event-publisher.ts';
import { createEventStreams } from '../../src/calls/events/event-streams.ts';
import { callRecord } from '../../src/calls/testing/call-record.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import { OAUTH_SCOPES, type Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { headerValue } from '../../src/wire/sip/message.ts';
import { type CallWorld, logger, openCallWorld, openPsap, type PsapWorld } from '../support/call-world.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { openPhone } from '../support/sip-phone.ts';

const skip = skipWithout('postgresql');
let cluster: PostgresCluster;
let database: Database;
let psap: PsapWorld;
let folder: string;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, logger);
  await database.migrate();
  psap = await openPsap('answer');
  folder = await mkdtemp(join(tmpdir(), 'waymark-calls-faults-'));
});

after(async () => {
  if (skip) return;
  await psap.stop();
  await database.close();
  cluster.remove();
  await rm(folder, { recursive: true, force: true });
});

const ADMINISTRATOR: Scope = {
  organizationId: '',
  homeOrganizationId: '',
  tokenId: 'test',
  trackingId: 'test',
  role: 'fullAdmin',
  scopes: new Set(OAUTH_SCOPES),
};

function openWorld(): Promise<CallWorld> {
  return openCallWorld({
    database,
    psapUris: [psap.uri('psap-0')],
    relayUri: psap.uri('relay-us'),
    journalFolder: folder,
    deps: { timers: { essentialAlertMs: 300, journalMs: 1_000 } },
  });
}

async function placeCalls(world: CallWorld, count: number): Promise<string[]> {
  const phone = await openPhone({ target: world.target() });
  const ids: string[] = [];
  for (let number = 0; number < count; number++) {
    const call = phone.call();
    const answer = await call.final();
    assert.equal(answer.status, 200);
    assert.equal(headerValue(answer, 'X-Waymark-Simulated-Psap'), 'psap-0');
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200);
    ids.push(call.callId);
  }
  await phone.close();
  return ids;
}

async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + 15_000;
  while (!condition()) {
    assert.ok(performance.now() < limit, 'in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('database stopped, process gone, started again without it: alerted each time, stored once it is back', {
  skip,
}, async () => {
  const first = await openWorld();
  const callIds = await placeCalls(first, 3);
  await first.calls.recordsDrained();
  assert.equal(first.alerted.length, 3);

  cluster.stop();
  callIds.push(...(await placeCalls(first, 3)));
  await until(() => first.essential.length === 3);
  await first.stop();

  const second = await openWorld();
  callIds.push(...(await placeCalls(second, 2)));
  await until(() => second.essential.length === 2);
  cluster.start();
  const stored = await second.records();
  assert.deepEqual(stored.map((record: CallRecord) => record.callId).toSorted(), callIds.toSorted());
  assert.deepEqual(new Set(stored.map(({ outcome }) => outcome)), new Set(['completed']));
  // Jobs are enqueued once for every call; alerts/ knows which mails the essential path has sent.
  assert.equal(second.alerted.length, 5);
  await second.stop();
});

test('what happens at one node is told at the other, in one order, also to who comes back there', {
  skip,
}, async () => {
  const url = await cluster.createDatabase();
  const nodes = await Promise.all([0, 1].map(() => openDatabase({ url, embeddedDir: undefined }, logger)));
  const [here, there] = nodes;
  assert.ok(here && there);
  try {
    await here.migrate();
    const parts = nodes.map((node) => {
      const common = { database: node, clock: systemClock, logger, metrics: createMetrics({ processMetrics: false }) };
      return { publisher: createEventPublisher(common), streams: createEventStreams(common) };
    });
    const [first, second] = parts;
    assert.ok(first && second);
    const organizationId = '77777777-7777-4777-8777-777777777777';
    const scope = { ...ADMINISTRATOR, organizationId };
    const chunks = (await second.streams.open(scope, {}))[Symbol.asyncIterator]();
    await chunks.next();
    // Both write at once: their numbers become visible in order.
    for (let index = 0; index < 200; index++) {
      const event = { type: 'call.started', at: new Date().toISOString(), organizationId, locationId: null } as const;
      parts[index % 2]?.publisher.publish(() => [{ ...event, data: { mark: `event-${index}.` } }]);
    }
    await Promise.all(parts.map(({ publisher }) => publisher.drained()));
    let heard = '';
    while ([...heard.matchAll(/event-\d+\./g)].length < 200) heard += (await chunks.next()).value ?? '';
    const ids = [...heard.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    assert.deepEqual(
      ids,
      ids.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(ids).size, 200);
    await chunks.return?.();
    let again = '';
    for await (const chunk of await first.streams.open(scope, { after: String(ids[99]), follow: false }))
      again += chunk;
    assert.equal([...again.matchAll(/event-\d+\./g)].length, 100);
    // A node that hangs with the lock of the events holds up nothing but events.
    const holder = await here.db.connection().execute(async (connection) => {
      await sql`begin`.execute(connection);
      await sql`select pg_advisory_xact_lock(911000028)`.execute(connection);
      const record = callRecord({ organizationId });
      await there.db.transaction().execute((tx) => upsertCalls(tx, [{ record, json: JSON.stringify(record) }]));
      await sql`rollback`.execute(connection);
      return record;
    });
    assert.equal((await selectCall(there.db, organizationId, holder.id))?.id, holder.id);
    await Promise.all(parts.map(({ publisher }) => publisher.stop()));
  } finally {
    await Promise.all(nodes.map((node) => node.close()));
  }
});
