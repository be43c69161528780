import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { makeCertificate, type TestCertificate } from '../../test/support/certificates.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import { createHttpServer } from './http-server.ts';
import { openTlsFiles } from './tls-files.ts';

const logger = createLogger('silent');
const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-tls-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function writeServerFiles(folder: string, server: TestCertificate) {
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem'), ca: join(folder, 'ca.pem') };
  writeFileSync(paths.cert, server.cert);
  writeFileSync(paths.key, server.key);
  writeFileSync(paths.ca, authority.cert);
  return paths;
}

async function startServer(t: TestContext, withAuthorities = true) {
  const folder = folderOf(t);
  const server = makeCertificate({ name: 'localhost', issuer: authority });
  const { ca, ...paths } = writeServerFiles(folder, server);
  const clock = createManualClock(Date.now());
  const files = openTlsFiles({ ...paths, ca: withAuthorities ? ca : undefined }, { clock, logger });
  const http = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    tls: { port: 0, files },
    trustedProxies: [],
    clock,
    logger,
    metrics: createMetrics({ processMetrics: false }),
    limits: { perMinute: 0, concurrent: 0 },
    authenticate: () => Promise.reject(new Error('nobody')),
    decodeOrganizationId: (text) => text,
    describeProblem: (problem) => ({ status: problem === null ? 500 : 404, body: {} }),
  });
  http.mountRaw({
    methods: ['POST'],
    path: '/echo',
    bodyLimit: 100,
    handle: ({ body, clientCertificate, sourceAddress }) => ({
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify({ body: body.toString('utf8'), clientCertificate, sourceAddress }),
    }),
  });
  const { url, tlsUrl = '' } = await http.listen();
  t.after(() => http.close());
  return { url, tlsUrl, paths, clock, server };
}

type Echo = { status: number; body: Record<string, string>; peer: string; reused: boolean };

/** POST /echo over TLS, trusting the test authority alone. */
function post(url: string, options: { client?: TestCertificate; agent?: Agent; path?: string } = {}): Promise<Echo> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(options.path ?? '/echo', url),
      {
        method: 'POST',
        ca: authority.cert,
        ...(options.client && { cert: options.client.cert, key: options.client.key }),
        agent: options.agent ?? new Agent({ keepAlive: false }),
      },
      (response) => {
        const socket = response.socket as TLSSocket;
        const peer = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase() ?? '';
        const reused = socket.isSessionReused();
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, string>, peer, reused }),
        );
      },
    );
    sent.on('error', reject);
    sent.end('hello');
  });
}

test('the same doors over TLS: what is mounted, and what is not; clear text stays where it was', async (t) => {
  const { url, tlsUrl, server } = await startServer(t);
  assert.match(tlsUrl, /^https:\/\/127\.0\.0\.1:\d+$/);
  const echoed = await post(tlsUrl);
  assert.deepEqual(echoed, {
    status: 200,
    body: { body: 'hello', sourceAddress: '127.0.0.1' },
    peer: server.fingerprint,
    reused: false,
  });
  assert.equal((await post(tlsUrl, { path: '/nothing' })).status, 404, 'the REST server answers too');
  const plain = await fetch(`${url}/echo`, { method: 'POST', body: 'hello' });
  assert.deepEqual(await plain.json(), { body: 'hello', sourceAddress: '127.0.0.1' });
});

test('a client certificate is asked for, not required; one of a stranger’s authority is none', async (t) => {
  const { tlsUrl } = await startServer(t);
  const phone = makeCertificate({ name: 'phone', issuer: authority });
  assert.equal((await post(tlsUrl, { client: phone })).body['clientCertificate'], phone.fingerprint);
  const expired = makeCertificate({ name: 'old phone', issuer: authority, validTo: new Date(Date.now() - 1_000) });
  assert.equal((await post(tlsUrl, { client: expired })).body['clientCertificate'], expired.fingerprint);
  const stranger = makeCertificate({ name: 'stranger' });
  assert.equal((await post(tlsUrl, { client: stranger })).body['clientCertificate'], undefined);

  const agent = new Agent({ keepAlive: false, maxCachedSessions: 10 });
  await post(tlsUrl, { client: phone, agent });
  const again = await post(tlsUrl, { client: phone, agent });
  assert.deepEqual(
    [again.reused, again.body['clientCertificate']],
    [true, phone.fingerprint],
    'the session taken up again',
  );
});

test('without authorities nobody is asked for a certificate', async (t) => {
  const { tlsUrl } = await startServer(t, false);
  const phone = makeCertificate({ name: 'phone', issuer: authority });
  assert.equal((await post(tlsUrl, { client: phone })).body['clientCertificate'], undefined);
});

test('changed files are taken over without a restart, unfit ones are not', async (t) => {
  const { tlsUrl, paths, clock, server } = await startServer(t);
  const renewed = makeCertificate({ name: 'localhost', issuer: authority });
  writeFileSync(paths.cert, renewed.cert);
  clock.advance(10_000);
  assert.equal((await post(tlsUrl)).peer, server.fingerprint, 'a certificate without its key');
  writeFileSync(paths.key, renewed.key);
  clock.advance(10_000);
  assert.equal((await post(tlsUrl)).peer, renewed.fingerprint);
  writeFileSync(paths.cert, 'half a certi');
  clock.advance(10_000);
  rmSync(paths.key);
  clock.advance(10_000);
  assert.equal((await post(tlsUrl)).peer, renewed.fingerprint);
});

test('files that make no server end the start, with their names', (t) => {
  const folder = folderOf(t);
  const paths = writeServerFiles(folder, makeCertificate({ name: 'localhost', issuer: authority }));
  const open = (changes: Partial<typeof paths>) => () =>
    openTlsFiles({ ...paths, ...changes }, { clock: createManualClock(), logger });
  assert.throws(open({ key: join(folder, 'none.pem') }), /private key .*none\.pem cannot be read/);
  assert.throws(open({ cert: paths.key }), /key\.pem make no TLS server/);
  const other = join(folder, 'other-key.pem');
  writeFileSync(other, makeCertificate({ name: 'other' }).key);
  assert.throws(open({ key: other }), /make no TLS server/);
});

test('clear text on the port of TLS, and connections that say nothing, harm nobody', async (t) => {
  const { tlsUrl } = await startServer(t);
  const port = Number(new URL(tlsUrl).port);
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => undefined);
  const confused = connect(port, '127.0.0.1');
  const ended = new Promise((resolve) => confused.once('close', resolve));
  confused.on('error', () => undefined);
  confused.write('POST /echo HTTP/1.1\r\nhost: x\r\n\r\n');
  await ended;
  assert.equal((await post(tlsUrl)).status, 200);
  silent.destroy();
});
