import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, type TestContext, test } from 'node:test';
import type { Database } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createDnsClient } from '../../src/transport/dns-client.ts';
import { openTlsFiles } from '../../src/transport/tls-files.ts';
import { headerValue, headerValues } from '../../src/wire/sip/message.ts';
import { logger, openCallWorld, openPsap } from '../support/call-world.ts';
import { makeCertificate } from '../support/certificates.ts';
import { type DnsRecord, startDnsServer } from '../support/dns-server.ts';
import { openMigratedDatabase } from '../support/embedded-template.ts';
import { openPhone } from '../support/sip-phone.ts';
import { freePort } from '../support/sipp.ts';

let database: Database;

before(async () => {
  database = await openMigratedDatabase(logger);
});

beforeEach(() => database.db.deleteFrom('emergencyCalls').execute());

after(() => database.close());

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });

/** A certificate for these names, on disk, and the authority of everybody else's. */
function tlsFor(t: TestContext, dnsNames: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-sip-journey-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const own = makeCertificate({ name: 'peer', issuer: authority, alternatives: { dnsNames } });
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') };
  writeFileSync(paths.cert, own.cert);
  writeFileSync(paths.key, own.key);
  writeFileSync(paths.ca, authority.cert);
  return { tls: { port: 0, files: openTlsFiles(paths, { clock: systemClock, logger }) }, paths };
}

async function dnsOf(t: TestContext, zone: Record<string, DnsRecord[]>) {
  const server = await startDnsServer(zone);
  t.after(() => server.stop());
  return { server, dns: createDnsClient({ servers: [server.address], clock: systemClock }) };
}

const LOOPBACK: DnsRecord[] = [{ type: 'A', address: '127.0.0.1' }];
const srv = (priority: number, port: number): DnsRecord => ({
  type: 'SRV',
  priority,
  weight: 0,
  port,
  target: 'host.psap.example.net',
});
const LARGE_OFFER = Buffer.from(
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\n' +
    'a=x-padding:0123456789\r\n'.repeat(100),
);

test('a call over TLS from end to end: PSAP found by DNS, both certificates proved, BYE in both directions', async (t) => {
  const psap = await openPsap('answer', { tls: tlsFor(t, ['psap.example.net']).tls });
  t.after(() => psap.stop());
  const { dns } = await dnsOf(t, {
    '_sips._tcp.psap.example.net': [srv(0, psap.tlsPort)],
    'host.psap.example.net': LOOPBACK,
  });
  const world = await openCallWorld({
    database,
    psapUris: ['sips:psap@psap.example.net'],
    relayUri: 'sip:relay@127.0.0.1:9',
    tls: tlsFor(t, ['waymark.example.net']).tls,
    deps: { dns },
  });
  t.after(() => world.stop());
  const target = { ...world.target('tls'), serverName: 'waymark.example.net' };
  const phone = await openPhone({ target, tls: tlsFor(t, ['sbc.example.com']).tls });
  t.after(() => phone.close());

  const call = phone.call();
  const answer = await call.final();
  assert.equal(answer.status, 200);
  assert.equal(headerValue(answer, 'X-Waymark-Simulated-Psap'), 'psap');
  const routes = headerValues(answer, 'Record-Route');
  assert.ok(routes.length > 0 && routes.every((route) => route.includes(';transport=tls')), routes.join());
  await call.ack();
  assert.equal((await call.request('BYE')).status, 200);

  const second = phone.call();
  await second.final();
  await second.ack();
  const hungUp = second.hungUp();
  await psap.simulator.hangUpAll();
  assert.equal((await hungUp).method, 'BYE');
  const records = await world.records();
  assert.deepEqual(
    records.map(({ outcome }) => outcome),
    ['completed', 'completed'],
  );
});

test('a PSAP whose certificate speaks for somebody else is not called: the next one is', async (t) => {
  const impostor = await openPsap('answer', { tls: tlsFor(t, ['impostor.example.org']).tls });
  const relay = await openPsap('answer');
  t.after(() => Promise.all([impostor.stop(), relay.stop()]));
  const { dns } = await dnsOf(t, { 'psap.example.net': LOOPBACK });
  const world = await openCallWorld({
    database,
    psapUris: [`sips:psap@psap.example.net:${impostor.tlsPort}`],
    relayUri: relay.uri('relay-us'),
    tls: tlsFor(t, ['waymark.example.net']).tls,
    deps: { dns },
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const call = phone.call();
  assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'relay-us');
  await call.ack();
  assert.equal(impostor.simulator.calls().length, 0);
});

test('the first server of SRV is down: the second gets the call, also after the name servers have gone', async (t) => {
  const psap = await openPsap('answer');
  const relay = await openPsap('answer');
  t.after(() => Promise.all([psap.stop(), relay.stop()]));
  const gone = await freePort('127.0.0.1');
  const { server, dns } = await dnsOf(t, {
    '_sip._tcp.psap.example.net': [srv(10, gone), srv(20, psap.port)],
    'host.psap.example.net': [{ type: 'A', address: '127.0.0.1', ttlSeconds: 5 }],
  });
  const world = await openCallWorld({
    database,
    psapUris: ['sip:psap@psap.example.net'],
    relayUri: relay.uri('relay-us'),
    deps: { dns },
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  for (const how of ['well', 'silent', 'servfail'] as const) {
    server.behave(how);
    const call = phone.call();
    assert.equal(headerValue(await call.final(), 'X-Waymark-Simulated-Psap'), 'psap', how);
    await call.ack();
  }
});

test('a server that says nothing over UDP costs one call its silence: the next goes to the other one at once', async (t) => {
  const psap = await openPsap('answer');
  t.after(() => psap.stop());
  const { dns } = await dnsOf(t, {
    '_sip._udp.psap.example.net': [srv(10, await freePort('127.0.0.1')), srv(20, psap.port)],
    'host.psap.example.net': [{ type: 'A', address: '127.0.0.1', ttlSeconds: 5 }],
  });
  const world = await openCallWorld({
    database,
    psapUris: ['sip:psap@psap.example.net'],
    relayUri: 'sip:relay@127.0.0.1:9',
    silenceMs: 1_000,
    deps: { dns },
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  for (const expected of [['silent', 'answered'], ['answered']]) {
    const call = phone.call();
    assert.equal((await call.final()).status, 200);
    await call.ack();
    assert.equal((await call.request('BYE')).status, 200);
    const attempts = (await world.records()).at(-1)?.attempts.map(({ outcome }) => outcome);
    assert.deepEqual(attempts, expected);
  }
});

test('a large INVITE goes to the PSAP by TCP; to one without TCP by UDP (RFC 3261 §18.1.1)', async (t) => {
  const both = await openPsap('answer');
  t.after(() => both.stop());
  const world = await openCallWorld({ database, psapUris: [both.uri('both')], relayUri: 'sip:relay@127.0.0.1:9' });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const large = phone.call({ body: LARGE_OFFER });
  const routes = headerValues(await large.final(), 'Record-Route').join();
  assert.match(routes, /;transport=tcp/);
  await large.ack();
  assert.equal((await large.request('BYE')).status, 200);
  const small = phone.call();
  assert.doesNotMatch(headerValues(await small.final(), 'Record-Route').join(), /;transport=/);
  await small.ack();
});

test('from an IPv4 caller to a PSAP that DNS knows by IPv6 alone, and back', async (t) => {
  const hosts = ['127.0.0.1', '::1'];
  const psap = await openPsap('answer', { hosts: ['::1'] });
  t.after(() => psap.stop());
  const { dns } = await dnsOf(t, {
    '_sip._udp.psap.example.net': [srv(0, psap.port)],
    'host.psap.example.net': [{ type: 'AAAA', address: '::1' }],
  });
  const world = await openCallWorld({
    database,
    psapUris: ['sip:psap@psap.example.net'],
    relayUri: 'sip:relay@127.0.0.1:9',
    hosts,
    deps: { dns },
  });
  t.after(() => world.stop());
  const phone = await openPhone({ target: world.target() });
  t.after(() => phone.close());
  const call = phone.call();
  const answer = await call.final();
  assert.equal(headerValue(answer, 'X-Waymark-Simulated-Psap'), 'psap');
  const routes = headerValues(answer, 'Record-Route');
  assert.match(routes[0] ?? '', /^<sip:\[::1\]:\d+;lr;r2=on>$/, 'the side of the PSAP');
  assert.match(routes[1] ?? '', /^<sip:127\.0\.0\.1:\d+;lr;r2=on>$/, 'the side of the caller');
  await call.ack();
  const hungUp = call.hungUp();
  await psap.simulator.hangUpAll();
  assert.equal((await hungUp).method, 'BYE');
});

test('a foreign TLS client (openssl) gets its OPTIONS answered', async (t) => {
  const { tls } = tlsFor(t, ['waymark.example.net']);
  const { paths } = tlsFor(t, ['sbc.example.com']);
  const world = await openCallWorld({ database, psapUris: [], relayUri: 'sip:relay@127.0.0.1:9', tls });
  t.after(() => world.stop());
  const { port } = world.target('tls');
  const client = spawn(
    'openssl',
    `s_client -quiet -verify_return_error -verify_hostname waymark.example.net -CAfile ${paths.ca} -cert ${paths.cert} -key ${paths.key} -connect 127.0.0.1:${port}`.split(
      ' ',
    ),
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  t.after(() => client.kill('SIGKILL'));
  client.stdin.write(
    `OPTIONS sip:127.0.0.1:${port};transport=tls SIP/2.0\r\nVia: SIP/2.0/TLS sbc.example.com;branch=z9hG4bK1;rport\r\n` +
      'From: <sip:sbc@sbc.example.com>;tag=1\r\nTo: <sip:waymark.example.net>\r\nCall-ID: openssl-1\r\n' +
      'CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n',
  );
  let text = '';
  for await (const chunk of client.stdout) {
    text += String(chunk);
    if (text.includes('\r\n\r\n')) break;
  }
  assert.match(text, /^SIP\/2\.0 200 OK\r\n/);
  assert.match(text, /Via: SIP\/2\.0\/TLS sbc\.example\.com;branch=z9hG4bK1;rport=\d+;received=127\.0\.0\.1\r\n/);
});
