/** What is broken around the server: its journal's disk, the mail server, saved snapshots, a second process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { askHeld, askLost, callFrom } from '../support/journey-steps.ts';
import { skipWithout } from '../support/parts.ts';
import { type CallDetail, eventually, listAllCalls, openClient, readMetric } from '../support/platform-client.ts';
import { startPostgresCluster } from '../support/postgres-cluster.ts';
import { FREE_PORTS, type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { startSmtpReceiver } from '../support/smtp-receiver.ts';
import { stablePort } from '../support/stable-port.ts';

const WAIT_MS = 40_000;
const AUSTIN = { number: '+15125550101', told: ['security.austin@example.com', 'security.desk@example.com'] };

async function start(t: TestContext, options: Parameters<typeof runPlatform>[0]): Promise<RunningPlatform> {
  const server = await runPlatform(options);
  t.after(async () => {
    await server.stop();
    removeData(server.dataDir);
  });
  return server;
}

/** A phone of the demonstration asks where it is. */
function askDemonstration(server: RunningPlatform): ReturnType<typeof askHeld> {
  const { companyId = '', examples = {} } = server.firstRun();
  return askHeld(server.http, {
    companyId,
    chassis: examples.switchChassis ?? '',
    port: examples.switchPort ?? '',
  });
}

test('the journal cannot be written: calls go on, the alarm rises, records and mails are there', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'waymark-data-'));
  writeFileSync(join(dataDir, 'journal'), 'not a folder');
  const server = await start(t, { dataDir });
  const client = openClient(server.http, server.firstRun().tokens.operator);
  const failuresBefore = await readMetric(server.http, 'waymark_call_journal_failures_total');
  assert.ok(failuresBefore > 0, 'known from the start');
  const report = await callFrom(server, { dialed: '911', from: AUSTIN.number });
  assert.equal(report.finalStatus, 200);
  t.diagnostic(`call set up in ${report.setupMs} ms without a journal`);
  assert.ok((await readMetric(server.http, 'waymark_call_journal_late_total')) > 0);
  const item = await eventually('the call is stored', WAIT_MS, async () =>
    (await listAllCalls(client)).find(({ callId }) => callId === report.callId),
  );
  assert.ok(item.flags.includes('journal-late'));
  await eventually('everybody is told', WAIT_MS, async () => {
    const { receipts } = await client.must<CallDetail>('GET', `/api/calls/${item.id}`);
    return AUSTIN.told.every((address) => receipts.some((one) => one.recipient === address && one.acceptedAt !== null));
  });

  rmSync(join(dataDir, 'journal'));
  await eventually('the journal is written again by itself', WAIT_MS, async () => {
    const late = await readMetric(server.http, 'waymark_call_journal_late_total');
    const next = await callFrom(server, { dialed: '911', from: AUSTIN.number, holdMs: 0 });
    assert.equal(next.finalStatus, 200);
    return (await readMetric(server.http, 'waymark_call_journal_late_total')) === late;
  });
});

test('the mail server is down and comes back: the mails arrive, once', async (t) => {
  const port = await stablePort();
  const server = await start(t, { env: { WAYMARK_SMTP_URL: `smtp://127.0.0.1:${port}` } });
  const client = openClient(server.http, server.firstRun().tokens.fullAdmin ?? '');
  const report = await callFrom(server, { dialed: '911', from: AUSTIN.number });
  assert.equal(report.finalStatus, 200);
  await eventually('the failure shows', WAIT_MS, async () => {
    const { items } = await client.must<{ items: { state: string }[] }>('GET', '/api/alerts/troubled');
    return items.filter(({ state }) => state === 'failed').length >= AUSTIN.told.length;
  });
  const receiver = await startSmtpReceiver({}, port);
  t.after(() => receiver.close());
  const upAtMs = performance.now();
  const alerts = (address: string): number =>
    receiver.received.filter(({ to, mail }) => to.includes(address) && mail.subject?.startsWith('911 CALL')).length;
  await eventually('the mails arrive', WAIT_MS, () => AUSTIN.told.every((address) => alerts(address) > 0));
  t.diagnostic(`mails ${((performance.now() - upAtMs) / 1_000).toFixed(1)} s after the mail server was back`);
  await eventually('no trouble is left', WAIT_MS, async () => {
    const { items } = await client.must<{ items: unknown[] }>('GET', '/api/alerts/troubled');
    return items.length === 0;
  });
  for (const address of AUSTIN.told) assert.equal(alerts(address), 1);
});

/** A server that is expected not to start. */
async function startInVain(env: Readonly<Record<string, string>>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../bin/waymark.js', import.meta.url)), 'serve'], {
    env: { PATH: process.env.PATH, ...FREE_PORTS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', (status) => resolve(status));
  });
  clearTimeout(timer);
  return { code, output };
}

test('a second process on the same data folder is refused in clear words', async (t) => {
  const server = await start(t, {});
  const { code, output } = await startInVain({ WAYMARK_DATA_DIR: server.dataDir });
  assert.equal(code, 1);
  assert.match(output, new RegExp(`in use by process ${server.pid}\\b`));
  assert.match(output, /WAYMARK_DATA_DIR/);
  assert.match(output, /WAYMARK_DATABASE_URL/);
  assert.doesNotMatch(output, /\n {4}at /, 'no stack');
  assert.equal((await askDemonstration(server)).room, '312', 'the first goes on');
});

test('damaged snapshots and no database: calls still go out; with the database all is well again', {
  skip: skipWithout('postgresql'),
}, async (t) => {
  const cluster = await startPostgresCluster();
  t.after(() => cluster.remove());
  const env = { WAYMARK_DATABASE_URL: await cluster.createDatabase() };
  const first = await runPlatform({ env });
  const { dataDir } = first;
  assert.equal((await askDemonstration(first)).room, '312');
  assert.equal(await first.stop(), 0);
  const snapshot = (name: string): string => join(dataDir, 'snapshots', `${name}.json`);
  writeFileSync(snapshot('wire-map'), Buffer.from([0, 255, 1, 2, 3]));
  truncateSync(snapshot('members'), 100);
  writeFileSync(snapshot('places'), '{"version":1,"rows":[["x",{"locations":7}]]}');
  writeFileSync(snapshot('notifications'), 'null');
  writeFileSync(snapshot('trunks'), '');
  cluster.stop();

  const server = await start(t, { dataDir, env });
  const report = await callFrom(server, { dialed: '911', from: AUSTIN.number });
  assert.equal(report.finalStatus, 200, 'answered, if only by the relay centre');
  assert.match((await askLost(server.http, 30.2649, -97.7474)).name, /Travis/);
  assert.equal((await askDemonstration(server)).status, 200);
  cluster.start();
  await eventually('HELD knows the room again', WAIT_MS, async () => (await askDemonstration(server)).room === '312');
  const client = openClient(server.http, server.firstRun().tokens.operator);
  await eventually('the call is stored', WAIT_MS, async () =>
    (await listAllCalls(client)).some(({ callId }) => callId === report.callId),
  );
});
