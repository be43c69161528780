/** A short slice of `npm run fuzz`, with one seed: the doors of a running server under odd requests. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeFuzzReport, type FuzzReport } from '../support/fuzz/fuzz-door.ts';
import { fuzzHeld } from '../support/fuzz/fuzz-held.ts';
import { fuzzLost } from '../support/fuzz/fuzz-lost.ts';
import { describeSipFuzzReport, fuzzSip } from '../support/fuzz/fuzz-sip.ts';
import type { SipServer } from '../support/fuzz/sip-ends.ts';
import { type RunningPlatform, removeData, runPlatform } from '../support/run-platform.ts';
import { freePort } from '../support/sipp.ts';
import { makeSippTls } from '../support/sipp-tls.ts';

const SLICE = { count: 2_000, seed: 20_261_122, say: () => undefined };

let platform: RunningPlatform;

const tls = makeSippTls();
let tlsPort: number;

before(async () => {
  tlsPort = await freePort('127.0.0.1');
  platform = await runPlatform({
    env: {
      WAYMARK_RATE_LIMIT_PER_MINUTE: '0',
      WAYMARK_CONCURRENT_REQUESTS: '0',
      WAYMARK_SIP_TLS_PORT: String(tlsPort),
      ...tls.env,
    },
  });
});

after(async () => {
  await platform.stop();
  removeData(platform.dataDir);
  tls.remove();
});

function assertNoFaults(report: FuzzReport): void {
  assert.equal(report.count, SLICE.count);
  assert.ok(report.good > SLICE.count / 10, `${report.good} answered with what was asked for`);
  // How long an answer takes says something of the machine too: that is for `npm run fuzz`.
  const faults = report.faults.filter((fault) => !fault.startsWith('an answer takes more'));
  assert.deepEqual(faults, [], describeFuzzReport(report).join('\n'));
}

test('HELD: no crash, no answer that cannot be read, no place of another organization', async () => {
  assertNoFaults(await fuzzHeld(platform, SLICE));
});

test('LoST: no crash, no answer that cannot be read, no error of ours', async () => {
  assertNoFaults(await fuzzLost(platform, SLICE));
});

for (const protocol of ['udp', 'tcp', 'tls'] as const) {
  test(`SIP over ${protocol}: no crash, no message that cannot be read, no error of ours, good calls answered`, async () => {
    const host = '127.0.0.1';
    const server: SipServer =
      protocol === 'tls'
        ? { protocol, host, port: tlsPort, tls: tls.peer }
        : { protocol, host, port: platform.sipPort };
    const report = await fuzzSip(platform, { ...SLICE, server, toTheEnd: false });
    assert.equal(report.count, SLICE.count);
    assert.ok(report.goodCalls > 0);
    assert.deepEqual(report.faults, [], describeSipFuzzReport(report).join('\n'));
  });
}
