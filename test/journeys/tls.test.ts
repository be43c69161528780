/**
 * HELD over TLS on a running platform: a client certificate instead of the secret, from when it is registered until it is
 * removed; and whom a request comes from, behind a proxy that is trusted and behind one that is not.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makeCertificate, type TestCertificate } from '../support/certificates.ts';
import { openClient, type PlatformClient } from '../support/platform-client.ts';
import { startTimedPlatform, type TimedPlatform } from '../support/timed-platform.ts';
import { assertValid } from '../support/xml-schemas.ts';

const authority = makeCertificate({ name: 'Office Authority', isAuthority: true });
const server = makeCertificate({ name: 'localhost', issuer: authority });
const phone = makeCertificate({ name: 'phone', issuer: authority });
const otherPhone = makeCertificate({ name: 'other phone', issuer: authority });

let platform: TimedPlatform;
let client: PlatformClient;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waymark-tls-'));
  const files = { cert: server.cert, key: server.key, ca: authority.cert };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), content);
  platform = await startTimedPlatform({
    WAYMARK_TLS_CERT: join(folder, 'cert.pem'),
    WAYMARK_TLS_KEY: join(folder, 'key.pem'),
    WAYMARK_TLS_CA: join(folder, 'ca.pem'),
    WAYMARK_HTTPS_PORT: '0',
    WAYMARK_TRUSTED_PROXIES: '127.0.0.1',
  });
  client = openClient(platform.http, platform.firstRun.tokens.fullAdmin ?? '');
});

after(async () => {
  await platform.stop();
  rmSync(folder, { recursive: true, force: true });
});

const question = (inner = ''): string =>
  `<?xml version="1.0"?><locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held">${inner}</locationRequest>`;

function heldOverTls(certificate?: TestCertificate): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(`/held/c/${platform.firstRun.companyId}`, platform.https ?? ''),
      {
        method: 'POST',
        ca: authority.cert,
        agent: new Agent({ keepAlive: false }),
        headers: { 'content-type': 'application/held+xml' },
        ...(certificate && { cert: certificate.cert, key: certificate.key }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on('error', reject);
    const { mac = '' } = platform.firstRun.examples ?? {};
    sent.end(
      question(
        `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id"><mac>${mac.replaceAll(':', '-').toUpperCase()}</mac></device>`,
      ),
    );
  });
}

test('a registered client certificate stands for the secret', async () => {
  const open = await heldOverTls();
  assert.equal(open.status, 200, 'nobody must have one');
  assertValid('held', open.text);
  assert.match(open.text, /<presence/);

  await client.must('PATCH', '/api/e911-account', { secretRequired: true });
  assert.equal((await heldOverTls()).status, 401);
  assert.equal((await heldOverTls(phone)).status, 401, 'not registered yet');
  const { id } = await client.must<{ id: string }>('POST', '/api/e911-account/certificates', {
    certificate: phone.cert,
    description: 'reception',
  });
  const answer = await heldOverTls(phone);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.text, /<presence/);
  assert.equal((await heldOverTls(otherPhone)).status, 401);
  type Listed = { items: { fingerprint: string; subject: string }[] };
  const { items } = await client.must<Listed>('GET', '/api/e911-account/certificates');
  assert.deepEqual(
    items.map(({ fingerprint, subject }) => [fingerprint, subject]),
    [[phone.fingerprint, 'CN=phone']],
  );
  await client.must('DELETE', `/api/e911-account/certificates/${id}`);
  assert.equal((await heldOverTls(phone)).status, 401);
  await client.must('PATCH', '/api/e911-account', { secretRequired: false });
});

test('who asks without naming anybody is located by the address behind the trusted proxies, and nobody forges it', async () => {
  const publicIp = '192.0.2.200';
  const erls = await client.must<{ items: { id: string }[] }>('GET', '/api/response-locations');
  const responseLocationId = erls.items[0]?.id;
  await client.must('POST', '/api/wire-map', { kind: 'ip-range', value: publicIp, responseLocationId });
  const ask = async (forwarded: string): Promise<string> => {
    const response = await fetch(`${platform.http}/held/c/${platform.firstRun.companyId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/held+xml', 'x-forwarded-for': forwarded },
      body: question(),
    });
    return response.text();
  };
  assert.match(await ask(publicIp), /<presence/, 'the office, as the proxy saw it');
  assert.match(await ask('198.51.100.99'), /locationUnknown/);
  assert.match(
    await ask(`${publicIp}, 198.51.100.99`),
    /locationUnknown/,
    'written by the phone at home, not by the proxy',
  );
  assert.match(await ask(`${publicIp}, unknown`), /locationUnknown/);
  const response = await fetch(`${platform.http}/held/c/${platform.firstRun.companyId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/held+xml',
      'x-forwarded-for': '198.51.100.99',
      forwarded: `for=${publicIp}`,
    },
    body: question(),
  });
  assert.match(await response.text(), /locationUnknown/, 'the header that our proxies do not write');
});
