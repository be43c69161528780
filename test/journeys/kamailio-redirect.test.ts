/** The configuration that we recommend for an SBC of a trunk in redirect mode, run by Debian's Kamailio with SIPp at both ends. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { followLocationUri } from '../support/journey-steps.ts';
import { runKamailio } from '../support/kamailio.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient, type PlatformClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import {
  freePort,
  headerOf,
  headersOf,
  type Psap,
  runSippUac,
  type SippMessage,
  startSippUas,
} from '../support/sipp.ts';

const RECIPE = readFileSync(new URL('../../deploy/kamailio/redirect.cfg', import.meta.url), 'utf8');
const AUSTIN = 'us-county-48453';
const CALLER = '+15125550101';
const ASSERTED = `P-Asserted-Identity: <sip:${CALLER}@example.com;user=phone>`;
const WAIT_MS = 20_000;

const received = (psap: Psap): SippMessage[] =>
  psap.messages().filter(({ direction, startLine }) => direction === 'received' && !startLine.startsWith('OPTIONS '));
const methods = (psap: Psap): string[] => received(psap).map(({ startLine }) => startLine.split(' ')[0] ?? '');

describe('the recipe for an SBC in redirect mode', { skip: skipWithout('kamailio') || skipWithout('sipp') }, () => {
  let server: RunningPlatform;
  let operator: PlatformClient;
  let relay: Psap;

  before(async () => {
    relay = await startSippUas({ scenario: 'uas-200' });
    server = await runPlatform({ env: { WAYMARK_RELAY_URI: relay.uri('relay') } });
    const { tokens } = server.firstRun();
    operator = openClient(server.http, tokens.operator);
    const trunk = { name: 'SBC', addresses: ['127.0.0.1'], mode: 'redirect' };
    await openClient(server.http, tokens.fullAdmin ?? '').must('POST', '/api/trunks', trunk);
  });
  after(async () => {
    await server?.stop();
    if (server) removeData(server.dataDir);
    await relay?.stop();
  });

  async function callThrough(lastResort: string, waymarkSip = server.sip): Promise<{ callId: string; log: string }> {
    const port = await freePort('127.0.0.1');
    let script = RECIPE;
    for (const [shipped, here] of Object.entries({
      'udp:127.0.0.1:5070': `udp:127.0.0.1:${port}`,
      'sip:127.0.0.1:5060': `sip:${waymarkSip}`,
      'sip:relay@127.0.0.1:5090': lastResort,
      'SILENCE 3000': 'SILENCE 1000',
    })) {
      assert.equal(script.split(shipped).length, 2, `${shipped} stands in the recipe once`);
      script = script.replace(shipped, here);
    }
    const sbc = await runKamailio(script, port);
    try {
      const target = { address: '127.0.0.1', port };
      const report = await runSippUac({ scenario: 'uac-911', target, caller: CALLER, headers: [ASSERTED] });
      assert.equal(report.exitCode, 0, `${report.errors}\n${sbc.log()}`);
      return { callId: headerOf(report.messages[0] ?? assert.fail(), 'Call-ID') ?? '', log: sbc.log() };
    } finally {
      await sbc.stop();
    }
  }

  test('the first destination refuses, the second has the call, with location, identity and identifiers', async () => {
    const busy = await startSippUas({ scenario: 'uas-503' });
    try {
      await operator.must('POST', '/api/psaps', { name: 'Austin by SIPp', uri: busy.uri(), sourceId: AUSTIN });
      // Trunks are known to calls within a second.
      const { callId, log } = await callThrough(relay.uri('last-resort'));
      assert.deepEqual(methods(busy), ['INVITE', 'ACK']);
      assert.deepEqual(methods(relay), ['INVITE', 'ACK', 'BYE']);
      const [invite] = received(relay);
      assert.ok(invite);
      assert.match(invite.startLine, /^INVITE sip:relay@\S+ SIP/, `without the headers of the Contact\n${log}`);
      const uri = /^<(http[^>]+)>/.exec(headerOf(invite, 'Geolocation') ?? '')?.[1] ?? '';
      assert.match((await followLocationUri(uri)).xml, /Austin/);
      const ids = headersOf(invite, 'Call-Info').join();
      assert.match(ids, /purpose=emergency-CallId/);
      assert.match(ids, /purpose=emergency-IncidentId/);
      const record = await eventually('the call is recorded', WAIT_MS, async () =>
        (await listAllCalls(operator)).find((call) => call.callId === callId),
      );
      assert.equal(record.outcome, 'redirected');
    } finally {
      await busy.stop();
    }
  });

  test('nobody answers at Waymark’s SIP door: the last resort has the call', async () => {
    const lastResort = await startSippUas({ scenario: 'uas-200' });
    try {
      const nobody = `127.0.0.1:${await freePort('127.0.0.1')}`;
      const { log } = await callThrough(lastResort.uri('last'), nobody);
      assert.deepEqual(methods(lastResort), ['INVITE', 'ACK', 'BYE']);
      assert.match(log, /tell the people on site/);
    } finally {
      await lastResort.stop();
    }
  });
});
