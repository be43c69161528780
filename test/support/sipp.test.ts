import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeCertificate } from './certificates.ts';
import { skipWithout } from './parts.ts';
import { headerOf, type Psap, runSippUac, startGarbagePsap, startSippUas } from './sipp.ts';
import { carryOut } from './stream-carrier.ts';

const skip = skipWithout('sipp');

function starts(psap: Psap): string[] {
  return psap
    .messages()
    .filter((message) => message.direction === 'received')
    .map((message) => message.startLine.split(' ')[0] ?? '');
}

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
const { cert, key } = makeCertificate({ name: 'SIPp', issuer: authority });
const tls = { ca: authority.cert, cert, key };

for (const [host, protocol] of [
  ['127.0.0.1', 'udp'],
  ['127.0.0.1', 'tcp'],
  ['::1', 'udp'],
  ['::1', 'tcp'],
  ['127.0.0.1', 'tls'],
  ['::1', 'tls'],
] as const) {
  test(`SIPp calls SIPp at ${host} over ${protocol}`, { skip }, async () => {
    const psap = await startSippUas({ scenario: 'uas-200', host, protocol, tls });
    try {
      const report = await runSippUac({
        scenario: 'uac-911',
        target: { address: host, port: psap.port },
        protocol,
        tls,
        requestUri: 'urn:service:sos',
        headers: ['Geolocation: <http://[::1]:1/held/l/x>', 'Geolocation-Routing: yes'],
      });
      assert.equal(report.exitCode, 0, report.errors);
      assert.deepEqual(starts(psap), ['INVITE', 'ACK', 'BYE']);
      const invite = psap.messages()[0];
      assert.ok(invite);
      assert.deepEqual(
        [report.tlsVersion, psap.tlsVersion],
        protocol === 'tls' ? ['TLSv1.3', 'TLSv1.3'] : [undefined, undefined],
      );
      assert.ok(headerOf(invite, 'Via')?.startsWith(`SIP/2.0/${protocol.toUpperCase()} `));
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

test('a connection that breaks between 200 and BYE: the phone opens another one, the PSAP goes on with its call', {
  skip,
}, async () => {
  const psap = await startSippUas({ scenario: 'uas-200', protocol: 'tcp', reconnects: true });
  const between = await carryOut({ to: { host: '127.0.0.1', port: psap.port } });
  try {
    const target = { address: '127.0.0.1', port: between.port };
    const calling = runSippUac({ scenario: 'uac-911', protocol: 'tcp', reconnects: true, target, holdMs: 1_000 });
    await psap.waitFor('ACK');
    between.breakConnections();
    const report = await calling;
    assert.equal(report.exitCode, 0, report.errors);
    assert.deepEqual(starts(psap), ['INVITE', 'ACK', 'BYE']);
    assert.equal(between.connections, 2);
  } finally {
    await between.stop();
    await psap.stop();
  }
});
