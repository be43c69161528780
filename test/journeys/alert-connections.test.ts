/** Webhooks, SMS gateways and chat rooms at the doors of a real platform: set up, tried out, and nothing of theirs lies open anywhere. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { AlertConnection, CreatedConnection, TestOutcome } from '../../src/alerts/connections/connections.ts';
import { openReceiver } from '../support/connection-fixture.ts';
import { eventually, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';

const SECRET = 'sesame-7f3a9c21d0';

let server: RunningPlatform;
let client: PlatformClient;

before(async () => {
  server = await runPlatform({
    env: { WAYMARK_WEBHOOK_NETWORKS: '127.0.0.1', WAYMARK_LOG_LEVEL: 'debug' },
  });
  client = openClient(server.http, server.firstRun().tokens.fullAdmin ?? '');
});

after(() => removeData(server.dataDir));

test('every kind is set up and tried out; no door, log line or file holds its secrets', async (t) => {
  const receiver = await openReceiver(t);
  const hook = await client.must<CreatedConnection>('POST', '/api/alert-connections', {
    name: 'Hook',
    kind: 'webhook',
    settings: { url: `${receiver.url}/hook?token=${SECRET}` },
  });
  const sms = await client.must<CreatedConnection>('POST', '/api/alert-connections', {
    name: 'SMS',
    kind: 'sms-gateway',
    settings: {
      url: `${receiver.url}/sms?to={digits}`,
      headers: [{ name: 'Authorization', value: 'Bearer {secret}' }],
      body: '{"text":"{text}"}',
      credential: SECRET,
      successRule: { bodyContains: 'ok' },
    },
  });
  const chat = await client.must<CreatedConnection>('POST', '/api/alert-connections', {
    name: 'Room',
    kind: 'chat',
    settings: { flavour: 'teams', url: `${receiver.url}/room/${SECRET}` },
  });
  const tryOut = (id: string, body: object = {}): Promise<TestOutcome> =>
    client.must('POST', `/api/alert-connections/${id}/test`, body);
  for (const outcome of [
    await tryOut(hook.id),
    await tryOut(sms.id, { number: '+15125550100' }),
    await tryOut(chat.id),
  ]) {
    assert.deepEqual([outcome.isAccepted, outcome.response], [true, 'HTTP 200 ok']);
  }
  const [hooked, texted, chatted] = receiver.seen;
  assert.ok(hooked && texted && chatted);
  const body = new Webhook(hook.secret ?? '').verify(hooked.body, hooked.headers as Record<string, string>);
  assert.equal((body as { type: string }).type, 'connection.test');
  assert.deepEqual([texted.url, texted.headers.authorization], ['/sms?to=15125550100', `Bearer ${SECRET}`]);
  assert.equal(chatted.url, `/room/${SECRET}`);
  assert.equal((await client.ask('POST', `/api/alert-connections/${sms.id}/test`, {})).status, 400);

  const rotated = await client.must<{ secret: string }>('POST', `/api/alert-connections/${hook.id}/secret`);
  await client.must('PATCH', `/api/alert-connections/${hook.id}`, { settings: { timeoutSeconds: 3 } });
  const shown = [
    await client.must('GET', '/api/alert-connections'),
    await client.must('GET', `/api/alert-connections/${hook.id}`),
    await client.must('GET', '/api/audit?max=1000'),
  ];
  const snapshot = join(server.dataDir, 'snapshots', 'alert-connections.json');
  await eventually('the snapshot on disk', 20_000, () => statSync(snapshot, { throwIfNoEntry: false }) !== undefined);
  assert.equal(await server.stop(), 0);
  const files = readdirSync(server.dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  assert.ok(files.includes(snapshot));
  for (const secret of [SECRET, hook.secret ?? '', rotated.secret]) {
    assert.ok(secret.length > 10);
    assert.ok(!JSON.stringify(shown).includes(secret));
    assert.ok(!server.log().includes(secret), 'the log');
    assert.deepEqual(
      files.filter((file) => readFileSync(file).includes(secret)),
      [],
    );
  }
});

test('what was set up is there after a restart; a platform that names no networks sends nothing to its own machine', async (t) => {
  const receiver = await openReceiver(t);
  const again = await runPlatform({ dataDir: server.dataDir });
  t.after(() => again.stop());
  const own = openClient(again.http, server.firstRun().tokens.fullAdmin ?? '');
  const { items } = await own.must<{ items: AlertConnection[] }>('GET', '/api/alert-connections?kind=webhook');
  assert.deepEqual(
    items.map(({ name, version }) => [name, version]),
    [['Hook', 3]],
  );
  const refused = await own.must<TestOutcome>('POST', `/api/alert-connections/${items[0]?.id}/test`, {});
  assert.deepEqual([refused.isAccepted, refused.isPermanent], [false, true]);
  assert.match(refused.response, /127\.0\.0\.1 is at 127\.0\.0\.1, which may not be asked/);
  for (const url of [receiver.url, 'http://hook.example.com/', `https://127.0.0.1:${receiver.port}/`]) {
    const wanted = { name: 'Other', kind: 'webhook', settings: { url } };
    assert.equal((await own.ask('POST', '/api/alert-connections', wanted)).status, 400, url);
  }
  assert.deepEqual(receiver.seen, []);
});
