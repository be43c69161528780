/** Alerts on a real PostgreSQL that stops and comes back, with several nodes on it and a real SMTP server. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Alerts } from '../../src/alerts/alerts.ts';
import { createSmtpSender } from '../../src/alerts/senders/smtp-sender.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import {
  addOrganization,
  createSites,
  createTestAlerts,
  silentLogger,
  TEST_MAIL_FROM,
  until,
} from '../support/alerts-fixture.ts';
import { exampleCallRecord } from '../support/call-record-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';

const skip = skipWithout('postgresql');
const places = createSites();
let cluster: PostgresCluster;
let receiver: SmtpReceiver;
let database: Database;
let scope: Scope;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  receiver = await startSmtpReceiver();
  database = await openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, silentLogger);
  await database.migrate();
  scope = await addOrganization(database);
});

after(async () => {
  if (skip) return;
  await database.close();
  await receiver.close();
  cluster.remove();
});

function startNode(): Alerts {
  return createTestAlerts({
    database,
    places,
    sender: createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM }),
  }).alerts;
}

function callTelling(alertingEmail: string): CallRecord {
  const { locationId } = places.add(scope.organizationId, { alertingEmail });
  const record = exampleCallRecord({ organizationId: scope.organizationId, startedAt: new Date().toISOString() });
  return { ...record, location: record.location && { ...record.location, locationId } };
}

async function enqueue(alerts: Alerts, record: CallRecord): Promise<void> {
  const sendNow = await database.db.transaction().execute((tx) => alerts.enqueueCallAlerts(tx, [record]));
  sendNow();
}
const mailsTo = (address: string) => receiver.received.filter((mail) => mail.to.includes(address)).length;

test('two nodes on one database tell each recipient once', { skip }, async () => {
  const nodes = [startNode(), startNode()] as const;
  await Promise.all(nodes.map((node) => node.startWorker()));
  await until(() => nodes.every((node) => node.queueReady()));
  const records = Array.from({ length: 20 }, (_, number) => callTelling(`desk${number}@example.com`));
  await Promise.all(records.flatMap((record) => nodes.map((node) => enqueue(node, record))));
  await until(async () => {
    const receipts = await Promise.all(records.map((record) => nodes[0].listReceipts(scope, record.id)));
    return receipts.flat().filter((receipt) => receipt.state === 'accepted').length === records.length;
  });
  for (const number of records.keys()) assert.equal(mailsTo(`desk${number}@example.com`), 1);
  await Promise.all(nodes.map((node) => node.stop()));
});

test('the database stops: the alert goes out; it is back: the receipt follows, no second mail, jobs run again', {
  skip,
}, async () => {
  const running = startNode();
  await running.startWorker();
  await until(() => running.queueReady());
  cluster.stop();

  const during = callTelling('during@example.com');
  await assert.rejects(enqueue(running, during));
  await running.sendEssential(during);
  assert.equal(mailsTo('during@example.com'), 1);
  const late = startNode();
  await late.startWorker();
  assert.equal(late.queueReady(), false);

  cluster.start();
  await until(() => late.queueReady());
  await enqueue(running, during);
  assert.equal((await running.listReceipts(scope, during.id))[0]?.state, 'accepted');
  assert.equal(mailsTo('during@example.com'), 1);
  const afterwards = callTelling('afterwards@example.com');
  await enqueue(late, afterwards);
  await until(async () => (await late.listReceipts(scope, afterwards.id))[0]?.state === 'accepted');
  assert.equal(mailsTo('afterwards@example.com'), 1);
  await Promise.all([running.stop(), late.stop()]);
});
