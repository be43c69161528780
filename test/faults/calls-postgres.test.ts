/** Emergency calls while a real PostgreSQL stops, comes back, and while the process dies between forwarding and commit. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CallRecord } from '../../src/domain/call-record.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
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
