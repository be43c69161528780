/**
 * A node is killed between 200 and BYE and started again: the dialogs that it carried go on, because their state is in the messages
 * (RFC 3261 §16.11, §12.1). SIPp at both ends, over UDP, TCP and TLS.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { encodePresence } from '../../../src/wire/pidf-lo/pidf-lo.ts';
import { locatedBody } from '../../support/located-body.ts';
import { skipWithout } from '../../support/parts.ts';
import { eventually, listAllCalls, openClient } from '../../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../../support/run-platform.ts';
import { freePort, headerOf, type Psap, runSippUac, startSippUas } from '../../support/sipp.ts';
import { makeSippTls, type SippTls } from '../../support/sipp-tls.ts';

const skip = skipWithout('sipp');
const WAIT_MS = 20_000;
const PLACES = [
  { protocol: 'udp', sourceId: 'us-county-48453', latitude: 30.2672, longitude: -97.7431 },
  { protocol: 'tcp', sourceId: 'us-county-72127', latitude: 18.4655, longitude: -66.1057 },
  { protocol: 'tls', sourceId: 'us-county-15003', latitude: 21.3069, longitude: -157.8583 },
] as const;

let server: RunningPlatform;
let tls: SippTls;
let env: Record<string, string>;

before(async () => {
  if (skip !== false) return;
  tls = makeSippTls();
  env = {
    ...tls.env,
    WAYMARK_SIP_PORT: String(await freePort('127.0.0.1')),
    WAYMARK_SIP_TLS_PORT: String(await freePort('127.0.0.1')),
  };
  server = await runPlatform({ env });
});

after(async () => {
  if (skip !== false) return;
  await server.stop();
  removeData(server.dataDir);
  tls.remove();
});

test('killed between 200 and BYE: every phone ends its call with its PSAP through the next process', {
  skip,
}, async () => {
  const operator = openClient(server.http, server.firstRun().tokens.operator);
  const psaps: Psap[] = [];
  try {
    for (const { protocol, sourceId } of PLACES) {
      const psap = await startSippUas({ scenario: 'uas-200', protocol, tls: tls.peer, reconnects: true });
      psaps.push(psap);
      await operator.must('POST', '/api/psaps', { name: `PSAP by ${protocol}`, uri: psap.uri(), sourceId });
    }
    const calling = PLACES.map(({ protocol, latitude, longitude }) => {
      const position = { latitude, longitude };
      const pidf = encodePresence({
        entity: 'pres:phone@example.com',
        locations: [{ shape: { type: 'point', position } }],
      });
      return runSippUac({
        scenario: 'proxy/uac-outlasts-restart',
        protocol,
        tls: tls.peer,
        reconnects: true,
        target: {
          address: '127.0.0.1',
          port: Number(env[protocol === 'tls' ? 'WAYMARK_SIP_TLS_PORT' : 'WAYMARK_SIP_PORT']),
        },
        headers: ['Geolocation: <cid:here@example.com>', 'Geolocation-Routing: yes'],
        body: locatedBody(pidf),
        holdMs: 3_000,
        timeoutMs: 120_000,
      });
    });
    await Promise.all(psaps.map((psap) => psap.waitFor('ACK', 1, WAIT_MS)));
    await server.kill();
    const hungUp = psaps.flatMap((psap) => psap.messages()).filter(({ startLine }) => startLine.startsWith('BYE '));
    assert.deepEqual(hungUp, [], 'killed before anybody hung up');
    server = await runPlatform({ env, dataDir: server.dataDir });
    for (const [at, report] of (await Promise.all(calling)).entries()) {
      assert.equal(report.exitCode, 0, report.errors);
      const psap = psaps[at];
      assert.ok(psap);
      await psap.waitFor('BYE');
      const received = psap.messages().filter(({ direction }) => direction === 'received');
      const methods = received.map(({ startLine }) => startLine.split(' ')[0] ?? '');
      assert.deepEqual([...new Set(methods)], ['INVITE', 'ACK', 'BYE'], psap.protocol);
      const callId = received[0] && headerOf(received[0], 'Call-ID');
      await eventually('the record of the killed process', WAIT_MS, async () =>
        (await listAllCalls(openClient(server.http, server.firstRun().tokens.operator))).find(
          (one) => one.callId === callId,
        ),
      );
    }
  } finally {
    for (const psap of psaps) await psap.stop();
  }
});
