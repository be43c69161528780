/** Alerts of every channel while the database is away, mail servers misbehave, and the process is killed in the middle. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SMTPServerOptions } from 'smtp-server';
import { type AlertWorld, alertEnv, openAlertWorld } from '../support/alert-world.ts';
import { openPsap, type PsapWorld } from '../support/call-world.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';
import { stablePort } from '../support/stable-port.ts';

type ReceiptView = { channel: string; recipient: string; state: string; attempts: number; messageId: string };

const skip = skipWithout('postgresql');
const WAIT_MS = 60_000;
/** Before the journal has it, before the commit, between commit and sending, between acceptance and its note. */
const KILLS_AFTER_MS = [0, 30, 90, 250];
let psap: PsapWorld;

before(async () => {
  psap = await openPsap('answer');
});

after(() => psap.stop());

/** Places a call; resolves as soon as the PSAP has it, whatever becomes of the caller's end. */
async function forward(server: RunningPlatform): Promise<{ callId: string; hangUp: () => Promise<void> }> {
  const number = server.firstRun().examples?.['callerNumber'] ?? '';
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
  const call = phone.call({
    headers: [{ name: 'P-Asserted-Identity', value: `<sip:${number}@${phone.sentBy};user=phone>` }],
  });
  await eventually('the PSAP has the call', WAIT_MS, () =>
    psap.simulator.calls().some(({ callId }) => callId === call.callId),
  );
  return { callId: call.callId, hangUp: () => phone.close() };
}

const adminOf = (server: RunningPlatform): PlatformClient =>
  openClient(server.http, server.firstRun().tokens.fullAdmin ?? '');
const operatorOf = (server: RunningPlatform): PlatformClient =>
  openClient(server.http, server.firstRun().tokens.operator);

async function storedId(server: RunningPlatform, callId: string): Promise<string> {
  return eventually(
    'the call is stored',
    WAIT_MS,
    async () => (await listAllCalls(operatorOf(server))).find((item) => item.callId === callId)?.id,
  );
}

const receiptsOf = async (server: RunningPlatform, id: string): Promise<ReceiptView[]> =>
  (await adminOf(server).must<{ receipts: ReceiptView[] }>('GET', `/api/calls/${id}`)).receipts;

/** The emergency identifier under which the PSAP got a call; alerts name it. */
function identifierOf(callId: string): string {
  const request = psap.simulator.calls().find((call) => call.callId === callId)?.request;
  return /urn:emergency:uid:callid:[^>;]+/.exec(request?.headers.map(({ value }) => value).join('\n') ?? '')?.[0] ?? '';
}

test('every channel is told though the database is away and the process was killed; nothing twice when it is back', {
  skip,
}, async (t) => {
  const ends: (() => void)[] = [];
  const cluster: PostgresCluster = await startPostgresCluster();
  const mail: SmtpReceiver = await startSmtpReceiver();
  const env = {
    ...alertEnv(mail),
    WAYMARK_DATABASE_URL: await cluster.createDatabase(),
    WAYMARK_RELAY_URI: psap.uri('relay'),
    WAYMARK_HTTP_PORT: String(await stablePort()),
  };
  let server = await runPlatform({ env });
  const { dataDir } = server;
  t.after(async () => {
    await server.stop();
    removeData(dataDir);
    await mail.close();
    cluster.remove();
    for (const end of ends) end();
  });
  const world: AlertWorld = await openAlertWorld(adminOf(server), mail, (end) => ends.push(end));
  const { ids } = world;
  await world.addRule(
    'Everybody',
    ['call-placed'],
    [
      { afterSeconds: 0, recipientIds: [ids.mail, ids.webhook, ids.chat] },
      { afterSeconds: 1, recipientIds: [ids.sms] },
    ],
  );
  // An orderly end saves what stands in memory; a node that dies has what it saved last.
  await server.stop();
  server = await runPlatform({ dataDir, env });
  cluster.stop();
  const { callId, hangUp } = await forward(server);
  await server.kill();
  await hangUp();
  const startedMs = performance.now();
  server = await runPlatform({ dataDir, env });
  const id = identifierOf(callId);
  const counts = () => ({
    mail: world.mailsTo('guard@example.com').filter(({ text }) => text.includes(id)).length,
    webhook: world.webhooks().filter(({ data }) => JSON.stringify(data).includes(id)).length,
    chat: world.chats().length,
    sms: world.texts().length,
  });
  await eventually('the mail', WAIT_MS, () => counts().mail > 0);
  t.diagnostic(`mail ${((performance.now() - startedMs) / 1_000).toFixed(1)} s after the restart began`);
  await eventually('webhook, chat, and the later step by SMS', WAIT_MS, () => {
    const { webhook, chat, sms } = counts();
    return webhook > 0 && chat > 0 && sms > 0;
  });
  cluster.start();
  const stored = await storedId(server, callId);
  const receipts = await eventually('every receipt says so', WAIT_MS, async () => {
    const found = await receiptsOf(server, stored);
    return found.filter(({ state }) => state === 'accepted').length >= 4 && found;
  });
  assert.ok(receipts.every(({ state }) => state === 'accepted'));
  const incident = await adminOf(server).must<{ state: string }>('GET', `/api/incidents/${stored}`);
  assert.equal(incident.state, 'open');
  await eventually('nothing waits', WAIT_MS, async () => {
    const ready = await operatorOf(server).ask<{ status: string }>('GET', '/health/ready');
    return ready.body.status === 'ready';
  });
  assert.deepEqual(counts(), { mail: 1, webhook: 1, chat: 1, sms: 1 });
});

/** What a mail server does with a recipient's first mails. */
function misbehavingServer(): SMTPServerOptions {
  const attempts = new Map<string, number>();
  const next = (address: string): number => {
    const count = (attempts.get(address) ?? 0) + 1;
    attempts.set(address, count);
    return count;
  };
  const refusal = (responseCode: number, text: string): Error => Object.assign(new Error(text), { responseCode });
  return {
    onRcptTo({ address }, _session, callback) {
      if (address === 'gone@example.com') return callback(refusal(550, 'no such user'));
      if (address === 'busy@example.com' && next(address) <= 2) return callback(refusal(451, 'try again'));
      if (address === 'slow@example.com' && next(address) === 1) {
        setTimeout(() => callback(), 2_000);
        return;
      }
      callback();
    },
  };
}

/** Stands before a mail server and hangs up in the middle of the first mail to somebody. */
async function hangUpDuringFirstMailTo(address: string, mailUrl: string, onEnd: (end: () => void) => void) {
  let cuts = 0;
  const proxy = createServer((client) => {
    const upstream = connect(Number(new URL(mailUrl).port), '127.0.0.1');
    const endBoth = (): void => {
      client.destroy();
      upstream.destroy();
    };
    let isTheirs = false;
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      isTheirs ||= text.includes(`RCPT TO:<${address}>`);
      if (isTheirs && cuts === 0 && text.includes('Subject:')) {
        cuts++;
        upstream.write(chunk.subarray(0, 100));
        endBoth();
      } else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    for (const socket of [client, upstream]) socket.on('error', endBoth).on('close', endBoth);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onEnd(() => proxy.close());
  const { port } = proxy.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, cuts: () => cuts };
}

test('a mail server that is slow, asks to come again, refuses or hangs up in the middle: all told who can be, others seen', async (t) => {
  const mail = await startSmtpReceiver(misbehavingServer());
  const ends: (() => void)[] = [];
  const front = await hangUpDuringFirstMailTo('drop@example.com', mail.url, (end) => ends.push(end));
  const server = await runPlatform({
    env: { ...alertEnv(mail), WAYMARK_SMTP_URL: front.url, WAYMARK_RELAY_URI: psap.uri('relay') },
  });
  t.after(async () => {
    await server.stop();
    removeData(server.dataDir);
    await mail.close();
    for (const end of ends) end();
  });
  const world = await openAlertWorld(adminOf(server), mail, (end) => ends.push(end));
  const names = ['Good', 'Busy', 'Slow', 'Gone', 'Drop'];
  const recipientIds = await Promise.all(names.map((name) => world.addMail(name)));
  await world.addRule('Call', ['call-placed'], [{ recipientIds }]);
  await world.addRule('Watch', ['delivery-failing'], [{ recipientIds: [world.ids.webhook] }]);
  const { callId, hangUp } = await forward(server);
  t.after(hangUp);
  const id = await storedId(server, callId);
  const receipts = await eventually('every receipt is settled', WAIT_MS, async () => {
    const found = await receiptsOf(server, id);
    const states = found.map(({ state }) => state);
    return states.every((state) => state === 'accepted' || state === 'exhausted') && states.length >= 5 && found;
  });
  const stateOf = (address: string) => receipts.find(({ recipient }) => recipient === address);
  assert.equal(stateOf('good@example.com')?.attempts, 1);
  assert.equal(stateOf('slow@example.com')?.state, 'accepted');
  assert.deepEqual([stateOf('busy@example.com')?.state, stateOf('busy@example.com')?.attempts], ['accepted', 3]);
  assert.deepEqual([stateOf('gone@example.com')?.state, stateOf('gone@example.com')?.attempts], ['exhausted', 1]);
  assert.equal(front.cuts(), 1);
  assert.equal(stateOf('drop@example.com')?.state, 'accepted');
  for (const name of ['good', 'busy', 'slow', 'drop'])
    assert.equal(world.mailsTo(`${name}@example.com`).length, 1, name);
  const failing = await eventually('who watches deliveries hears of the one that was given up', WAIT_MS, () =>
    world.webhooks().find(({ type }) => type === 'delivery.failing'),
  );
  assert.match(JSON.stringify(failing.data), /gone@example\.com/);
});

test('killed at any moment of an alert, restarted: everybody is told at least once, under one Message-ID', async (t) => {
  const mail = await startSmtpReceiver();
  const env = {
    ...alertEnv(mail),
    WAYMARK_RELAY_URI: psap.uri('relay'),
    WAYMARK_HTTP_PORT: String(await stablePort()),
  };
  let server = await runPlatform({ env });
  const { dataDir } = server;
  const ends: (() => void)[] = [];
  t.after(async () => {
    await server.stop();
    removeData(dataDir);
    await mail.close();
    for (const end of ends) end();
  });
  const world = await openAlertWorld(adminOf(server), mail, (end) => ends.push(end));
  const { ids } = world;
  await world.addRule('Call', ['call-placed'], [{ recipientIds: [ids.mail, ids.webhook] }]);
  await server.stop();
  server = await runPlatform({ dataDir, env });
  let duplicates = 0;
  for (const killAfterMs of KILLS_AFTER_MS) {
    const { callId, hangUp } = await forward(server);
    await sleep(killAfterMs);
    await server.kill();
    await hangUp();
    server = await runPlatform({ dataDir, env });
    const identifier = identifierOf(callId);
    const mails = () => world.mailsTo('guard@example.com').filter(({ text }) => text.includes(identifier));
    const hooks = () => world.webhooks().filter(({ data }) => JSON.stringify(data).includes(identifier));
    await eventually(`killed after ${killAfterMs} ms: told`, WAIT_MS, () => mails().length > 0 && hooks().length > 0);
    const id = await storedId(server, callId);
    await eventually('receipts agree', WAIT_MS, async () => {
      const found = await receiptsOf(server, id);
      return found.length >= 2 && found.every(({ state }) => state === 'accepted');
    });
    assert.equal(new Set(mails().map(({ messageId }) => messageId)).size, 1);
    duplicates += mails().length - 1 + (hooks().length - 1);
  }
  t.diagnostic(`${KILLS_AFTER_MS.length} kills, ${2 * KILLS_AFTER_MS.length} messages: ${duplicates} arrived twice`);
});
