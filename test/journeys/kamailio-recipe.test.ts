/** The configuration that we recommend for Kamailio, run by Debian's Kamailio between a SIPp phone and SIPp PSAPs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { askHeld, followLocationUri } from '../support/journey-steps.ts';
import { runKamailio } from '../support/kamailio.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import {
  freePort,
  headerOf,
  headersOf,
  type PhoneReport,
  type Psap,
  runSippUac,
  startSippUas,
} from '../support/sipp.ts';
import { serveXmlDoor } from '../support/xml-door.ts';

const RECIPE = readFileSync(new URL('../../deploy/kamailio/kamailio.cfg', import.meta.url), 'utf8');
const NOTIFY_SWITCH = '#!define NOTIFY_BY_WAYMARK\n';
const AUSTIN = 'us-county-48453';
const CALLER = '+15125550101';
const WAIT_MS = 20_000;

/** The recipe with other addresses and nothing else changed; each of its own must stand in it exactly once. */
function recipeWith(addresses: Readonly<Record<string, string>>): string {
  let script = RECIPE;
  for (const [own, other] of Object.entries(addresses)) {
    assert.equal(script.split(own).length, 2, `${own} stands in the recipe once`);
    script = script.replace(own, other);
  }
  return script;
}

const methods = (psap: Psap): string[] =>
  psap
    .messages()
    .filter(({ direction }) => direction === 'received')
    .map(({ startLine }) => startLine.split(' ')[0] ?? '');

describe('the recipe for Kamailio', { skip: skipWithout('kamailio') || skipWithout('sipp') }, () => {
  let server: RunningPlatform;
  let operator: PlatformClient;
  let relay: Psap;
  let callServer: Psap;

  before(async () => {
    relay = await startSippUas({ scenario: 'uas-200' });
    callServer = await startSippUas({ scenario: 'uas-200' });
    server = await runPlatform({ env: { WAYMARK_RELAY_URI: relay.uri('relay') } });
    operator = openClient(server.http, server.firstRun().tokens.operator);
  });
  after(async () => {
    await server?.stop();
    if (server) removeData(server.dataDir);
    await relay?.stop();
    await callServer?.stop();
  });

  async function austinIsServedBy(uri: string): Promise<void> {
    const { items } = await operator.must<{ items: { id: string; sourceId: string | null }[] }>('GET', '/api/psaps');
    for (const { id, sourceId } of items) {
      if (sourceId === AUSTIN) await operator.must('DELETE', `/api/psaps/${id}`);
    }
    const psap = { name: 'Austin by SIPp', uri, alternateUris: [], sourceId: AUSTIN, ringTimeoutMs: 1_000 };
    await operator.must('POST', '/api/psaps', psap);
  }

  async function withEdge<Result>(
    { notify, sipPort = server.sipPort }: { notify: boolean; sipPort?: number },
    work: (edge: { port: number; log: () => string }) => Promise<Result>,
  ): Promise<Result> {
    const port = await freePort('127.0.0.1');
    const { companyId = '' } = server.firstRun();
    const script = recipeWith({
      'udp:127.0.0.1:5070': `udp:127.0.0.1:${port}`,
      'http://127.0.0.1:8911/held/c/COMPANY-ID': `${server.http}/held/c/${companyId}`,
      'http://127.0.0.1:8911/LoST': `${server.http}/LoST`,
      'http://127.0.0.1:8911/held/l/': `${server.http}/held/l/`,
      'sip:127.0.0.1:5060': `sip:127.0.0.1:${sipPort}`,
      'sip:127.0.0.1:5080': callServer.uri('pbx').replace('pbx@', ''),
      ...(notify ? {} : { [NOTIFY_SWITCH]: '' }),
    });
    const edge = await runKamailio(script, port);
    try {
      const result = await work(edge);
      assert.ok(edge.isAlive(), edge.log());
      return result;
    } finally {
      await edge.stop();
    }
  }

  function callThrough(port: number, headers: readonly string[], dialed = '911'): Promise<PhoneReport> {
    const target = { address: '127.0.0.1', port };
    const requestUri = dialed.startsWith('urn:') ? dialed : `sip:${dialed}@127.0.0.1:${port}`;
    return runSippUac({ scenario: 'uac-911', target, requestUri, caller: CALLER, headers });
  }

  const asserted = (number: string): string => `P-Asserted-Identity: <sip:${number}@example.com;user=phone>`;

  test('a caller known by number: located by HELD, routed by LoST, straight to the PSAP', async () => {
    const psap = await startSippUas({ scenario: 'uas-200' });
    try {
      await austinIsServedBy(psap.uri());
      await withEdge({ notify: false }, async ({ port, log }) => {
        const report = await callThrough(port, [asserted(CALLER)]);
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        assert.deepEqual(methods(psap), ['INVITE', 'ACK', 'BYE']);
        const [invite] = await psap.waitFor('INVITE');
        assert.ok(invite);
        assert.equal(invite.startLine, 'INVITE urn:service:sos SIP/2.0');
        assert.deepEqual(headersOf(invite, 'Route'), [`<${psap.uri()};lr>`]);
        assert.equal(headerOf(invite, 'Geolocation-Routing'), 'yes');
        const uri = /^<(http[^>]+)>$/.exec(headerOf(invite, 'Geolocation') ?? '')?.[1] ?? '';
        const followed = await followLocationUri(uri);
        assert.equal(followed.status, 200, uri);
        assert.match(followed.xml, /Austin/);
        assert.ok(invite.body.equals(report.messages[0]?.body ?? Buffer.alloc(0)), 'the body byte for byte');
      });
    } finally {
      await psap.stop();
    }
  });

  test('a phone that conveys its location URI: that is followed, kept, and routed by', async () => {
    const psap = await startSippUas({ scenario: 'uas-200' });
    try {
      await austinIsServedBy(psap.uri());
      const { companyId = '', examples = {} } = server.firstRun();
      const phone = { companyId, chassis: examples['switchChassis'] ?? '', port: examples['switchPort'] ?? '' };
      const { locationUri } = await askHeld(server.http, phone);
      await withEdge({ notify: false }, async ({ port, log }) => {
        // An unknown number: only the conveyed location can tell.
        const headers = [`Geolocation: <${locationUri}>`, asserted('+12025550177')];
        const report = await callThrough(port, headers, 'urn:service:sos');
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        const [invite] = await psap.waitFor('INVITE');
        assert.deepEqual(invite && headersOf(invite, 'Geolocation'), [`<${locationUri}>`]);
      });
    } finally {
      await psap.stop();
    }
  });

  test('a foreign location URI is not fetched for a caller; nobody known: the relay centre has the call', async () => {
    const foreign = await serveXmlDoor(() => ({ status: 404, contentType: 'text/plain', body: '' }));
    try {
      await withEdge({ notify: false }, async ({ port, log }) => {
        const before = methods(relay).length;
        const headers = [`Geolocation: <${foreign.url}/held/l/abc>`, asserted('+12025550177')];
        const report = await callThrough(port, headers);
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        assert.deepEqual(methods(relay).slice(before), ['INVITE', 'ACK', 'BYE']);
        assert.match(log(), /no location for/);
      });
      const byKamailio = foreign.requests.filter(({ method }) => method === 'POST');
      assert.deepEqual(byKamailio, []);
    } finally {
      await foreign.close();
    }
  });

  test('a PSAP that fails: Waymark tries on, and the call is not lost', async () => {
    const busy = await startSippUas({ scenario: 'uas-503' });
    try {
      await austinIsServedBy(busy.uri());
      await withEdge({ notify: false }, async ({ port, log }) => {
        const before = methods(relay).length;
        const report = await callThrough(port, [asserted(CALLER)]);
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        assert.deepEqual(methods(relay).slice(before), ['INVITE', 'ACK', 'BYE']);
      });
    } finally {
      await busy.stop();
    }
  });

  test('as it is shipped: through Waymark, which knows the place, routes and tells the site', async () => {
    const psap = await startSippUas({ scenario: 'uas-200' });
    try {
      await austinIsServedBy(psap.uri());
      await withEdge({ notify: true }, async ({ port, log }) => {
        const report = await callThrough(port, [asserted(CALLER)]);
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        assert.deepEqual(methods(psap), ['INVITE', 'ACK', 'BYE']);
        const callId = headerOf(report.messages[0] ?? assert.fail(), 'Call-ID');
        const record = await eventually('the call is recorded', WAIT_MS, async () =>
          (await listAllCalls(operator)).find((call) => call.callId === callId && call.outcome === 'completed'),
        );
        assert.equal(record.destination.sourceId, AUSTIN);
        assert.equal(record.location?.civic?.['A3'], 'Austin');
      });
    } finally {
      await psap.stop();
    }
  });

  test('as it is shipped, while nobody answers at Waymark’s SIP door: straight to the PSAP that LoST named', async () => {
    const psap = await startSippUas({ scenario: 'uas-200' });
    try {
      await austinIsServedBy(psap.uri());
      const nobody = await freePort('127.0.0.1');
      await withEdge({ notify: true, sipPort: nobody }, async ({ port, log }) => {
        const report = await callThrough(port, [asserted(CALLER)]);
        assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
        assert.deepEqual(methods(psap), ['INVITE', 'ACK', 'BYE']);
        const [invite] = await psap.waitFor('INVITE');
        assert.equal(invite?.startLine, 'INVITE urn:service:sos SIP/2.0');
        assert.deepEqual(invite && headersOf(invite, 'Route'), [`<${psap.uri()};lr>`]);
        assert.match(log(), /tell the people on site/);
      });
    } finally {
      await psap.stop();
    }
  });

  test('every other call goes on to the call server, unlocated', async () => {
    await withEdge({ notify: true }, async ({ port, log }) => {
      const report = await callThrough(port, [asserted(CALLER)], '+15125550142');
      assert.equal(report.exitCode, 0, `${report.errors}\n${log()}`);
      const [invite] = await callServer.waitFor('INVITE');
      assert.equal(invite && headerOf(invite, 'Geolocation'), undefined);
    });
  });
});
