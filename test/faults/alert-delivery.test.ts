/**
 * The pipeline of alerts with a real mail server and a real database, ended at every step: each alert arrives, and what arrives
 * twice does so under one Message-ID.
 */
import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Alerts } from '../../src/alerts/alerts.ts';
import type { AlertSender } from '../../src/alerts/senders/alert-sender.ts';
import { createSmtpSender } from '../../src/alerts/senders/smtp-sender.ts';
import type { CallRecord } from '../../src/domain/call-record.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { newId } from '../../src/support/ids.ts';
import {
  addOrganization,
  createSites,
  createTestAlerts,
  openTestDatabase,
  silentLogger,
  TEST_MAIL_FROM,
  until,
  withFolder,
} from '../support/alerts-fixture.ts';
import { exampleCallRecord } from '../support/call-record-fixture.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';

const places = createSites();
let database: Database;
let scope: Scope;
let nowhere: Database;

before(async () => {
  database = await openTestDatabase();
  nowhere = await openDatabase({ url: 'postgres://127.0.0.1:1/none', embeddedDir: undefined }, silentLogger);
  scope = await addOrganization(database);
});

after(async () => {
  await nowhere.close();
  await database.close();
});

function callTelling(alertingEmail: string): CallRecord {
  const { locationId } = places.add(scope.organizationId, { alertingEmail });
  const record = exampleCallRecord({ organizationId: scope.organizationId, startedAt: new Date().toISOString() });
  return { ...record, location: record.location && { ...record.location, locationId } };
}

type Run = { receiver: SmtpReceiver; record: CallRecord; folder: string };

/** One start of a node on the same disk. */
function startNode(folder: string, sender: AlertSender, on: Database = database): Alerts {
  return createTestAlerts({
    database: on,
    places,
    sender,
    acceptedLogPath: join(folder, 'essential-mail.log'),
    node: 'the node of this disk',
    retryPolicy: { firstDelaySeconds: 1, maxDelaySeconds: 1 },
  }).alerts;
}

const smtp = (receiver: SmtpReceiver): AlertSender => createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM });

/** A sender of a process that is killed before it can send. */
const killedSender: AlertSender = { send: () => new Promise(() => undefined), stop: () => Promise.resolve() };

const store = (alerts: Alerts, record: CallRecord) =>
  database.db.transaction().execute((tx) => alerts.enqueueCallAlerts(tx, [record]));

async function withRun(use: (run: Run) => Promise<void>): Promise<void> {
  const receiver = await startSmtpReceiver();
  try {
    await withFolder((folder) => use({ receiver, record: callTelling(`desk-${newId()}@example.com`), folder }));
  } finally {
    await receiver.close();
  }
}

/** Starts the node again and waits until the alert of the call is known to be taken. */
async function restart(folder: string, receiver: SmtpReceiver, record: CallRecord): Promise<void> {
  const alerts = startNode(folder, smtp(receiver));
  await alerts.startWorker();
  try {
    await until(async () => (await alerts.listReceipts(scope, record.id))[0]?.state === 'accepted');
  } finally {
    await alerts.stop();
  }
}

test('killed before the commit: nothing is sent; the call is stored again and told once', () =>
  withRun(async ({ receiver, record, folder }) => {
    const first = startNode(folder, smtp(receiver));
    await first.startWorker();
    await assert.rejects(
      database.db.transaction().execute(async (tx) => {
        await first.enqueueCallAlerts(tx, [record]);
        throw new Error('killed');
      }),
    );
    await first.stop();
    assert.equal(receiver.received.length, 0);
    const second = startNode(folder, smtp(receiver));
    await second.startWorker();
    (await store(second, record))();
    await until(async () => (await second.listReceipts(scope, record.id))[0]?.state === 'accepted');
    await second.stop();
    assert.equal(receiver.received.length, 1);
  }));

test('killed after the commit, before anything was sent: the next start takes it up', () =>
  withRun(async ({ receiver, record, folder }) => {
    const first = startNode(folder, killedSender);
    // Nobody is left to send it.
    await store(first, record);
    assert.equal((await first.listReceipts(scope, record.id))[0]?.state, 'queued');
    await restart(folder, receiver, record);
    assert.equal(receiver.received.length, 1);
  }));

test('killed while the mail is under way: the next start sends it', () =>
  withRun(async ({ receiver, record, folder }) => {
    const first = startNode(folder, killedSender);
    (await store(first, record))();
    await restart(folder, receiver, record);
    assert.equal(receiver.received.length, 1);
  }));

test('killed between the consent and the note on disk: sent twice, under one Message-ID', () =>
  withRun(async ({ receiver, record, folder }) => {
    const mail = smtp(receiver);
    const first = startNode(folder, {
      // The consent never reaches the one who asked.
      send: (message, signal) => mail.send(message, signal).then(() => new Promise(() => undefined)),
      stop: () => mail.stop(),
    });
    (await store(first, record))();
    await receiver.waitFor(1);
    await mail.stop();
    await restart(folder, receiver, record);
    const ids = receiver.received.map(({ mail: { messageId } }) => messageId);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 1);
  }));

test('killed between the note on disk and the receipt: the receipt follows, no second mail', () =>
  withRun(async ({ receiver, record, folder }) => {
    const gate: Database & { isAway: boolean } = {
      ...database,
      isAway: false,
      get db() {
        return gate.isAway ? nowhere.db : database.db;
      },
    };
    const first = startNode(folder, smtp(receiver), gate);
    const sendNow = await store(first, record);
    gate.isAway = true;
    sendNow();
    await receiver.waitFor(1);
    await first.stop();
    assert.equal((await first.listReceipts(scope, record.id).catch(() => [])).length, 0, 'the database is away');
    await restart(folder, receiver, record);
    assert.equal(receiver.received.length, 1);
  }));

test('the database goes away after the commit: the mail goes out, and the receipt follows when it is back', () =>
  withRun(async ({ receiver, record, folder }) => {
    const gate: Database & { isAway: boolean } = {
      ...database,
      isAway: false,
      get db() {
        return gate.isAway ? nowhere.db : database.db;
      },
    };
    const alerts = startNode(folder, smtp(receiver), gate);
    await alerts.startWorker();
    const sendNow = await store(alerts, record);
    gate.isAway = true;
    sendNow();
    await receiver.waitFor(1);
    gate.isAway = false;
    await until(async () => (await alerts.listReceipts(scope, record.id))[0]?.state === 'accepted');
    await alerts.stop();
    assert.equal(receiver.received.length, 1);
  }));

/** Passes on to the mail server, and cuts the first `times` connections off in the middle of a mail's data. */
function startCuttingProxy(receiver: SmtpReceiver, times: number): Promise<{ url: string; close(): Promise<void> }> {
  const { port } = new URL(receiver.url);
  let left = times;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    let isInData = false;
    client.on('data', (chunk: Buffer) => {
      if (isInData && left > 0) {
        left -= 1;
        upstream.write(chunk.subarray(0, 100));
        client.destroy();
        upstream.destroy();
        return;
      }
      isInData ||= /^DATA\r\n$/m.test(chunk.toString('latin1'));
      upstream.write(chunk);
    });
    upstream.on('data', (chunk: Buffer) => client.write(chunk));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise<void>((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}

test('the mail server drops the connection in the middle of DATA, twice: one mail arrives', () =>
  withRun(async ({ receiver, record, folder }) => {
    const proxy = await startCuttingProxy(receiver, 2);
    const alerts = startNode(folder, createSmtpSender({ url: proxy.url, mailFrom: TEST_MAIL_FROM }));
    try {
      (await store(alerts, record))();
      await until(async () => (await alerts.listReceipts(scope, record.id))[0]?.state === 'accepted', 30_000);
      assert.equal(receiver.received.length, 1);
      assert.ok(((await alerts.listReceipts(scope, record.id))[0]?.attempts ?? 0) >= 2);
    } finally {
      await alerts.stop();
      await proxy.close();
    }
  }));

for (const [what, responseCode, state] of [
  ['refuses the data for now', 451, 'accepted'],
  ['refuses the data for good', 554, 'exhausted'],
] as const) {
  test(`the mail server ${what} (${responseCode}): ${state}, and everybody sees why`, async () => {
    let asked = 0;
    const receiver = await startSmtpReceiver({
      onData(stream, _session, callback) {
        asked += 1;
        const isRefused = asked === 1;
        stream.resume();
        stream.on('end', () => {
          if (isRefused) callback(Object.assign(new Error('not this one'), { responseCode }));
          else callback();
        });
      },
    });
    const alerts = createTestAlerts({ database, places, sender: smtp(receiver) }).alerts;
    const record = callTelling(`desk-${newId()}@example.com`);
    try {
      (await store(alerts, record))();
      await until(async () => (await alerts.listReceipts(scope, record.id))[0]?.state === state);
      const [receipt] = await alerts.listReceipts(scope, record.id);
      assert.equal(asked, state === 'accepted' ? 2 : 1);
      if (state === 'exhausted') assert.match(receipt?.lastError ?? '', /not this one/);
    } finally {
      await alerts.stop();
      await receiver.close();
    }
  });
}

test('given up, listed, counted, exported, sent again: one by one and by what they have in common', async () => {
  let isDown = true;
  const receiver = await startSmtpReceiver({
    onRcptTo(_address, _session, callback) {
      if (isDown) callback(Object.assign(new Error('=no such mailbox'), { responseCode: 550 }));
      else callback();
    },
  });
  const own = await addOrganization(database);
  const { alerts } = createTestAlerts({ database, places, sender: smtp(receiver) });
  await alerts.startWorker();
  try {
    const addresses = Array.from({ length: 5 }, (_, number) => `desk${number}@example.com`);
    const { locationId } = places.add(own.organizationId, { alertingEmail: addresses.join(',') });
    const example = exampleCallRecord({ organizationId: own.organizationId, startedAt: new Date().toISOString() });
    const record = { ...example, location: example.location && { ...example.location, locationId } };
    (await store(alerts, record))();
    const states = async () => (await alerts.listReceipts(own, record.id)).map(({ state }) => state);
    await until(async () => (await states()).every((state) => state === 'exhausted'));

    const troubled = await alerts.listAlerts(own, { states: ['exhausted'], channel: 'email', max: 2 });
    assert.equal(troubled.items.length, 2);
    const rest = await alerts.listAlerts(own, { states: ['exhausted'], max: 10, before: troubled.next ?? '' });
    assert.deepEqual(
      [...troubled.items, ...rest.items].map(({ recipient }) => recipient).toSorted(),
      addresses,
      'every page holds what the others do not',
    );
    assert.equal(rest.next, null);
    assert.deepEqual(
      (await alerts.listAlerts(own, { recipient: 'DESK3' })).items.map(({ recipient }) => recipient),
      ['desk3@example.com'],
    );
    for (const nothing of [{ channel: 'sms' }, { until: new Date(0) }, { kind: 'drill' }] as const) {
      assert.deepEqual((await alerts.listAlerts(own, nothing)).items, []);
    }
    assert.deepEqual((await alerts.listAlerts(scope, { callId: record.id })).items, [], 'of another organization');
    await assert.rejects(alerts.listAlerts(own, { before: 'nonsense' }), /cursor/);
    await assert.rejects(alerts.listAlerts(own, { callId: 'nonsense' }), /identifier/);

    let csv = '';
    for await (const chunk of await alerts.exportAlerts(own, {})) csv += chunk;
    assert.equal(csv.split('\r\n').length, 7);
    assert.match(csv, /"?'?.*=no such mailbox/);

    assert.deepEqual(await alerts.resendAlerts(own, { channel: 'email' }, true), { count: 5, left: 0 });
    assert.deepEqual(await alerts.resendAlerts(scope, { callId: record.id }, false), { count: 0, left: 0 });
    assert.equal(receiver.received.length, 0);
    isDown = false;
    const [one] = troubled.items;
    assert.ok(one?.canResend);
    await assert.rejects(alerts.resendAlert(scope, one.key, false), /no such alert/);
    assert.deepEqual(await alerts.resendAlert(own, one.key, true), { count: 1, left: 0 });
    await alerts.resendAlert(own, one.key, false);
    await until(async () => (await states()).includes('accepted'));
    await assert.rejects(alerts.resendAlert(own, one.key, false), /cannot be sent again/);
    assert.deepEqual(await alerts.resendAlerts(own, { callId: record.id }, false), { count: 4, left: 0 });
    await until(async () => (await states()).every((state) => state === 'accepted'));
    assert.equal(receiver.received.length, 5);
    const audited = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('organizationId', '=', own.organizationId)
      .where('action', '=', 'alerts.resent')
      .execute();
    assert.equal(audited.length, 2);
  } finally {
    await alerts.stop();
    await receiver.close();
  }
});

test('the end comes before an essential alert could be sent: whoever asked learns that it was not', () =>
  withRun(async ({ record, folder }) => {
    const alerts = startNode(folder, {
      send: () => Promise.reject(new Error('no mail server')),
      stop: () => Promise.resolve(),
    });
    const sent = alerts.sendEssential(record);
    const told = assert.rejects(sent, /ends before all were told/);
    await new Promise((resolve) => setImmediate(resolve));
    await alerts.stop();
    await told;
  }));
