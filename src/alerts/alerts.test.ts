import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addLocation } from '../../test/support/add-location.ts';
import {
  addOrganization,
  createSites,
  createTestAlerts,
  openTestDatabase,
  silentLogger,
  TEST_MAIL_FROM,
  until,
  withFolder,
} from '../../test/support/alerts-fixture.ts';
import { exampleCallRecord } from '../../test/support/call-record-fixture.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../../test/support/smtp-receiver.ts';
import type { CallRecord } from '../domain/call-record.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { type Database, openDatabase } from '../storage/database.ts';
import { newId } from '../support/ids.ts';
import type { Alerts, AlertsDeps } from './alerts.ts';
import type { AlertSender } from './senders/alert-sender.ts';
import { createSmtpSender } from './senders/smtp-sender.ts';

let database: Database;
let receiver: SmtpReceiver;
const refusals = new Map<string, number>();

before(async () => {
  database = await openTestDatabase();
  receiver = await startSmtpReceiver({
    onRcptTo(address, _session, callback) {
      const left = refusals.get(address.address) ?? 0;
      if (left === 0) return callback();
      refusals.set(address.address, left - 1);
      callback(Object.assign(new Error('try again later'), { responseCode: 451 }));
    },
  });
});

after(async () => {
  await receiver.close();
  await database.close();
});

/** Runs `use` with a started room on its own recipients, and ends the room whatever happens. */
async function withAlerts(
  use: (context: {
    alerts: Alerts;
    metricsText: () => Promise<string>;
    scope: Scope;
    locationId: string;
    erlId: string;
  }) => Promise<void>,
  options: { emails?: string; erlEmails?: string[]; overrides?: Partial<AlertsDeps> } = {},
): Promise<void> {
  const scope = await addOrganization(database);
  const places = createSites();
  const site = places.add(scope.organizationId, {
    alertingEmail: options.emails ?? `desk-${newId()}@example.com`,
    erlEmails: options.erlEmails ?? [],
  });
  const sender = createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM });
  const { alerts, metrics } = createTestAlerts({ database, places, sender, ...options.overrides });
  try {
    await alerts.startWorker();
    await use({ alerts, metricsText: () => metrics.text(), scope, ...site });
  } finally {
    await alerts.stop();
  }
}

function callFrom(scope: Scope, locationId: string, erlId: string | null = null): CallRecord {
  const record = exampleCallRecord({ organizationId: scope.organizationId, startedAt: new Date().toISOString() });
  return { ...record, location: record.location && { ...record.location, locationId, erlId } };
}

async function enqueue(alerts: Alerts, record: CallRecord, db = database): Promise<void> {
  const sendNow = await db.db.transaction().execute((tx) => alerts.enqueueCallAlerts(tx, [record]));
  sendNow();
}

const mailsTo = (address: string) => receiver.received.filter((mail) => mail.to.includes(address));

const isProblem = (kind: string) => (error: unknown) => error instanceof ProblemError && error.kind === kind;

test('a name that ends in the middle of a character does not keep the alert from being sent', () => {
  const desk = `desk-${newId()}@example.com`;
  return withAlerts(
    async ({ alerts, scope, locationId }) => {
      const record = callFrom(scope, locationId);
      const displayName = `${'x'.repeat(255)}🚨`.slice(0, 256);
      await until(() => Promise.resolve(alerts.queueReady()));
      await enqueue(alerts, { ...record, caller: { ...record.caller, displayName } });
      await until(() => Promise.resolve(mailsTo(desk).length === 1));
    },
    { emails: desk },
  );
});

test('settings: defaults, nulls, read back as written, audited', () =>
  withAlerts(async ({ alerts, scope, locationId }) => {
    const silent = {
      emergencyCallNotificationEnabled: false,
      allowEmailNotificationAllLocationEnabled: false,
      emailAddress: null,
    };
    assert.deepEqual(await alerts.readOrganizationSettings(scope), silent);
    assert.deepEqual(await alerts.readLocationSettings(scope, locationId), {
      emergencyCallNotificationEnabled: false,
      emailAddress: null,
      organization: silent,
    });

    const organization = {
      emergencyCallNotificationEnabled: true,
      allowEmailNotificationAllLocationEnabled: true,
      emailAddress: 'a@example.com, b@example.com',
    };
    assert.deepEqual(await alerts.updateOrganizationSettings(scope, organization), organization);
    await alerts.updateOrganizationSettings(scope, {});
    await alerts.updateOrganizationSettings(scope, { emergencyCallNotificationEnabled: null });
    assert.deepEqual(await alerts.readOrganizationSettings(scope), organization);
    await alerts.updateOrganizationSettings(scope, { emailAddress: null });
    assert.equal((await alerts.readOrganizationSettings(scope)).emailAddress, null);

    const location = { emergencyCallNotificationEnabled: true, emailAddress: null };
    await assert.rejects(alerts.updateLocationSettings(scope, locationId, location), isProblem('conflict'));
    await addLocation(database, scope, locationId);
    await alerts.updateLocationSettings(scope, locationId, { ...location, emailAddress: 'c@example.com' });
    await alerts.updateLocationSettings(scope, locationId, { emailAddress: null });
    const view = await alerts.readLocationSettings(scope, locationId);
    assert.deepEqual(view, { ...location, organization: { ...organization, emailAddress: null } });

    const audited = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('organizationId', '=', scope.organizationId)
      .execute();
    assert.equal(audited.filter((row) => row.action === 'notification.organization-updated').length, 4);
    assert.equal(audited.filter((row) => row.action === 'notification.location-updated').length, 2);
  }));

test('settings: a wrong address changes nothing; a foreign or unknown location is not found', () =>
  withAlerts(async ({ alerts, scope, locationId }) => {
    await assert.rejects(alerts.updateOrganizationSettings(scope, { emailAddress: 'nonsense' }), isProblem('invalid'));
    await assert.rejects(
      alerts.updateLocationSettings(scope, locationId, { emailAddress: 'x@' }),
      isProblem('invalid'),
    );
    assert.equal((await alerts.readLocationSettings(scope, locationId)).emailAddress, null);
    const foreign = { ...scope, organizationId: newId() };
    for (const asker of [foreign, { ...scope }]) {
      const asked = asker === foreign ? locationId : newId();
      await assert.rejects(alerts.readLocationSettings(asker, asked), isProblem('not-found'));
      for (const patch of [{}, { emailAddress: 'x@' }]) {
        await assert.rejects(alerts.updateLocationSettings(asker, asked, patch), isProblem('not-found'));
      }
    }
  }));

test('recipients follow the settings once the snapshot knows them', () =>
  withAlerts(
    async ({ alerts, scope, locationId, erlId }) => {
      await addLocation(database, scope, locationId);
      const addresses = () =>
        alerts.recipientsFor(scope.organizationId, locationId, erlId).map((recipient) => recipient.address);
      assert.deepEqual(addresses(), ['desk@example.com']);
      await alerts.updateOrganizationSettings(scope, {
        emergencyCallNotificationEnabled: true,
        allowEmailNotificationAllLocationEnabled: true,
        emailAddress: 'org@example.com',
      });
      await alerts.updateLocationSettings(scope, locationId, {
        emergencyCallNotificationEnabled: true,
        emailAddress: 'DESK@example.com;site@example.com',
      });
      const { organizationId } = scope;
      for (const snapshot of alerts.snapshots)
        await snapshot.apply([{ sequence: 1, kind: 'notifications', organizationId }]);
      assert.deepEqual(addresses(), ['desk@example.com', 'site@example.com', 'org@example.com']);
      assert.deepEqual(alerts.recipientsFor(newId(), locationId, erlId), []);
    },
    { emails: 'desk@example.com' },
  ));

test('a committed call is told to each recipient once, with a receipt; a rolled back one to nobody', () =>
  withAlerts(
    async ({ alerts, metricsText, scope, locationId, erlId }) => {
      await until(() => alerts.queueReady());
      const rolledBack = callFrom(scope, locationId, erlId);
      await assert.rejects(
        database.db.transaction().execute(async (tx) => {
          await alerts.enqueueCallAlerts(tx, [rolledBack]);
          throw new Error('changed my mind');
        }),
        /changed my mind/,
      );
      const record = callFrom(scope, locationId, erlId);
      await enqueue(alerts, record);
      await enqueue(alerts, { ...record, version: 2, outcome: 'completed' });
      await until(async () => (await alerts.listReceipts(scope, record.id)).every((one) => one.state === 'accepted'));

      const receipts = await alerts.listReceipts(scope, record.id);
      assert.deepEqual(
        receipts.map(({ recipient, attempts, kind }) => ({ recipient, attempts, kind })),
        ['first@example.com', 'second@example.com'].map((recipient) => ({
          recipient,
          attempts: 1,
          kind: 'call-started',
        })),
      );
      assert.match(receipts[0]?.response ?? '', /^250/);
      assert.deepEqual(receipts[0]?.reasons, ['alert address of the building']);
      assert.deepEqual(await alerts.listReceipts({ ...scope, organizationId: newId() }, record.id), []);
      const [mail] = mailsTo('first@example.com');
      assert.equal(mailsTo('first@example.com').length, 1);
      assert.equal(mailsTo('second@example.com').length, 1);
      assert.equal(mail?.mail.messageId, receipts[0]?.messageId);
      assert.match(mail?.mail.text ?? '', /Dallas office/);
      assert.match(mail?.mail.text ?? '', /Third floor, east/);
      assert.ok(!mail?.mail.text?.includes(rolledBack.id));
      const figures = await metricsText();
      assert.match(figures, /waymark_alerts_accepted_total\{kind="call-started",channel="email",path="job"\} 2/);
      assert.match(figures, /waymark_alert_acceptance_seconds_count\{channel="email",path="job"\} 2/);
    },
    { emails: 'first@example.com, second@example.com' },
  ));

test('a temporary refusal is repeated and delays nobody else; a lasting one ends as exhausted', () =>
  withAlerts(
    async ({ alerts, scope, locationId }) => {
      refusals.set('grey@example.com', 1);
      refusals.set('poison@example.com', 1_000);
      await until(() => alerts.queueReady());
      const record = callFrom(scope, locationId);
      await enqueue(alerts, record);
      const stateOf = async (recipient: string) =>
        (await alerts.listReceipts(scope, record.id)).find((one) => one.recipient === recipient);
      await until(async () => (await stateOf('healthy@example.com'))?.state === 'accepted');
      await until(async () => (await stateOf('poison@example.com'))?.state === 'exhausted');
      await until(async () => (await stateOf('grey@example.com'))?.state === 'accepted');

      const grey = await stateOf('grey@example.com');
      const healthy = await stateOf('healthy@example.com');
      assert.ok((healthy?.acceptedAt?.getTime() ?? 0) < (grey?.acceptedAt?.getTime() ?? 0));
      assert.deepEqual([grey?.state, grey?.attempts, grey?.lastError], ['accepted', 2, null]);
      const poison = await stateOf('poison@example.com');
      assert.equal(poison?.attempts, 2);
      assert.match(poison?.lastError ?? '', /try again later/);
      const troubled = (await alerts.listAlerts(scope, { states: ['failed', 'exhausted'] })).items;
      assert.deepEqual(
        troubled.map((one) => one.recipient),
        ['poison@example.com'],
      );
    },
    {
      emails: 'poison@example.com, grey@example.com, healthy@example.com',
      overrides: { retryPolicy: { retries: 1, firstDelaySeconds: 1, maxDelaySeconds: 1 } },
    },
  ));

test('an invitation goes out after the commit; the same one is sent once', () =>
  withAlerts(async ({ alerts, scope }) => {
    await until(() => alerts.queueReady());
    const invitation = {
      kind: 'invitation' as const,
      to: 'admin@example.com',
      subject: 'Invitation',
      text: 'Set your password',
      organizationId: scope.organizationId,
      stableKey: newId(),
    };
    for (let time = 0; time < 2; time += 1) {
      await database.db.transaction().execute((tx) => alerts.enqueueMail(tx, invitation));
    }
    await database.db.transaction().execute((tx) => alerts.enqueueMail(tx, { ...invitation, stableKey: newId() }));
    await until(() => mailsTo('admin@example.com').length >= 2);
    assert.equal(mailsTo('admin@example.com').length, 2);
    assert.equal(mailsTo('admin@example.com')[0]?.mail.subject, 'Invitation');
  }));

test('a call of which nobody can be told is counted', () =>
  withAlerts(async ({ alerts, metricsText }) => {
    await until(() => alerts.queueReady());
    await enqueue(alerts, exampleCallRecord({ organizationId: null }));
    assert.match(await metricsText(), /waymark_alert_calls_without_recipient_total 1/);
  }));

type LeavingDatabase = Database & { away: boolean; end: () => Promise<void> };

/** The test database behind a switch: while it is away, everything that asks it fails like a refused connection. */
async function databaseThatLeaves(): Promise<LeavingDatabase> {
  const nowhere = await openDatabase({ url: 'postgres://127.0.0.1:1/none', embeddedDir: undefined }, silentLogger);
  const gate: LeavingDatabase = {
    ...database,
    away: false,
    get db() {
      return gate.away ? nowhere.db : database.db;
    },
    executeSql: (text, values) => (gate.away ? nowhere : database).executeSql(text, values),
    end: () => nowhere.close(),
  };
  return gate;
}

test('with the database away the alert goes out; its job, enqueued later, sends no second mail', async () => {
  const gate = await databaseThatLeaves();
  gate.away = true;
  await withAlerts(
    async ({ alerts, metricsText, scope, locationId, erlId }) => {
      const record = callFrom(scope, locationId, erlId);
      await assert.rejects(enqueue(alerts, record, gate), /ECONNREFUSED/);
      await alerts.sendEssential(record);
      assert.equal(mailsTo('essential@example.com').length, 1);
      assert.match(
        await metricsText(),
        /waymark_alerts_accepted_total\{kind="call-started",channel="email",path="essential"\} 2/,
      );
      assert.equal(mailsTo('floor-3@example.com').length, 1, 'those of the response location, too');

      gate.away = false;
      await until(() => alerts.queueReady());
      await enqueue(alerts, record);
      const receipts = await alerts.listReceipts(scope, record.id);
      assert.deepEqual(receipts.map(({ recipient }) => recipient).sort(), [
        'essential@example.com',
        'floor-3@example.com',
      ]);
      const receipt = receipts.find(({ recipient }) => recipient === 'essential@example.com');
      assert.equal(receipt?.state, 'accepted');
      assert.equal(receipt?.messageId, mailsTo('essential@example.com')[0]?.mail.messageId);
      await alerts.sendEssential(record);
      assert.equal(mailsTo('essential@example.com').length, 1);
      assert.equal(mailsTo('floor-3@example.com').length, 1);
    },
    { emails: 'essential@example.com', erlEmails: ['floor-3@example.com'], overrides: { database: gate } },
  );
  await gate.end();
});

test('the mail server away as well: the essential path tries until it is back', async () => {
  const gate = await databaseThatLeaves();
  gate.away = true;
  refusals.set('patient@example.com', 1);
  await withAlerts(
    async ({ alerts, scope, locationId }) => {
      await alerts.sendEssential(callFrom(scope, locationId));
      assert.equal(mailsTo('patient@example.com').length, 1);
    },
    { emails: 'patient@example.com', overrides: { database: gate } },
  );
  await gate.end();
});

test('a restart remembers what was sent: neither the essential path nor the job sends it again', () =>
  withFolder(async (folder) => {
    const acceptedLogPath = join(folder, 'journal', 'essential-mail.log');
    const scope = await addOrganization(database);
    const places = createSites();
    const { locationId } = places.add(scope.organizationId, { alertingEmail: 'restart@example.com' });
    const record = callFrom(scope, locationId);
    const start = () =>
      createTestAlerts({
        database,
        places,
        acceptedLogPath,
        sender: createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM }),
      }).alerts;

    const first = start();
    await first.sendEssential(record);
    await first.stop();

    const second = start();
    await second.sendEssential(record);
    await second.startWorker();
    await until(() => second.queueReady());
    await enqueue(second, record);
    assert.equal((await second.listReceipts(scope, record.id))[0]?.state, 'accepted');
    await second.stop();
    assert.equal(mailsTo('restart@example.com').length, 1);
  }));

test('killed between sending and recording: the job is taken up again, records the receipt and sends nothing', () =>
  withFolder(async (folder) => {
    const acceptedLogPath = join(folder, 'essential-mail.log');
    const gate = await databaseThatLeaves();
    const scope = await addOrganization(database);
    const places = createSites();
    const { locationId } = places.add(scope.organizationId, { alertingEmail: 'killed@example.com' });
    const record = callFrom(scope, locationId);
    const smtp = createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM });
    // Losing the database right after the mail server's consent leaves the same behind as a kill at that moment.
    const leavingSender: AlertSender = {
      async send(message, signal) {
        const acceptance = await smtp.send(message, signal);
        gate.away = true;
        return acceptance;
      },
      stop: () => smtp.stop(),
    };
    const first = createTestAlerts({ database: gate, places, acceptedLogPath, sender: leavingSender }).alerts;
    await first.startWorker();
    await until(() => first.queueReady());
    await enqueue(first, record);
    await until(() => gate.away);
    await first.stop();
    gate.away = false;

    const second = createTestAlerts({
      database,
      places,
      acceptedLogPath,
      sender: createSmtpSender({ url: receiver.url, mailFrom: TEST_MAIL_FROM }),
    }).alerts;
    assert.equal((await second.listReceipts(scope, record.id))[0]?.state, 'queued');
    await second.startWorker();
    await until(async () => (await second.listReceipts(scope, record.id))[0]?.state === 'accepted');
    await second.stop();
    await gate.end();
    assert.equal(mailsTo('killed@example.com').length, 1);
  }));

test('essential path and job at the same moment: one mail', () =>
  withAlerts(
    async ({ alerts, scope, locationId }) => {
      await until(() => alerts.queueReady());
      const record = callFrom(scope, locationId);
      await Promise.all([alerts.sendEssential(record), enqueue(alerts, record)]);
      await until(async () => (await alerts.listReceipts(scope, record.id))[0]?.state === 'accepted');
      assert.equal(mailsTo('both@example.com').length, 1);
    },
    { emails: 'both@example.com' },
  ));
