import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PostgresDialect } from 'kysely';
import { addLocation } from '../../../test/support/add-location.ts';
import {
  addOrganization,
  createSites,
  createTestAlerts,
  openTestDatabase,
  silentLogger,
  until,
} from '../../../test/support/alerts-fixture.ts';
import { exampleCallRecord } from '../../../test/support/call-record-fixture.ts';
import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database, Queryable } from '../../storage/database.ts';
import { createKysely } from '../../storage/postgres-connection.ts';
import { systemClock } from '../../support/clock.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { Alerts } from '../alerts.ts';
import type { NewRule } from '../recipients/alert-recipients.ts';
import { SendError } from '../senders/alert-sender.ts';
import { noteCondition } from './condition-records.ts';
import { channelOccasion, givenUpOccasion, isRelief, stageOccasion } from './news-occasions.ts';
import { deleteOldAlerts } from './retention-records.ts';
import { createTroubleTelling } from './tell-troubles.ts';

let database: Database;

before(async () => {
  database = await openTestDatabase();
});

after(() => database.close());

/** A started room whose mail goes nowhere, and what it sent. */
async function setUp(t: { after(end: () => Promise<void>): void }) {
  const scope = await addOrganization(database);
  const places = createSites();
  const { locationId, erlId } = places.add(scope.organizationId, { alertingEmail: 'desk@example.com' });
  const sent: AlertMessage[] = [];
  const refused = new Set<string>();
  const { alerts } = createTestAlerts({
    database,
    places,
    operatorMail: 'operator@example.com',
    sender: {
      send(message) {
        if (refused.has(message.label)) return Promise.reject(new SendError('550 no such user', { isPermanent: true }));
        sent.push(message);
        return Promise.resolve({ response: '250 ok' });
      },
      stop: () => Promise.resolve(),
    },
  });
  await alerts.startWorker();
  t.after(() => alerts.stop());
  await until(() => alerts.queueReady());
  const follow = async (): Promise<void> => {
    for (const snapshot of alerts.snapshots) await snapshot.loadFromDatabase();
  };
  const addRule = async (
    name: string,
    triggers: readonly AlertTrigger[],
    afterSeconds = 0,
    place?: NewRule['place'],
  ): Promise<string> => {
    const endpoints = [{ channel: 'email', address: `${name.toLowerCase()}@example.com` }] as const;
    const { id } = await alerts.recipients.createRecipient(scope, { name, endpoints });
    const rule = await alerts.recipients.createRule(scope, {
      name,
      triggers,
      place,
      steps: [{ afterSeconds, recipientIds: [id] }],
    });
    await follow();
    return rule.id;
  };
  return { alerts, scope, locationId, erlId, places, sent, refused, follow, addRule };
}

function callAt(scope: Scope, locationId: string, changes: Partial<CallRecord> = {}): CallRecord {
  const record = exampleCallRecord({ organizationId: scope.organizationId, ...changes });
  return { ...record, location: record.location && { ...record.location, locationId } };
}

async function store(alerts: Alerts, record: CallRecord, previous?: CallRecord): Promise<void> {
  const known = new Map(previous ? [[record.id, previous]] : []);
  const sendNow = await database.db.transaction().execute((tx) => alerts.enqueueCallAlerts(tx, [record], known));
  sendNow();
}

/** How many mails to the operator are stored, sent or not. */
async function operatorMails(db: Queryable): Promise<number> {
  const rows = await db
    .selectFrom('alertReceipts')
    .select('key')
    .where('recipient', '=', 'operator@example.com')
    .execute();
  return rows.length;
}

const to = (sent: readonly AlertMessage[], label: string) =>
  sent.filter((message) => message.label === label).map(({ kind }) => kind);

test('settings: defaults, what is absent stays, every fault is named, call-placed cannot be taken out', async (t) => {
  const { alerts, scope, follow } = await setUp(t);
  const defaults = await alerts.settings.readAlertSettings(scope);
  assert.deepEqual([defaults.staleAfterSeconds, defaults.language, defaults.retentionDays], [86_400, 'en', null]);
  const changed = await alerts.settings.updateAlertSettings(scope, {
    staleAfterSeconds: null,
    contractTriggers: ['test-call', 'call-placed', 'test-call'],
  });
  assert.deepEqual(changed, { ...defaults, staleAfterSeconds: null, contractTriggers: ['call-placed', 'test-call'] });
  assert.deepEqual(alerts.settings.settingsOf(scope.organizationId), defaults, 'memory follows the change feed');
  await follow();
  assert.deepEqual(alerts.settings.settingsOf(scope.organizationId), changed);
  await assert.rejects(
    alerts.settings.updateAlertSettings(scope, {
      staleAfterSeconds: 0.5,
      retentionDays: 1,
      contractTriggers: ['drill'],
    }),
    (error: unknown) =>
      error instanceof ProblemError &&
      ['staleAfterSeconds', 'retentionDays', 'contractTriggers', 'contractTriggers/0'].every((path) =>
        error.fields.some((field) => field.path === path),
      ),
  );
});

test('a late relay tells only those who are told for its sake; versions told again tell nobody twice', async (t) => {
  const { alerts, scope, locationId, sent, addRule } = await setUp(t);
  await addRule('Placed', ['call-placed']);
  await addRule('Relay', ['relay-used', 'call-ended']);
  const placed = callAt(scope, locationId, { flags: [] });
  await store(alerts, placed);
  await until(() => to(sent, 'placed@example.com').length === 1 && to(sent, 'desk@example.com').length === 1);
  assert.deepEqual(to(sent, 'relay@example.com'), []);
  const relayed: CallRecord = { ...placed, version: 2, flags: ['failover', 'relay'] };
  await store(alerts, relayed, placed);
  await until(() => to(sent, 'relay@example.com').length === 1);
  const ended: CallRecord = {
    ...relayed,
    version: 3,
    answeredAt: placed.startedAt,
    endedAt: '2026-03-05T18:40:00.000Z',
  };
  await store(alerts, ended, relayed);
  await until(() => to(sent, 'relay@example.com').length === 2);
  // A restart that knows nothing of what was told.
  await store(alerts, ended);
  const receipts = await alerts.listReceipts(scope, placed.id);
  assert.deepEqual(receipts.map(({ recipient, kind }) => `${recipient} ${kind}`).toSorted(), [
    'desk@example.com call-started',
    'placed@example.com call-started',
    'relay@example.com call-ended',
    'relay@example.com call-started',
  ]);
});

test('a 933 call tells who asked for it, once it has ended', async (t) => {
  const { alerts, scope, locationId, sent, addRule } = await setUp(t);
  await addRule('Tests', ['test-call']);
  const begun = callAt(scope, locationId, { kind: '933', flags: [] });
  await store(alerts, begun);
  await store(alerts, { ...begun, version: 2, endedAt: '2026-03-05T18:31:00.000Z', outcome: 'completed' }, begun);
  await until(() => sent.length > 0);
  assert.deepEqual(
    sent.map(({ label, kind, severity }) => [label, kind, severity]),
    [['tests@example.com', 'test-call', 'info']],
  );
});

test('an alert that is given up is told to who watches; what is told of that is never told of itself', async (t) => {
  const { alerts, scope, locationId, sent, refused, addRule } = await setUp(t);
  await addRule('Watch', ['delivery-failing']);
  await addLocation(database, scope, locationId);
  await addRule('Site', ['delivery-failing'], 0, { kind: 'location', id: locationId });
  refused.add('desk@example.com');
  await store(alerts, callAt(scope, locationId));
  await until(() => to(sent, 'watch@example.com').length === 1 && to(sent, 'site@example.com').length === 1);
  refused.add('watch@example.com').add('site@example.com');
  await store(alerts, callAt(scope, locationId));
  await until(
    async () => (await alerts.listAlerts(scope, {})).items.filter(({ state }) => state === 'exhausted').length === 4,
  );
  const { items } = await alerts.listAlerts(scope, {});
  assert.equal(
    items.filter(({ kind }) => kind === 'delivery-failing').length,
    4,
    'one for each call and watcher, none for the watch',
  );
});

test('of a destination that is down hear the operator and who it concerns, once however many nodes see it', async (t) => {
  const { alerts, sent, addRule } = await setUp(t);
  await addRule('Network', ['destination-unreachable']);
  const uri = 'sip:relay@192.0.2.9';
  const change = {
    destination: '192.0.2.9',
    isDown: true,
    downSince: '2026-03-05T18:30:00.000Z',
    at: '2026-03-05T18:30:00.000Z',
    serves: [{ kind: 'relay', name: 'Relay', uri }],
  } as const;
  await alerts.tellDestination({ ...change, isDown: false, downSince: null });
  await alerts.tellDestination(change);
  await alerts.tellDestination({ ...change, at: '2026-03-05T18:30:01.000Z' });
  await until(() => to(sent, 'network@example.com').length === 1);
  const [down] = sent.filter(({ label }) => label === 'network@example.com');
  assert.equal(down?.severity, 'critical');
  await alerts.tellDestination({ ...change, isDown: false, at: '2026-03-05T18:35:00.000Z' });
  await until(() => to(sent, 'network@example.com').length === 2);
  const up = sent.filter(({ label }) => label === 'network@example.com').at(-1);
  assert.deepEqual([up?.severity, up?.incidentId], ['info', null], 'nobody has to act on what is well again');
  await until(() => to(sent, 'operator@example.com').length === 2);
});

test('an emergency call of which nobody is told is told to the operator, once, and by mails of its own twenty times', async (t) => {
  const { alerts, sent } = await setUp(t);
  const stranger = (displayName: string): CallRecord => {
    const record = exampleCallRecord({ organizationId: null, startedAt: new Date().toISOString() });
    return { ...record, caller: { ...record.caller, displayName } };
  };
  const untold = stranger('Lobby\r\nBcc: x@example.com\u202e');
  await store(alerts, untold);
  await until(() => to(sent, 'operator@example.com').length === 1);
  const [mail] = sent.filter(({ label }) => label === 'operator@example.com');
  assert.ok(mail?.content?.channel === 'email');
  assert.match(mail.content.subject, /^Waymark: a 911 call of which nobody else is told – Lobby Bcc: x@example\.com/);
  for (const part of [untold.callback.number, untold.location?.text, `/calls/${untold.id}`, 'not known whose call']) {
    assert.ok(mail.content.text.includes(part ?? '?'), `${part} in ${mail.content.text}`);
  }
  await store(alerts, untold);
  for (let calls = 0; calls < 40; calls++) await store(alerts, stranger(`Caller ${calls}`));
  await until(() => to(sent, 'operator@example.com').length === 20);
  const last = sent.findLast(({ label }) => label === 'operator@example.com');
  assert.ok(last?.content?.channel === 'email');
  assert.match(last.content.text, /Of further calls one mail a minute tells for up to 10 minutes/);
  const stored = await operatorMails(database.db);
  await alerts.stop();
  assert.equal(await operatorMails(database.db), stored + 1, 'the others are summed up before the end');
});

test('the mail to the operator is stored with the call of which nobody is told, and not without it', async (t) => {
  const { alerts } = await setUp(t);
  const before = await operatorMails(database.db);
  const untold = exampleCallRecord({ organizationId: null });
  const rolledBack = database.db.transaction().execute(async (tx) => {
    await alerts.enqueueCallAlerts(tx, [untold]);
    assert.equal(await operatorMails(tx), before + 1);
    throw new Error('the transaction is undone');
  });
  await assert.rejects(rolledBack, /is undone/);
  assert.equal(await operatorMails(database.db), before);
  await store(alerts, untold);
  assert.equal(await operatorMails(database.db), before + 1);
});

test('without the database a call of which nobody else is told counts as told when the operator has the mail', async (t) => {
  const scope = await addOrganization(database);
  let isTaken = false;
  const { alerts } = createTestAlerts({
    database,
    places: createSites(),
    operatorMail: 'operator@example.com',
    retryPolicy: { retries: 300, firstDelaySeconds: 1, maxDelaySeconds: 1 },
    sender: {
      send: () =>
        isTaken
          ? Promise.resolve({ response: '250 ok' })
          : Promise.reject(new SendError('connection refused', { isPermanent: false })),
      stop: () => Promise.resolve(),
    },
  });
  await alerts.startWorker();
  t.after(() => alerts.stop());
  let told = 0;
  const call = exampleCallRecord({ organizationId: scope.organizationId });
  const telling = alerts.sendEssential({ ...call, location: null }).then(() => told++);
  const ending = alerts.sendEssential(exampleCallRecord({ organizationId: null }));
  void ending.catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(told, 0, 'nobody has heard of it');
  isTaken = true;
  await telling;
  await ending;
  isTaken = false;
  const left = alerts.sendEssential(exampleCallRecord({ organizationId: null }));
  const refused = assert.rejects(left, /ends before all were told/);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await alerts.stop();
  await refused;
});

test('an organization that named nobody: the operator hears of its call, with the database and without', async (t) => {
  const { alerts, sent } = await setUp(t);
  const own = await addOrganization(database);
  const call = (): CallRecord => {
    const record = exampleCallRecord({ organizationId: own.organizationId, startedAt: new Date().toISOString() });
    return { ...record, location: null };
  };
  await store(alerts, call());
  await until(() => to(sent, 'operator@example.com').length === 1);
  await alerts.sendEssential(call());
  await until(() => to(sent, 'operator@example.com').length === 2);
  const last = sent.findLast(({ label }) => label === 'operator@example.com');
  assert.ok(last?.content?.channel === 'email');
  assert.match(last.content.text, /has named nobody/);
});

test('a database that says nothing keeps neither the operator nor others from hearing of trouble', async () => {
  const clock = createManualClock();
  const silent = { ...database, db: createKysely(new PostgresDialect({ pool: () => new Promise(() => undefined) })) };
  const subjects: string[] = [];
  const { alerts } = createTestAlerts({
    database: silent,
    places: createSites(),
    operatorMail: 'operator@example.com',
    sender: {
      send({ content }) {
        if (content?.channel === 'email') subjects.push(content.subject);
        return Promise.resolve({ response: '250 ok' });
      },
      stop: () => Promise.resolve(),
    },
    clock,
  });
  const telling = [
    alerts.tellOperator('Waymark: the journal is full', 'Nothing is written.\n'),
    alerts.tellDestination({
      destination: '192.0.2.9',
      isDown: true,
      downSince: null,
      at: '2026-03-05T18:30:00.000Z',
      serves: [{ kind: 'relay', name: 'Relay', uri: 'sip:relay@192.0.2.9' }],
    }),
  ];
  await until(() => {
    clock.advance(250);
    return subjects.length === telling.length;
  });
  assert.deepEqual(subjects, ['Waymark: the journal is full', 'Waymark: 192.0.2.9 does not answer']);
});

test('without the database, trouble is told from memory; what was always well as far as is known is not', async () => {
  const told: string[] = [];
  const away = {
    get db(): Database['db'] {
      throw new Error('connection refused');
    },
  };
  const troubles = createTroubleTelling({
    database: away,
    places: createSites(),
    routing: { destinationsFor: () => null },
    organizationsTold: () => ['organization'],
    connectionOf: () => undefined,
    enqueueOccasion: () => Promise.reject(new Error('connection refused')),
    tell: ({ news }) => Promise.resolve(void told.push(news?.sentence ?? '')),
    tellOperator: () => Promise.resolve(void told.push('operator')),
    clock: systemClock,
    logger: silentLogger,
  });
  const change = {
    destination: '192.0.2.9',
    isDown: false,
    downSince: null,
    at: '2026-03-05T18:30:00.000Z',
    serves: [{ kind: 'relay', name: 'Relay', uri: 'sip:relay@192.0.2.9' }],
  } as const;
  await troubles.tellDestination(change);
  assert.deepEqual(told, []);
  await troubles.tellDestination({ ...change, isDown: true, downSince: change.at });
  await troubles.tellDestination({ ...change, downSince: change.at });
  await troubles.tellChannel({ lane: 'email', isDown: true, error: 'connection refused' });
  assert.deepEqual(told, [
    'destination-unreachable',
    'operator',
    'destination-reachable',
    'operator',
    'channel-failing',
    'operator',
  ]);
});

test('a PSAP that is down concerns those whose calls go there, and nobody else', async (t) => {
  const { scope } = await setUp(t);
  const places = createSites();
  places.add(scope.organizationId);
  const sent: string[] = [];
  let routed = 'sip:psap@192.0.2.1';
  const { alerts } = createTestAlerts({
    database,
    places,
    routing: { destinationsFor: () => ({ uri: routed, alternateUris: [] }) as never },
    sender: {
      send: ({ label }) => Promise.resolve({ response: String(sent.push(label)) }),
      stop: () => Promise.resolve(),
    },
  });
  await alerts.startWorker();
  t.after(() => alerts.stop());
  const { id } = await alerts.recipients.createRecipient(scope, {
    name: 'Psaps',
    endpoints: [{ channel: 'email', address: 'psaps@example.com' }],
  });
  await alerts.recipients.createRule(scope, {
    name: 'Psaps',
    triggers: ['destination-unreachable'],
    steps: [{ recipientIds: [id] }],
  });
  for (const snapshot of alerts.snapshots) await snapshot.loadFromDatabase();
  const down = (destination: string) => ({
    destination,
    isDown: true,
    downSince: null,
    at: '2026-03-05T18:30:00.000Z',
    serves: [{ kind: 'psap', name: 'Austin', uri: 'sip:psap@192.0.2.1' }] as const,
  });
  await alerts.tellDestination(down('one'));
  await until(() => sent.length === 1);
  routed = 'sip:other@192.0.2.2';
  await alerts.tellDestination(down('two'));
  assert.deepEqual(sent, ['psaps@example.com']);
});

test('drills: of a place and trigger, of a recipient; what is not there, what says two things, and nobody to tell', async (t) => {
  const { alerts, scope, locationId, sent, addRule } = await setUp(t);
  const plan = alerts.drills.planDrill(scope, { trigger: 'call-placed', locationId });
  assert.deepEqual(
    plan.recipients.map(({ label }) => label),
    ['desk@example.com'],
  );
  await addRule('Later', ['call-placed'], 600);
  const drill = await alerts.drills.startDrill(scope, { trigger: 'call-placed', locationId, note: '=1+1' });
  await until(() => sent.length === 1);
  assert.deepEqual([sent[0]?.kind, sent[0]?.severity], ['drill', 'warning']);
  const view = await until(async () => (await alerts.drills.getDrill(scope, drill.id)).counts.accepted === 1).then(() =>
    alerts.drills.getDrill(scope, drill.id),
  );
  assert.deepEqual(view.counts, { 'not-sent': 1, queued: 0, accepted: 1, failed: 0, exhausted: 0 });
  assert.ok(view.slowestMs !== null && view.slowestMs >= 0);
  assert.match(await alerts.drills.exportDrill(scope, drill.id), /,"'=1\+1",/, 'no spreadsheet computes it');
  const { items } = await alerts.drills.listDrills(scope, { max: 1 });
  assert.deepEqual([items[0]?.id, items[0]?.recipients], [drill.id, 2]);
  const found = async (text: string) => (await alerts.drills.listDrills(scope, { text })).items.map(({ id }) => id);
  assert.deepEqual([await found('=1+'), await found('%'), await found(view.startedBy)], [[drill.id], [], [drill.id]]);
  const forged = Buffer.from(`-271821-04-20T00:00:00.000Z ${drill.id}`).toString('base64url');
  await assert.rejects(alerts.drills.listDrills(scope, { before: forged }), /is no cursor/);

  const other = await addOrganization(database);
  await assert.rejects(alerts.drills.getDrill(other, drill.id), /no such drill/);
  const kindOf = (request: Parameters<typeof alerts.drills.planDrill>[1]): string => {
    try {
      alerts.drills.planDrill(scope, request);
      return 'fine';
    } catch (error) {
      return error instanceof ProblemError ? error.kind : String(error);
    }
  };
  assert.equal(kindOf({ ruleId: drill.id }), 'not-found');
  assert.equal(kindOf({}), 'invalid');
  assert.equal(kindOf({ ruleId: drill.id, trigger: 'call-placed' }), 'invalid');
  assert.equal(kindOf({ trigger: 'drill' }), 'invalid');
  assert.equal(kindOf({ trigger: 'call-placed', locationId: drill.id }), 'invalid');
  assert.equal(kindOf({ trigger: 'call-placed', note: 'x'.repeat(501) }), 'invalid');
  await assert.rejects(alerts.drills.startDrill(other, { trigger: 'call-placed' }), /nobody would be told/);
});

test('a drill tells whoever would be told, and who acknowledged it those alone whom it told', async (t) => {
  const { alerts, scope, locationId, sent, addRule } = await setUp(t);
  await addRule('Placed', ['call-placed']);
  await addRule('Later', ['call-placed'], 600);
  await addRule('Relay', ['relay-used']);
  await addRule('Drills', ['drill']);
  await alerts.settings.updateAlertSettings(scope, { tellsAcknowledgements: true });
  for (const snapshot of alerts.snapshots) await snapshot.loadFromDatabase();
  const plan = alerts.drills.planDrill(scope, { trigger: 'relay-used', locationId });
  const would = alerts.recipients.previewTold(scope, { trigger: 'relay-used', locationId });
  const labels = ({ label }: { label: string }): string => label.replace('@example.com', '');
  assert.deepEqual(plan.recipients.map(labels), would.told.map(labels));
  assert.deepEqual(plan.recipients.map(labels), ['desk', 'placed', 'relay', 'later']);
  const { incidentId } = await alerts.drills.startDrill(scope, { trigger: 'relay-used', locationId });
  await until(() => sent.length === 3);
  assert.equal((await alerts.incidents.getIncident(scope, incidentId)).place, 'Dallas office');
  sent.length = 0;
  await alerts.incidents.actOn(scope, incidentId, 'acknowledge');
  await until(() => sent.length === 3);
  assert.deepEqual([...new Set(sent.map(({ kind }) => kind))], ['acknowledged']);
  assert.deepEqual(sent.map(labels).toSorted(), ['desk', 'placed', 'relay']);
});

test('what is older than an organization keeps it is forgotten, of nobody else, and nothing that waits', async (t) => {
  const { alerts, scope, locationId } = await setUp(t);
  const other = await setUp(t);
  for (const one of [{ alerts, scope, locationId }, other]) {
    await one.alerts.drills.startDrill(one.scope, { trigger: 'call-placed', locationId: one.locationId });
    await until(async () => (await one.alerts.listAlerts(one.scope, {})).items[0]?.state === 'accepted');
  }
  await alerts.settings.updateAlertSettings(scope, { retentionDays: 30 });
  const forget = (days: number) =>
    database.db.transaction().execute((tx) => deleteOldAlerts(tx, new Date(Date.now() + days * 86_400_000)));
  assert.equal(await forget(29), 0);
  await database.db
    .updateTable('alertReceipts')
    .set({ state: 'queued' })
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.equal(await forget(31), 1, 'the drill, not the message that waits');
  await database.db
    .updateTable('alertReceipts')
    .set({ state: 'accepted' })
    .where('organizationId', '=', scope.organizationId)
    .execute();
  assert.equal(await forget(31), 1);
  assert.equal((await other.alerts.drills.listDrills(other.scope)).items.length, 1);
  assert.equal((await other.alerts.listAlerts(other.scope, {})).items.length, 1);
});

test('what is told of trouble that lasts is news when it begins and when it ends', async () => {
  const note = (isBad: boolean) =>
    database.db.transaction().execute((tx) => noteCondition(tx, 'channel:email', isBad, new Date(0)));
  assert.deepEqual(
    [await note(false), await note(true), await note(true), await note(false), await note(false), await note(true)],
    [false, true, false, true, false, true],
  );
});

test('news are cut for telephones, subjects fit, and what is well again asks nobody to act', () => {
  const given = givenUpOccasion({
    key: 'k',
    organizationId: 'o',
    locationId: null,
    recipient: '😀'.repeat(5_000),
    channel: 'email',
    about: 'call-started',
    error: '',
    at: '2026-03-05T18:30:00.000Z',
  });
  assert.equal(Array.from(given.news?.values['recipient'] ?? '').length, 500);
  assert.equal(given.news?.values['error'], undefined);
  const channel = (isDown: boolean) =>
    channelOccasion({
      organizationId: 'o',
      channel: 'x'.repeat(400),
      connection: null,
      isDown,
      since: null,
      error: null,
      at: '2026-03-05T18:30:00.000Z',
    });
  assert.ok(channel(true).subjectId.length <= 200);
  assert.deepEqual([isRelief(channel(true)), isRelief(channel(false))], [false, true]);
  const stage = { organizationId: 'o', locationId: null, completed: null, by: 'Ada', at: new Date(0) };
  assert.deepEqual(
    (['advanced', 'opted-out', 'returned'] as const).map(
      (change) => stageOccasion({ ...stage, change }, 'Example').news?.sentence,
    ),
    ['stage-completed', 'opted-out', 'came-back'],
  );
});
