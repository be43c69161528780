import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithout } from './parts.ts';
import { headerOf, type Psap, runSippUac, startGarbagePsap, startSippUas } from './sipp.ts';

const skip = skipWithout('sipp');

function starts(psap: Psap): string[] {
  return psap
    .messages()
    .filter((message) => message.direction === 'received')
    .map((message) => message.startLine.split(' ')[0] ?? '');
}

for (const [host, protocol] of [
  ['127.0.0.1', 'udp'],
  ['127.0.0.1', 'tcp'],
  ['::1', 'udp'],
  ['::1', 'tcp'],
] as const) {
  test(`SIPp calls SIPp at ${host} over ${protocol}`, { skip }, async () => {
    const psap = await startSippUas({ scenario: 'uas-200', host, protocol });
    try {
      const report = await runSippUac({
        scenario: 'uac-911',
        target: { address: host, port: psap.port },
        protocol,
        requestUri: 'urn:service:sos',
        headers: ['Geolocation: <http://[::1]:1/held/l/x>', 'Geolocation-Routing: yes'],
      });
      assert.equal(report.exitCode, 0, report.errors);
      assert.deepEqual(starts(psap), ['INVITE', 'ACK', 'BYE']);
      const invite = psap.messages()[0];
      assert.ok(invite);
      assert.equal(invite.startLine, 'INVITE urn:service:sos SIP/2.0');
      assert.equal(headerOf(invite, 'geolocation'), '<http://[::1]:1/held/l/x>');
      assert.match(invite.body.toString(), /^v=0\r\n/);
      assert.equal(Number(headerOf(invite, 'Content-Length')), invite.body.length);
    } finally {
      await psap.stop();
    }
  });
}

test('SIPp changes the session, and is told 503', { skip }, async () => {
  const [psap, closed] = await Promise.all([
    startSippUas({ scenario: 'uas-200' }),
    startSippUas({ scenario: 'uas-503' }),
  ]);
  try {
    const [changed, refused] = await Promise.all([
      runSippUac({ scenario: 'uac-reinvite', target: { address: '127.0.0.1', port: psap.port } }),
      runSippUac({ scenario: 'uac-911', target: { address: '127.0.0.1', port: closed.port } }),
    ]);
    assert.equal(changed.exitCode, 0, changed.errors);
    assert.deepEqual(starts(psap), ['INVITE', 'ACK', 'INVITE', 'ACK', 'BYE']);
    assert.equal(refused.exitCode, 1, refused.errors);
    assert.ok(refused.messages.some((message) => message.startLine.startsWith('SIP/2.0 503')));
  } finally {
    await Promise.all([psap.stop(), closed.stop()]);
  }
});

test('a PSAP of noise hears the phone and answers with nothing readable', { skip }, async () => {
  const psap = await startGarbagePsap();
  try {
    const target = { address: '127.0.0.1', port: psap.port };
    const report = await runSippUac({ scenario: 'uac-911', target, answerTimeoutMs: 300, timeoutMs: 5_000 });
    assert.notEqual(report.exitCode, 0);
    assert.ok(starts(psap).includes('INVITE'));
  } finally {
    await psap.stop();
  }
});
