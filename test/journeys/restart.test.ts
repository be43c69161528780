/** Starting, ending, starting again elsewhere: nothing that was accepted is lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openPsap } from '../support/call-world.ts';
import { askHeld, callFrom, followLocationUri, onboardFresh } from '../support/journey-steps.ts';
import { eventually, listAllCalls, openClient } from '../support/platform-client.ts';
import { removeData, runPlatform } from '../support/run-platform.ts';
import { openPhone } from '../support/sip-phone.ts';
import { stablePort } from '../support/stable-port.ts';

const WAIT_MS = 40_000;
const CALLS = 10;
const WAYMARK = fileURLToPath(new URL('../../bin/waymark.js', import.meta.url));
const execute = promisify(execFile);

/** `npx waymark …`, as a person types it beside the data folder. */
async function waymark(dataDir: string, ...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, [WAYMARK, ...args], {
    env: { PATH: process.env.PATH, WAYMARK_DATA_DIR: dataDir, WAYMARK_LOG_LEVEL: 'warn' },
    timeout: WAIT_MS,
  });
  return stdout;
}

test('ended under calls, started on other ports, backed up and restored', async (t) => {
  const psap = await openPsap('answer');
  const env = { WAYMARK_RELAY_URI: psap.uri('relay') };
  let server = await runPlatform({ env, fromNothing: true });
  const { dataDir } = server;
  const restored = mkdtempSync(join(tmpdir(), 'waymark-data-'));
  t.after(async () => {
    await server.stop();
    await psap.stop();
    removeData(dataDir);
    removeData(restored);
  });
  t.diagnostic(`first start: ready in ${server.startedInMs} ms`);
  const { fresh, tokens } = server.firstRun();
  const freshToken = fresh?.tokens.fullAdmin ?? '';
  const site = await onboardFresh(server);
  const held = await askHeld(server.http, site);
  assert.equal(held.room, site.room);

  await t.test('SIGTERM under calls: exit code 0, every forwarded call is recorded', async () => {
    const phone = await openPhone({ target: { protocol: 'udp', address: '127.0.0.1', port: server.sipPort } });
    const calls = Array.from({ length: CALLS }, () =>
      phone.call({
        headers: [{ name: 'P-Asserted-Identity', value: `<sip:+14165550101@${phone.sentBy};user=phone>` }],
      }),
    );
    await eventually('calls are on their way', WAIT_MS, () => psap.simulator.calls().length > 0);
    assert.equal(await server.stop(), 0);
    await phone.close();
    const forwarded = new Set(psap.simulator.calls().map(({ callId }) => callId));
    server = await runPlatform({ dataDir, env });
    t.diagnostic(
      `start after SIGTERM: ready in ${server.startedInMs} ms; ${forwarded.size} of ${calls.length} forwarded`,
    );
    const client = openClient(server.http, tokens.operator);
    await eventually('every forwarded call is stored', WAIT_MS, async () => {
      const stored = new Set((await listAllCalls(client)).map(({ callId }) => callId));
      return [...forwarded].every((callId) => stored.has(callId));
    });
  });

  await t.test('other ports: files and new URIs name them, old URIs resolve', async () => {
    assert.equal(await server.stop(), 0);
    const port = await stablePort();
    server = await runPlatform({ dataDir, env: { ...env, WAYMARK_HTTP_PORT: String(port) } });
    t.diagnostic(`start after a quiet end: ready in ${server.startedInMs} ms`);
    assert.equal(server.http, `http://127.0.0.1:${port}`);
    assert.equal(server.firstRun().baseUrl, server.http);
    assert.equal(server.firstRun().sipUri, `sip:${server.sip}`);
    assert.deepEqual(server.firstRun().tokens, tokens);
    const again = await askHeld(server.http, site);
    assert.ok(again.locationUri.startsWith(server.http));
    const path = new URL(held.locationUri).pathname;
    assert.equal((await followLocationUri(`${server.http}${path}`)).status, 200);
    const report = await callFrom(server, { dialed: '911', from: site.number, geolocation: again.locationUri });
    assert.equal(report.finalStatus, 200);
    const [item] = await eventually('the call is stored', WAIT_MS, async () => {
      const items = await listAllCalls(openClient(server.http, tokens.operator));
      return items[0]?.callId === report.callId && items;
    });
    assert.equal(item?.location?.source, 'conveyed-reference');
  });

  await t.test('backed up while calls go on, restored into an empty folder', async () => {
    const file = join(restored, 'backup.tar.gz');
    const calling = Promise.all(
      Array.from({ length: CALLS }, () => callFrom(server, { dialed: '911', from: site.number })),
    );
    await waymark(dataDir, 'backup', file);
    for (const report of await calling) assert.equal(report.finalStatus, 200, 'a backup holds up no call');
    assert.equal(await server.stop(), 0);

    const target = join(restored, 'data');
    await waymark(target, 'restore', file);
    await assert.rejects(waymark(target, 'restore', file), /already holds a database/);
    const copy = await runPlatform({ dataDir: target, env });
    try {
      const operator = openClient(copy.http, tokens.operator);
      const { items } = await operator.must<{ items: { name: string }[] }>('GET', '/api/organizations');
      const names = items.map(({ name }) => name);
      for (const name of ['Demonstration Company', 'Fresh Company'])
        assert.ok(names.includes(name), `${name} is there`);
      const admin = openClient(copy.http, freshToken);
      const status = await admin.must<{ complianceStatus: string }>('GET', '/v1/telephony/config/redSky/status');
      assert.equal(status.complianceStatus, 'COMPLIANT');
      assert.deepEqual((await askHeld(copy.http, site)).room, site.room, 'the wire map is there');
      const path = new URL(held.locationUri).pathname;
      assert.equal((await followLocationUri(`${copy.http}${path}`)).status, 200, 'location URIs go on to resolve');
      assert.ok((await listAllCalls(operator)).length >= 1);
    } finally {
      await copy.stop();
    }
  });
});
