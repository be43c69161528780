/** Acceptance 6: the database is away, a call is forwarded, the process is killed, and people are told all the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { openPsap, type PsapWorld } from '../support/call-world.ts';
import { askHeld, askLost, callFrom, followLocationUri, onboardFresh } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { type CallDetail, eventually, listAllCalls, openClient, readMetric } from '../support/platform-client.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';
import { type SmtpReceiver, startSmtpReceiver } from '../support/smtp-receiver.ts';
import { stablePort } from '../support/stable-port.ts';

const skip = skipWithout('postgresql');
const WAIT_MS = 40_000;
const DENVER = [39.7392, -104.9907] as const;
let cluster: PostgresCluster;
let receiver: SmtpReceiver;
let psap: PsapWorld;
let env: Record<string, string>;

before(async () => {
  if (skip) return;
  cluster = await startPostgresCluster();
  receiver = await startSmtpReceiver();
  psap = await openPsap('answer');
  env = {
    WAYMARK_DATABASE_URL: await cluster.createDatabase(),
    WAYMARK_SMTP_URL: receiver.url,
    WAYMARK_RELAY_URI: psap.uri('relay'),
    // Location URIs name the HTTP port: it stays over the restart.
    WAYMARK_HTTP_PORT: String(await stablePort()),
  };
});

after(async () => {
  if (skip) return;
  await psap.stop();
  await receiver.close();
  cluster.remove();
});

/** The mails about a call; a mail names the identifier under which the PSAP got it. */
function mailsAbout(sipCallId: string): { to: string[]; messageId: string }[] {
  const request = psap.simulator.calls().find(({ callId }) => callId === sipCallId)?.request;
  const id = /urn:emergency:uid:callid:[^>;]+/.exec(request?.headers.map(({ value }) => value).join('\n') ?? '')?.[0];
  if (id === undefined) return [];
  return receiver.received
    .filter(({ mail }) => mail.text?.includes(id) === true)
    .map(({ to, mail }) => ({ to, messageId: mail.messageId ?? '' }));
}

const everybodyTold = (callId: string, told: readonly string[]): boolean =>
  told.every((address) => mailsAbout(callId).some(({ to }) => to.includes(address)));

/** Places a call and kills the server as soon as the PSAP has it. */
async function forwardAndKill(server: RunningPlatform, number: string): Promise<string> {
  const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
  const call = phone.call({
    headers: [{ name: 'P-Asserted-Identity', value: `<sip:${number}@${phone.sentBy};user=phone>` }],
  });
  await eventually('the PSAP has the call', WAIT_MS, () =>
    psap.simulator.calls().some(({ callId }) => callId === call.callId),
  );
  await server.kill();
  await phone.close();
  return call.callId;
}

/** Starts again and says after how many seconds the ready line and the last mail about `callId` came. */
async function restartAndWaitForMail(
  t: TestContext,
  what: string,
  options: { dataDir: string; env: Record<string, string>; callId: string; told: readonly string[] },
): Promise<RunningPlatform> {
  const { dataDir, callId, told } = options;
  const startedAtMs = performance.now();
  const starting = runPlatform({ dataDir, env: options.env });
  await eventually('everybody is told of the forwarded call', WAIT_MS, () => everybodyTold(callId, told));
  const toldSeconds = ((performance.now() - startedAtMs) / 1_000).toFixed(1);
  const server = await starting;
  t.diagnostic(`${what}: ready ${(server.startedInMs / 1_000).toFixed(1)} s, mail ${toldSeconds} s after the restart`);
  return server;
}

test('forwarded with the database away, killed, restarted with the database away', { skip }, async (t) => {
  let server = await runPlatform({ env });
  const { dataDir } = server;
  t.after(async () => {
    await server.stop();
    removeData(dataDir);
  });
  const operatorToken = server.firstRun().tokens.operator;
  const site = await onboardFresh(server);
  await openClient(server.http, operatorToken).must('POST', '/api/psaps', {
    name: 'Denver',
    uri: psap.uri(site.sourceId),
    sourceId: site.sourceId,
  });
  const held = await askHeld(server.http, site);
  const saved = (name: string): Buffer => readFileSync(join(dataDir, 'snapshots', name));
  await eventually(
    'the snapshots on disk have what was set up',
    WAIT_MS,
    () =>
      Object.entries({
        routing: psap.uri(site.sourceId),
        notifications: 'desk@fresh.example.com',
        members: site.number,
      }).every(([name, wanted]) => saved(`${name}.json`).includes(wanted)) &&
      // In a block, or laid over it.
      (saved('wire-map.bin').includes(Buffer.from(site.port.toLowerCase(), 'utf16le')) ||
        saved('wire-map-changes.json').includes(site.port.toLowerCase())),
  );

  cluster.stop();
  const killed = await forwardAndKill(server, site.number);
  server = await restartAndWaitForMail(t, 'database refuses', { dataDir, env, callId: killed, told: site.told });
  const calls = [killed];
  await t.test('HELD, LoST, 911 and 933 work without the database, REST says 503', async () => {
    const again = await askHeld(server.http, site);
    assert.deepEqual([again.status, again.floor, again.room], [200, site.floor, site.room]);
    assert.equal((await followLocationUri(held.locationUri)).status, 200, 'a URI from before the kill');
    assert.equal((await followLocationUri(again.locationUri)).status, 200);
    assert.ok((await askLost(server.http, ...DENVER)).uri.startsWith(psap.uri(site.sourceId)));
    const report = await callFrom(server, { dialed: '911', from: site.number, geolocation: again.locationUri });
    assert.equal(report.finalStatus, 200);
    assert.equal(
      psap.simulator.calls().find(({ callId }) => callId === report.callId)?.user,
      site.sourceId,
      'routed by its place',
    );
    calls.push(report.callId);
    const startedAtMs = performance.now();
    await eventually('everybody is told without the database', WAIT_MS, () => everybodyTold(report.callId, site.told));
    t.diagnostic(`database away: mail ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s after the call`);
    const test933 = await callFrom(server, { dialed: '933', from: site.number, maxMs: 3_000 });
    assert.equal(test933.finalStatus, 200);
    assert.ok(test933.audio, 'something was heard');
    const client = openClient(server.http, operatorToken);
    assert.equal((await client.ask('GET', '/api/calls?all=true')).status, 503);
    const ready = await client.ask<{ status: string; database: string }>('GET', '/health/ready');
    assert.deepEqual([ready.status, ready.body.status, ready.body.database], [200, 'degraded', 'away']);
    assert.ok((await readMetric(server.http, 'waymark_calls_not_in_database')) >= 2);
  });

  await t.test('a database that accepts connections and says nothing is as good as none', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
    });
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    const address = silent.address();
    assert.ok(address !== null && typeof address === 'object');
    const callId = await forwardAndKill(server, site.number);
    calls.push(callId);
    const url = `postgres://waymark@127.0.0.1:${address.port}/waymark`;
    server = await restartAndWaitForMail(t, 'database silent', {
      dataDir,
      env: { ...env, WAYMARK_DATABASE_URL: url },
      callId,
      told: site.told,
    });
    assert.deepEqual((await askHeld(server.http, site)).room, site.room);
    const endedAtMs = performance.now();
    assert.equal(await server.stop(), 0, 'SIGTERM ends it in order');
    t.diagnostic(`database silent: SIGTERM to the end ${((performance.now() - endedAtMs) / 1_000).toFixed(1)} s`);
    server = await runPlatform({ dataDir, env });
    const downAtMs = performance.now();
    assert.equal(await server.stop(), 0, 'SIGTERM ends it in order');
    t.diagnostic(`database refuses: SIGTERM to the end ${((performance.now() - downAtMs) / 1_000).toFixed(1)} s`);
    server = await runPlatform({ dataDir, env });
  });

  await t.test('the database comes back: records, receipts, no second mail', async () => {
    const before = receiver.received.length;
    cluster.start();
    const startedAtMs = performance.now();
    const client = openClient(server.http, operatorToken);
    const stored = await eventually('every call is stored', WAIT_MS, async () => {
      const items = await listAllCalls(client);
      return calls.every((callId) => items.some((item) => item.callId === callId)) && items;
    });
    t.diagnostic(`database back: every record in it after ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`);
    for (const callId of calls) {
      const records = stored.filter((item) => item.callId === callId);
      assert.equal(records.length, 1);
      const { receipts } = await eventually('receipts agree', WAIT_MS, async () => {
        const detail = await client.must<CallDetail>('GET', `/api/calls/${records[0]?.id}`);
        return detail.receipts.every(({ state }) => state === 'accepted') && detail;
      });
      assert.deepEqual(receipts.map(({ recipient }) => recipient).toSorted(), [...site.told].toSorted());
      assert.deepEqual(
        receipts.map(({ messageId }) => messageId).toSorted(),
        mailsAbout(callId)
          .map(({ messageId }) => messageId)
          .toSorted(),
        'each mail came once, under the Message-ID of its receipt',
      );
    }
    await eventually('nothing waits', WAIT_MS, async () => {
      return (await readMetric(server.http, 'waymark_calls_not_in_database')) === 0;
    });
    await eventually('ready again', WAIT_MS, async () => {
      return (await client.ask<{ status: string }>('GET', '/health/ready')).body.status === 'ready';
    });
    assert.equal(receiver.received.length, before, 'no mail left again');
  });

  await t.test(
    'the database goes while a call is up: everybody is told all the same, its end is stored later',
    async () => {
      const client = openClient(server.http, operatorToken);
      const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
      const call = phone.call({
        headers: [{ name: 'P-Asserted-Identity', value: `<sip:${site.number}@${phone.sentBy};user=phone>` }],
      });
      assert.equal((await call.final()).status, 200);
      await call.ack();
      await eventually('the answered call is stored', WAIT_MS, async () =>
        (await listAllCalls(client)).some((item) => item.callId === call.callId && item.outcome === 'answered'),
      );
      cluster.stop();
      const goneAtMs = performance.now();
      assert.equal((await call.request('BYE')).status, 200);
      await phone.close();
      await eventually('everybody is told', WAIT_MS, () => everybodyTold(call.callId, site.told));
      t.diagnostic(
        `database gone in mid-call: mail ${((performance.now() - goneAtMs) / 1_000).toFixed(1)} s later at most`,
      );
      cluster.start();
      await eventually('its end is stored', WAIT_MS, async () =>
        (await listAllCalls(client)).some((item) => item.callId === call.callId && item.outcome === 'completed'),
      );
      assert.equal(mailsAbout(call.callId).length, site.told.length);
    },
  );
});
