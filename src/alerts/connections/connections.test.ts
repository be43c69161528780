import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import {
  addOrganization,
  openTestDatabase,
  silentLogger,
  until,
  withFolder,
} from '../../../test/support/alerts-fixture.ts';
import { LOOPBACK_POLICY, openHttp, openReceiver } from '../../../test/support/connection-fixture.ts';
import { openMigratedDatabase } from '../../../test/support/embedded-template.ts';
import { createAudit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { newId } from '../../support/ids.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import { type AlertConnections, createAlertConnections, type NewConnection } from './connections.ts';
import { openSecrets, sealingKey, sealSecrets } from './seal-secrets.ts';

const never = new AbortController().signal;
const clock = createManualClock(Date.parse('2026-03-05T18:30:00.000Z'));
let database: Database;

before(async () => {
  database = await openTestDatabase();
});

after(() => database.close());

/** Fails where something leaves. */
const noHttp: OutgoingHttp = {
  exchange: () => Promise.reject(new Error('nothing may be sent')),
  close: () => undefined,
};

function room(http: OutgoingHttp = noHttp, snapshotFolder?: string): AlertConnections {
  return createAlertConnections({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger: silentLogger,
    snapshotFolder,
    http,
    policy: LOOPBACK_POLICY,
  });
}

async function trail(scope: Scope): Promise<{ action: string; text: string }[]> {
  const entries = await createAudit({ database, clock }).list(scope.organizationId, { max: 100 });
  return entries.map((entry) => ({ action: entry.action, text: JSON.stringify(entry) }));
}

const SECRET = 'sesame-7f3a9c21';
const SMS: NewConnection = {
  name: 'Texts',
  kind: 'sms-gateway',
  settings: {
    url: `https://sms.example.com/send?key=${SECRET}&to={number}`,
    headers: [{ name: 'Authorization', value: `Bearer ${SECRET}` }],
    body: '{"to":"{number}","text":"{text}","from":"{from}","pass":"{secret}"}',
    from: 'Waymark',
    credential: SECRET,
    successRule: { statuses: [200], json: { path: 'messages[0].status', equals: ['queued'] } },
  },
};
const CHAT: NewConnection = {
  name: 'Room',
  kind: 'chat',
  settings: { flavour: 'slack', url: `https://hooks.slack.com/services/T0/B0/${SECRET}` },
};
const HOOK: NewConnection = {
  name: 'Hook',
  kind: 'webhook',
  settings: { url: `https://hook.example.com/in?token=${SECRET}` },
};

test('connections are set up, shown, changed and removed, and no answer or audit entry holds a secret', async () => {
  const scope = await addOrganization(database);
  const other = await addOrganization(database);
  const connections = room();
  const hook = await connections.create(scope, HOOK);
  assert.match(hook.secret ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
  const sms = await connections.create(scope, SMS);
  const chat = await connections.create(scope, CHAT);
  assert.deepEqual([sms.secret, chat.secret], [null, null]);
  assert.deepEqual(hook.settings, {
    url: 'https://hook.example.com/in?token=…',
    timeoutSeconds: 10,
    previousSecretValidUntil: null,
  });
  assert.deepEqual(chat.settings, { flavour: 'slack', url: 'https://hooks.slack.com/…', timeoutSeconds: 10 });
  assert.deepEqual(sms.settings, {
    method: 'POST',
    url: 'https://sms.example.com/send?key=…&to={number}',
    headerNames: ['Authorization'],
    body: SMS.settings.body,
    contentType: 'application/json',
    from: 'Waymark',
    hasCredential: true,
    successRule: { statuses: [200], bodyContains: null, json: { path: 'messages[0].status', equals: ['queued'] } },
    maxSegments: 4,
    timeoutSeconds: 10,
  });
  const { secret, ...shownHook } = hook;
  assert.deepEqual(await connections.get(scope, hook.id), shownHook);
  const names = async (who: Scope, kind?: 'chat') => (await connections.list(who, { kind })).map(({ name }) => name);
  assert.deepEqual(await names(scope), ['Hook', 'Room', 'Texts']);
  assert.deepEqual(await names(scope, 'chat'), ['Room']);
  const found = async (text: string) => (await connections.list(scope, { text })).map(({ name }) => name);
  assert.deepEqual(await found('oO'), ['Hook', 'Room']);
  assert.deepEqual(await found('%'), []);
  const [{ settings } = shownHook] = await connections.list(scope, { text: 'hook' });
  const { host, pathname } = new URL(settings.url);
  assert.deepEqual([(await found(host.toUpperCase())).includes('Hook'), await found(`${host}${pathname}`)], [true, []]);
  assert.deepEqual(await names(other), []);

  const changed = await connections.update(scope, sms.id, {
    name: 'SMS',
    settings: {
      maxSegments: 1,
      credential: null,
      body: null,
      url: 'https://sms.example.com/send?to={digits}&text={text}',
      method: 'GET',
    },
  });
  assert.equal(changed.name, 'SMS');
  assert.equal(changed.version, 2);
  assert.ok(changed.kind === 'sms-gateway' && !changed.settings.hasCredential && changed.settings.contentType === null);
  for (const use of [
    () => connections.get(other, sms.id),
    () => connections.update(other, sms.id, {}),
    () => connections.remove(other, sms.id),
    () => connections.rotateSecret(other, hook.id),
    () => connections.test(other, hook.id),
    () => connections.get(scope, 'nonsense'),
  ]) {
    await assert.rejects(use(), { kind: 'not-found' });
  }
  const rotated = await connections.rotateSecret(scope, hook.id, { graceSeconds: 60 });
  assert.equal(rotated.previousSecretValidUntil, '2026-03-05T18:31:00.000Z');
  await connections.remove(scope, sms.id);
  await assert.rejects(connections.get(scope, sms.id), { kind: 'gone' });

  const entries = await trail(scope);
  assert.deepEqual(
    entries.map(({ action }) => action).reverse(),
    ['created', 'created', 'created', 'updated', 'secret-rotated', 'removed'].map((verb) => `alert-connection.${verb}`),
  );
  const stored = JSON.stringify(await database.db.selectFrom('alertConnections').selectAll().execute());
  const feed = JSON.stringify(await connections.list(scope));
  for (const text of [stored, feed, ...entries.map((entry) => entry.text)]) {
    for (const hidden of [SECRET, secret, rotated.secret]) assert.ok(!text.includes(hidden ?? '-'), text);
  }
});

test('everything at fault is named at once', async () => {
  const scope = await addOrganization(database);
  const connections = room();
  const faultsOf = async (wanted: NewConnection): Promise<string[]> => {
    try {
      await connections.create(scope, wanted);
    } catch (error) {
      return (error as { fields: { path: string }[] }).fields.map(({ path }) => path);
    }
    return [];
  };
  const url = (text: string): NewConnection => ({ ...HOOK, settings: { url: text } });
  for (const text of [
    'ftp://hook.example.com/',
    'nonsense',
    'https://user:pass@hook.example.com/',
    'https://hook.example.com/#part',
    'https://hook.example.com/a b',
    'https://hook.example.com/\r\nx: y',
    'https://hook.example.com/in?token=…',
    'https://hook.example.com/{number}',
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://2130706434/',
    'https://[::1]/',
    `https://hook.example.com/${'a'.repeat(2_000)}`,
  ]) {
    assert.deepEqual(await faultsOf(url(text)), ['settings.url'], text);
  }
  assert.deepEqual(await faultsOf({ name: ' ', kind: 'chat', settings: { from: 'x', timeoutSeconds: 99 } }), [
    'name',
    'settings.from',
    'settings.url',
    'settings.timeoutSeconds',
    'settings.flavour',
  ]);
  const sms = (settings: NewConnection['settings']): NewConnection => ({
    ...SMS,
    settings: { ...SMS.settings, ...settings },
  });
  const cases: [NewConnection['settings'], string[]][] = [
    [{ body: '{"to":{number},"text":"{text}"}' }, ['settings.body']],
    [{ body: '{"to":"{number}","text":"{text}"' }, ['settings.body']],
    [{ body: '{"to":"{number}"}' }, ['settings.body']],
    [{ body: 'to={number}&text={text}\r\nx', contentType: 'application/x-www-form-urlencoded' }, ['settings.body']],
    [{ body: '<m to="{number}"><![CDATA[{text}]]></m>', contentType: 'text/xml' }, ['settings.body']],
    [{ url: 'https://{from}.example.com/?to={number}' }, ['settings.url']],
    [{ url: 'https://sms.example.com/{text}' }, ['settings.url']],
    [{ url: 'https://sms.example.com/?to={nubmer}' }, ['settings.url']],
    [{ from: null, credential: null }, ['settings.from', 'settings.credential']],
    [{ method: 'GET' }, ['settings.body']],
    [{ credential: 'pässword' }, ['settings.credential']],
    [
      {
        headers: [
          { name: 'Host', value: 'x' },
          { name: 'X-A', value: 'a\r\nb' },
          { name: 'x y', value: 'a' },
          { name: 'X-B' },
        ],
      },
      ['settings.headers.0.name', 'settings.headers.1.value', 'settings.headers.2.name', 'settings.headers.3.value'],
    ],
    [
      { successRule: { statuses: [302], bodyContains: '', json: { path: 'a..b', equals: [] } } },
      ['statuses', 'bodyContains', 'json.path', 'json.equals'].map((path) => `settings.successRule.${path}`),
    ],
  ];
  for (const [settings, expected] of cases)
    assert.deepEqual(await faultsOf(sms(settings)), expected, JSON.stringify(settings));
  assert.deepEqual(await connections.list(scope), []);
  await connections.create(scope, HOOK);
  await assert.rejects(connections.create(scope, { ...CHAT, name: 'Hook' }), { kind: 'conflict' });
});

test('http is for networks that the operator named', async () => {
  const scope = await addOrganization(database);
  const strict = createAlertConnections({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger: silentLogger,
    snapshotFolder: undefined,
    http: noHttp,
    policy: { mayAsk: () => true, hasPlainNetworks: false },
  });
  const settings = { url: 'http://hook.example.com/' };
  await assert.rejects(strict.create(scope, { ...HOOK, settings }), {
    kind: 'invalid',
    message: 'settings.url is not https',
  });
});

test('what opens a gateway is not told to another server by whoever changes its URL', async () => {
  const scope = await addOrganization(database);
  const connections = room();
  const { id } = await connections.create(scope, SMS);
  for (const url of [
    'https://evil.example/?to={number}',
    'http://sms.example.com/send',
    'https://sms.example.com:8443/',
  ]) {
    await assert.rejects(connections.update(scope, id, { settings: { url } }), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual(
        [...new Set(error.fields.map(({ path }) => path))].toSorted(),
        ['settings.credential', 'settings.headers'],
        url,
      );
      return true;
    });
    const byName = {
      url,
      credential: null,
      body: '{"to":"{number}","text":"{text}"}',
      headers: [{ name: 'Authorization' }],
    };
    await assert.rejects(connections.update(scope, id, { settings: byName }), { kind: 'invalid' });
  }
  const headers = [{ name: 'Authorization', value: 'Bearer another-one' }];
  const moved = { url: 'https://other.example/?to={number}', headers, credential: 'another-one' };
  assert.equal((await connections.update(scope, id, { settings: moved })).version, 2);
  const within = { url: 'https://other.example/v2?to={number}' };
  assert.equal((await connections.update(scope, id, { settings: within })).version, 3, 'the same server');
});

test('headers keep their values until others are given', async (t) => {
  const scope = await addOrganization(database);
  const receiver = await openReceiver(t);
  const connections = room(openHttp(t));
  const { id } = await connections.create(scope, {
    ...SMS,
    settings: {
      url: `${receiver.url}/?to={number}&text={text}`,
      method: 'GET',
      headers: [{ name: 'X-Key', value: SECRET }],
    },
  });
  await connections.update(scope, id, {
    settings: { headers: [{ name: 'x-key' }, { name: 'X-More', value: 'more {key}' }] },
  });
  assert.equal((await connections.test(scope, id, { number: '+15125550100' })).isAccepted, true);
  const [request] = receiver.seen;
  assert.ok(request);
  const { headers, method, url } = request;
  assert.deepEqual([method, headers['x-key']], ['GET', SECRET]);
  assert.match(String(headers['x-more']), /^more [0-9a-f-]{36}$/);
  assert.match(url, /^\/\?to=%2B15125550100&text=TEST%3A/);
});

test('senders work from memory and from disk, where secrets lie sealed and nobody else reads them', async (t) => {
  const scope = await addOrganization(database);
  const receiver = await openReceiver(t);
  await withFolder(async (folder) => {
    const connections = room(openHttp(t), folder);
    const hook = await connections.create(scope, { ...HOOK, settings: { url: `${receiver.url}/?token=${SECRET}` } });
    const [snapshot] = connections.snapshots;
    await snapshot?.loadFromDatabase();
    await snapshot?.save();
    const path = join(folder, 'alert-connections.json');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const saved = await readFile(path, 'utf8');
    for (const hidden of [SECRET, hook.secret ?? '-']) assert.ok(!saved.includes(hidden));

    const away = await openMigratedDatabase(silentLogger);
    await away.close();
    const later = createAlertConnections({
      database: away,
      audit: createAudit({ database: away, clock }),
      clock,
      logger: silentLogger,
      snapshotFolder: folder,
      http: openHttp(t),
      policy: LOOPBACK_POLICY,
    });
    assert.equal(await later.snapshots[0]?.loadFromDisk(), true);
    assert.equal(later.connection(scope.organizationId, hook.id)?.name, 'Hook');
    assert.ok(!JSON.stringify(later.connection(scope.organizationId, hook.id)).includes(SECRET));
    assert.equal(later.connection(newId(), hook.id), undefined);
    await later.senders.webhook.send(
      {
        key: 'a'.repeat(40),
        kind: 'call-started',
        severity: 'emergency',
        organizationId: scope.organizationId,
        callId: null,
        recipientId: null,
        incidentId: null,
        startedAt: null,
        endpoint: { channel: 'webhook', connectionId: hook.id },
        label: 'Hook',
        reasons: [],
        content: { channel: 'webhook', type: 'call.started', data: {} },
        writtenAt: '2026-03-05T18:30:16.000Z',
      },
      never,
    );
    const [request] = receiver.seen;
    assert.ok(request);
    const { body, headers, url } = request;
    assert.equal(url, `/?token=${SECRET}`);
    const seconds = Number(headers['webhook-timestamp']);
    const signed = new Webhook(hook.secret ?? '').sign('a'.repeat(40), new Date(seconds * 1_000), body);
    assert.equal(headers['webhook-signature'], signed);
  });
});

test('changes reach the senders through the feed; other organizations keep what was opened', async () => {
  const scope = await addOrganization(database);
  const connections = room();
  const [snapshot] = connections.snapshots;
  await snapshot?.loadFromDatabase();
  const { id } = await connections.create(scope, HOOK);
  assert.equal(connections.connection(scope.organizationId, id), undefined);
  const changes = [{ sequence: 1, kind: 'alert-connections', organizationId: scope.organizationId }] as const;
  await snapshot?.apply(changes);
  assert.equal(connections.connection(scope.organizationId, id)?.isEnabled, true);
  await connections.update(scope, id, { isEnabled: false });
  await snapshot?.apply(changes);
  assert.equal(connections.connection(scope.organizationId, id)?.isEnabled, false);
  await connections.remove(scope, id);
  await snapshot?.apply(changes);
  assert.equal(connections.connection(scope.organizationId, id), undefined);
});

test('a secret before signs for its grace time, and a second rotation ends the oldest', async (t) => {
  const scope = await addOrganization(database);
  const receiver = await openReceiver(t);
  const connections = room(openHttp(t));
  const { id } = await connections.create(scope, { ...HOOK, settings: { url: receiver.url } });
  const count = async (): Promise<number> => {
    assert.equal((await connections.test(scope, id)).isAccepted, true);
    return String(receiver.seen.at(-1)?.headers['webhook-signature']).split(' ').length;
  };
  assert.equal(await count(), 1);
  await connections.rotateSecret(scope, id, { graceSeconds: 60 });
  await connections.rotateSecret(scope, id, { graceSeconds: 60 });
  assert.equal(await count(), 2);
  clock.advance(60_000);
  assert.equal(await count(), 1);
  const shown = await connections.get(scope, id);
  assert.ok(shown.kind === 'webhook' && shown.settings.previousSecretValidUntil === null);
  await connections.rotateSecret(scope, id, { graceSeconds: 0 });
  assert.equal(await count(), 1);
  for (const graceSeconds of [-1, Number.NaN, 31 * 86_400]) {
    await assert.rejects(connections.rotateSecret(scope, id, { graceSeconds }), { kind: 'invalid' });
  }
  const chat = await connections.create(scope, CHAT);
  await assert.rejects(connections.rotateSecret(scope, chat.id), { kind: 'invalid' });
});

async function goneWebhook(
  t: TestContext,
): Promise<{ scope: Scope; connections: AlertConnections; id: string; send: () => Promise<unknown> }> {
  const scope = await addOrganization(database);
  const receiver = await openReceiver(t, (_request, response) => void response.writeHead(410).end('moved out'));
  const connections = room(openHttp(t));
  const { id } = await connections.create(scope, { ...HOOK, settings: { url: receiver.url } });
  await connections.snapshots[0]?.loadFromDatabase();
  const send = (): Promise<unknown> =>
    connections.senders.webhook.send(
      {
        key: newId(),
        kind: 'call-started',
        severity: 'emergency',
        organizationId: scope.organizationId,
        callId: null,
        recipientId: null,
        incidentId: null,
        startedAt: null,
        endpoint: { channel: 'webhook', connectionId: id },
        label: 'Hook',
        reasons: [],
        content: { channel: 'webhook', type: 'call.started', data: {} },
        writtenAt: '2026-03-05T18:30:16.000Z',
      },
      never,
    );
  return { scope, connections, id, send };
}

test('a webhook that answers 410 is switched off, with the reason in the trail, until somebody switches it on', async (t) => {
  const { scope, connections, id, send } = await goneWebhook(t);
  await assert.rejects(send(), { message: 'HTTP 410 moved out', isPermanent: true });
  await until(async () => !(await connections.get(scope, id)).isEnabled);
  assert.equal((await connections.get(scope, id)).disabledReason, 'HTTP 410 moved out');
  const [entry] = await trail(scope);
  assert.equal(entry?.action, 'alert-connection.switched-off');
  assert.match(entry?.text ?? '', /HTTP 410 moved out/);
  const again = await connections.update(scope, id, { isEnabled: true });
  assert.deepEqual([again.isEnabled, again.disabledReason], [true, null]);
});

test('one that was changed since is not switched off by an answer to what it was', async (t) => {
  const { scope, connections, id, send } = await goneWebhook(t);
  await connections.update(scope, id, { settings: { timeoutSeconds: 5 } });
  await assert.rejects(send(), { isPermanent: true });
  await connections.snapshots[0]?.loadFromDatabase();
  // The same answer to what it is now, after which both are settled.
  await assert.rejects(send(), { isPermanent: true });
  await until(async () => !(await connections.get(scope, id)).isEnabled);
  const actions = (await trail(scope)).map(({ action }) => action);
  assert.deepEqual(actions, ['alert-connection.switched-off', 'alert-connection.updated', 'alert-connection.created']);
});

test('a test tells what the other side said, leaves a trace, and goes out by what is switched off too', async (t) => {
  const scope = await addOrganization(database);
  let status = 200;
  const receiver = await openReceiver(t, (_request, response) => void response.writeHead(status).end(`said ${SECRET}`));
  const connections = room(openHttp(t));
  const { id } = await connections.create(scope, {
    ...HOOK,
    isEnabled: false,
    settings: { url: `${receiver.url}/?token=${SECRET}` },
  });
  const good = await connections.test(scope, id);
  assert.deepEqual(
    { ...good, tookMs: 0 },
    { isAccepted: true, response: 'HTTP 200 said [redacted]', isPermanent: false, tookMs: 0 },
  );
  status = 500;
  assert.equal((await connections.test(scope, id)).response, 'HTTP 500 said [redacted]');
  status = 302;
  const moved = await connections.test(scope, id);
  assert.deepEqual([moved.isAccepted, moved.isPermanent], [false, true]);
  const sms = await connections.create(scope, SMS);
  for (const number of [undefined, '911', 'nonsense', '+1512555010x']) {
    await assert.rejects(connections.test(scope, sms.id, { number }), { kind: 'invalid' });
  }
  const entries = await trail(scope);
  assert.equal(entries.filter(({ action }) => action === 'alert-connection.tested').length, 3);
  assert.ok(!entries.some(({ text }) => text.includes(SECRET)));
});

test('an organization tries out four at a time, and has 200 at most', async (t) => {
  const scope = await addOrganization(database);
  const held: (() => void)[] = [];
  const receiver = await openReceiver(t, (_request, response) => held.push(() => response.end()));
  const connections = room(openHttp(t));
  const { id } = await connections.create(scope, { ...HOOK, settings: { url: receiver.url } });
  const tests = Array.from({ length: 4 }, () => connections.test(scope, id));
  await until(() => held.length === 4);
  await assert.rejects(connections.test(scope, id), { kind: 'too-many-requests' });
  for (const answer of held.splice(0)) answer();
  assert.ok((await Promise.all(tests)).every(({ isAccepted }) => isAccepted));
  const next = connections.test(scope, id);
  await until(() => held.length === 1);
  for (const answer of held) answer();
  assert.equal((await next).isAccepted, true);

  const row = await database.db
    .selectFrom('alertConnections')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await database.db
    .insertInto('alertConnections')
    .values(
      Array.from({ length: 199 }, (_, at) => ({
        ...row,
        id: newId(),
        name: `Hook ${at}`,
        settings: JSON.stringify(row.settings),
      })),
    )
    .execute();
  await assert.rejects(connections.create(scope, { ...CHAT }), { kind: 'conflict', message: /at most 200/ });
});

test('what recipients are told by is not removed, and who they are is said', async () => {
  const scope = await addOrganization(database);
  const connections = room();
  const { id } = await connections.create(scope, HOOK);
  const at = new Date(clock.nowMs());
  const { organizationId } = scope;
  await database.db
    .insertInto('alertRecipients')
    .values({
      id: newId(),
      organizationId,
      name: 'Front desk',
      nameKey: 'front desk',
      language: 'en',
      timeZone: null,
      endpoints: JSON.stringify([{ channel: 'webhook', connectionId: id }]),
      schedule: null,
      createdAt: at,
      updatedAt: at,
    })
    .execute();
  await assert.rejects(connections.remove(scope, id), { kind: 'conflict', message: /Front desk/ });
  await database.db.deleteFrom('alertRecipients').where('organizationId', '=', organizationId).execute();
  await connections.remove(scope, id);
});

test('what is sealed opens for its connection alone, unchanged', () => {
  const key = sealingKey(7, Buffer.alloc(32, 1));
  const secrets = { url: 'https://hook.example.com/', signing: [] };
  const sealed = sealSecrets(key, 'one', secrets);
  assert.deepEqual(openSecrets([sealingKey(3, Buffer.alloc(32)), key], 'one', sealed), secrets);
  assert.notEqual(sealSecrets(key, 'one', secrets), sealed);
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const [keys, id, text] of [
    [[key], 'two', sealed],
    [[sealingKey(7, Buffer.alloc(32, 2))], 'one', sealed],
    [[], 'one', sealed],
    [[key], 'one', changed],
    [[key], 'one', sealed.slice(0, 20)],
    [[key], 'one', ''],
  ] as const) {
    assert.equal(openSecrets(keys, id, text), undefined);
  }
});
