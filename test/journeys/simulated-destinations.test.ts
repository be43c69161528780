/** Without PSAPs and relay centre of an operator, located calls reach the simulated destinations of the built-in data. SIPp calls. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { encodePresence } from '../../src/wire/pidf-lo/pidf-lo.ts';
import { skipWithout } from '../support/parts.ts';
import { eventually, listAllCalls, openClient } from '../support/platform-client.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { headerOf, runSippUac } from '../support/sipp.ts';

const WAIT_MS = 20_000;
const SDP = 'v=0\no=phone 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 40000 RTP/AVP 0';

const PLACES: readonly [name: string, latitude: number, longitude: number, sourceId: string][] = [
  ['San Juan', 18.4655, -66.1057, 'us-county-72127'],
  ['Hagåtña', 13.4757, 144.7489, 'us-county-66010'],
  ['Pago Pago', -14.2781, -170.7025, 'us-county-60010'],
  ['Charlotte Amalie', 18.3419, -64.9307, 'us-county-78030'],
  ['Saipan', 15.1869, 145.7545, 'us-county-69110'],
  ['Anchorage', 61.2181, -149.9003, 'us-county-02020'],
  ['Honolulu', 21.3069, -157.8583, 'us-county-15003'],
  ['Toronto', 43.6534, -79.3841, 'ca-province-on'],
  ['Iqaluit', 63.7467, -68.517, 'ca-province-nu'],
];

describe('simulated destinations', { concurrency: true, skip: skipWithout('sipp') }, () => {
  let server: RunningPlatform;
  before(async () => {
    server = await runPlatform();
  });
  after(async () => {
    await server.stop();
    removeData(server.dataDir);
  });

  for (const [name, latitude, longitude, sourceId] of PLACES) {
    test(`located in ${name}: the simulated destination there has the call`, async () => {
      const pidf = encodePresence({
        entity: 'pres:phone@example.com',
        locations: [{ shape: { type: 'point', position: { latitude, longitude } } }],
      });
      const text = `--part
Content-Type: application/sdp

${SDP}

--part
Content-Type: application/pidf+xml
Content-ID: <here@example.com>

${pidf}
--part--`;
      const report = await runSippUac({
        scenario: 'uac-911',
        target: { address: '127.0.0.1', port: server.sipPort },
        headers: [
          'Geolocation: <cid:here@example.com>',
          'Geolocation-Routing: yes',
          'P-Asserted-Identity: <sip:+12025550178@example.com;user=phone>',
        ],
        body: { contentType: 'multipart/mixed;boundary=part', text },
      });
      assert.equal(report.exitCode, 0, report.errors);
      const answer = report.messages.find(({ startLine }) => startLine.startsWith('SIP/2.0 200'));
      assert.equal(answer && headerOf(answer, 'X-Waymark-Simulated-Psap'), sourceId);
      const callId = headerOf(report.messages[0] ?? assert.fail(), 'Call-ID');
      const operator = openClient(server.http, server.firstRun().tokens.operator);
      const record = await eventually('the call is recorded', WAIT_MS, async () =>
        (await listAllCalls(operator)).find((call) => call.callId === callId && call.outcome === 'completed'),
      );
      assert.equal(record.destination.sourceId, sourceId);
    });
  }
});
