import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makeCertificate } from '../../test/support/certificates.ts';
import { systemClock } from '../support/clock.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { encodeHeldError, encodeLocationResponse } from '../wire/held/held.ts';
import { encodePresence, type PidfDocument } from '../wire/pidf-lo/pidf-lo.ts';
import { createFetchLocation, type FetchLocation, type FetchLocationDeps } from './fetch-location.ts';

const DEADLINE_MS = 5_000;
const PRESENCE: PidfDocument = {
  entity: 'pres:x@lis.example.org',
  locations: [{ civic: { country: 'US', A1: 'TX', A3: 'Austin' }, method: 'Wiremap' }],
};
const HELD_TYPE = { 'content-type': 'application/held+xml' };

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A LIS on loopback, where one may be asked only because these tests say so. */
async function openLis(
  t: TestContext,
  handle: RequestListener,
): Promise<{ url: string; port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    handle(request, response);
  });
  const port = await listen(t, server);
  return { url: `http://127.0.0.1:${port}/l/x`, port, seen };
}

function asker(deps: Partial<FetchLocationDeps> = {}): FetchLocation {
  const mayAskPrivate = (address: string): boolean => address === '127.0.0.1';
  return createFetchLocation({ clock: systemClock, mayAskPrivate, dns: names({}), ...deps });
}

/** A DNS that knows these names. */
function names(known: Readonly<Record<string, readonly string[]>>): FetchLocationDeps['dns'] {
  return {
    fromHostsFile: () => [],
    addresses: (name) => Promise.resolve({ addresses: known[name] ?? [], ttlSeconds: 60 }),
  };
}

const answerHeld: RequestListener = (_request, response) => {
  response.writeHead(200, HELD_TYPE).end(encodeLocationResponse({ presence: PRESENCE }));
};

test('HELD by POST, in the form of RFC 6753 §3.1', async (t) => {
  const bodies: string[] = [];
  const lis = await openLis(t, (request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => answerHeld(request, response));
  });
  const { value, how } = await asker()(lis.url, DEADLINE_MS);
  assert.equal(value.civic?.A3, 'Austin');
  assert.equal(value.method, 'Wiremap');
  assert.match(how, /^POST answered by 127\.0\.0\.1:\d+ after \d+ ms$/);
  assert.deepEqual(lis.seen, ['POST /l/x']);
  assert.match(bodies.join(''), /<locationRequest [^>]*responseTime="emergencyRouting"/);
});

test('a server that takes no POST, or answers it with something else, is asked by GET (§3.2)', async (t) => {
  const refusals: [name: string, RequestListener][] = [
    ['405', (_request, response) => response.writeHead(405).end()],
    ['501', (_request, response) => response.writeHead(501).end()],
    ['a page', (_request, response) => response.end('<html>hello</html>')],
    ['HELD unsupportedMessage', (_request, response) => response.end(encodeHeldError({ code: 'unsupportedMessage' }))],
    ['no location', (_request, response) => response.end(encodeLocationResponse({}))],
  ];
  for (const [name, refuse] of refusals) {
    const lis = await openLis(t, (request, response) => {
      if (request.method === 'POST') refuse(request, response);
      else response.writeHead(200, { 'content-type': 'application/pidf+xml' }).end(encodePresence(PRESENCE));
    });
    const { value, how } = await asker()(lis.url, DEADLINE_MS);
    assert.equal(value.civic?.A3, 'Austin', name);
    assert.match(how, /^POST: .+; GET answered by/, name);
    assert.deepEqual(lis.seen, ['POST /l/x', 'GET /l/x'], name);
  }
});

test('a LIS that says in HELD why it gives nothing is not asked twice', async (t) => {
  const lis = await openLis(t, (_request, response) => {
    response.end(encodeHeldError({ code: 'locationUnknown', message: 'no such device' }));
  });
  await assert.rejects(asker()(lis.url, DEADLINE_MS), { message: 'POST: HELD locationUnknown: no such device' });
  assert.equal(lis.seen.length, 1);
});

test('slow, dead, huge, endless and deep answers end in time with their reason', async (t) => {
  const depth = 20_000;
  const cases: [name: string, handle: RequestListener, expected: RegExp, deadlineMs: number][] = [
    ['silent', () => undefined, /no answer of .* within 100 ms/, 100],
    ['half an answer', (_request, response) => void response.write('<presence'), /no answer of .* within 100 ms/, 100],
    ['hangs up', (request) => request.socket.destroy(), /ECONNRESET|socket hang up/, DEADLINE_MS],
    ['huge', (_request, response) => response.end(Buffer.alloc(300_000, 32)), /more than 262144 bytes/, DEADLINE_MS],
    ['deep', (_request, response) => response.end('<a>'.repeat(depth)), /GET: unreadable/, DEADLINE_MS],
    ['500', (_request, response) => response.writeHead(500).end(), /POST: HTTP 500/, DEADLINE_MS],
  ];
  for (const [name, handle, expected, deadlineMs] of cases) {
    const lis = await openLis(t, handle);
    await assert.rejects(asker()(lis.url, deadlineMs), { message: expected }, name);
  }
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await assert.rejects(asker()(`http://127.0.0.1:${port}/`, DEADLINE_MS), { message: /ECONNREFUSED/ });
});

test('what is not public is not asked: as an address, by name, by redirect', async (t) => {
  const inner = await openLis(t, answerHeld);
  const nobody = asker({ mayAskPrivate: () => false, dns: names({ 'lis.example.org': ['10.0.0.1', '::1'] }) });
  for (const uri of [
    inner.url,
    `http://2130706433:${inner.port}/`,
    `http://[::ffff:127.0.0.1]:${inner.port}/`,
    `http://lis.example.org:${inner.port}/`,
    'http://169.254.169.254/latest/meta-data',
  ]) {
    await assert.rejects(nobody(uri, DEADLINE_MS), { kind: 'forbidden', message: /may not be asked/ }, uri);
  }
  assert.deepEqual(inner.seen, []);

  const outer = await openLis(t, (_request, response) => {
    response.writeHead(307, { location: `http://localhost:${inner.port}/l/x` }).end();
  });
  await assert.rejects(asker({ dns: names({ localhost: ['::1'] }) })(outer.url, DEADLINE_MS), {
    message: /localhost is at ::1, which may not/,
  });
  assert.deepEqual(inner.seen, []);
});

test('a name is asked at its permitted addresses and at no other', async (t) => {
  const lis = await openLis(t, answerHeld);
  const dns = names({ 'lis.example.org': ['10.255.255.1', '127.0.0.1'] });
  const { value } = await asker({ dns })(`http://lis.example.org:${lis.port}/l/x`, DEADLINE_MS);
  assert.equal(value.civic?.A3, 'Austin');
  await assert.rejects(asker({ dns })('http://gone.example.org/', DEADLINE_MS), {
    message: /gone.example.org was not found/,
  });
  const hosts = { ...dns, fromHostsFile: () => ['127.0.0.1'] };
  assert.ok(await asker({ dns: hosts })(`http://by-hosts-file:${lis.port}/l/x`, DEADLINE_MS));
});

test('redirects are followed twice, and never from HTTPS to HTTP', async (t) => {
  const lis = await openLis(t, (request, response) => {
    const hop = Number(request.url?.slice(1));
    if (hop === 0) answerHeld(request, response);
    else response.writeHead(302, { location: `/${hop - 1}` }).end();
  });
  const base = `http://127.0.0.1:${lis.port}`;
  assert.equal((await asker()(`${base}/2`, DEADLINE_MS)).value.civic?.A3, 'Austin');
  assert.deepEqual(lis.seen, ['POST /2', 'GET /1', 'GET /0']);
  await assert.rejects(asker()(`${base}/3`, DEADLINE_MS), { message: /redirected more than 2 times/ });

  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const { cert, key } = makeCertificate({ name: 'lis', issuer: authority });
  const secure = createSecureServer({ cert, key }, (_request, response) => {
    response.writeHead(307, { location: `${base}/0` }).end();
  });
  const port = await listen(t, secure);
  const ca = Buffer.from(authority.cert);
  await assert.rejects(asker({ tls: { ca } })(`https://127.0.0.1:${port}/`, DEADLINE_MS), {
    message: /redirected to where nothing may be asked/,
  });
});

test('certificates are verified, and ours is shown to who asks for it', async (t) => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const { cert, key } = makeCertificate({ name: 'lis', issuer: authority });
  const ours = makeCertificate({ name: 'esrp', issuer: authority });
  const server = createSecureServer(
    { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    answerHeld,
  );
  const url = `https://127.0.0.1:${await listen(t, server)}/l/x`;
  await assert.rejects(asker()(url, DEADLINE_MS), { message: /UNABLE_TO_VERIFY|SELF_SIGNED|unable to/ });
  const ca = Buffer.from(authority.cert);
  await assert.rejects(asker({ tls: { ca } })(url, DEADLINE_MS), { message: /certificate required|ECONNRESET|alert/i });
  const tls = { ca, cert: Buffer.from(ours.cert), key: Buffer.from(ours.key) };
  assert.equal((await asker({ tls })(url, DEADLINE_MS)).value.civic?.A3, 'Austin');
});

test('a LIS that fails three times in a row is left alone for ten seconds', async (t) => {
  const clock = createManualClock();
  let isWell = false;
  const lis = await openLis(t, (request, response) => {
    if (isWell) answerHeld(request, response);
    else response.writeHead(503).end();
  });
  const outcomes: string[] = [];
  const ask = asker({ clock, onOutcome: (outcome) => outcomes.push(outcome) });
  for (let count = 0; count < 3; count++) await assert.rejects(ask(lis.url, DEADLINE_MS), { message: /HTTP 503/ });
  isWell = true;
  await assert.rejects(ask(lis.url, DEADLINE_MS), { message: /not asked: .* failed 3 times in a row/ });
  assert.equal(lis.seen.length, 3);
  clock.advance(10_000);
  assert.equal((await ask(lis.url, DEADLINE_MS)).value.civic?.A3, 'Austin');
  assert.equal((await ask(`${lis.url}y`, DEADLINE_MS)).value.civic?.A3, 'Austin');
  assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'spared', 'answered', 'answered']);
});

test('references that a LIS does not know, or answers with a page, keep nobody from asking for others', async (t) => {
  const lis = await openLis(t, (request, response) => {
    if (request.url === '/l/x') answerHeld(request, response);
    else if (request.url === '/page') response.end('<html>hello</html>');
    else response.writeHead(404).end();
  });
  const outcomes: string[] = [];
  const ask = asker({ onOutcome: (outcome) => outcomes.push(outcome) });
  const base = `http://127.0.0.1:${lis.port}`;
  for (let count = 0; count < 4; count++) {
    await assert.rejects(ask(`${base}/gone`, DEADLINE_MS), { message: 'POST: HTTP 404; GET: HTTP 404' });
  }
  await assert.rejects(ask(`${base}/page`, DEADLINE_MS), { message: /unreadable/ });
  assert.equal((await ask(lis.url, DEADLINE_MS)).value.civic?.A3, 'Austin');
  assert.deepEqual(outcomes, ['refused', 'refused', 'refused', 'refused', 'failed', 'answered']);
});

test('one question at a time for one URI; an answer that may be kept serves ten seconds, another one does not', async (t) => {
  const clock = createManualClock();
  const lis = await openLis(t, (request, response) => {
    if (request.url === '/private') response.setHeader('cache-control', 'private, no-store');
    if (request.url === '/old') response.setHeader('cache-control', 'private, max-age=0');
    if (request.url === '/ageing') response.setHeader('cache-control', 'max-age=4');
    answerHeld(request, response);
  });
  const ask = asker({ clock });
  await Promise.all([ask(lis.url, DEADLINE_MS), ask(lis.url, DEADLINE_MS)]);
  assert.equal(lis.seen.length, 1);
  assert.match((await ask(lis.url, DEADLINE_MS)).how, /a moment ago$/);
  assert.equal(lis.seen.length, 1);
  clock.advance(10_001);
  await ask(lis.url, DEADLINE_MS);
  assert.equal(lis.seen.length, 2);
  const uri = `http://127.0.0.1:${lis.port}/private`;
  await ask(uri, DEADLINE_MS);
  await ask(uri, DEADLINE_MS);
  assert.equal(lis.seen.length, 4);
  const old = `http://127.0.0.1:${lis.port}/old`;
  await ask(old, DEADLINE_MS);
  await ask(old, DEADLINE_MS);
  assert.equal(lis.seen.length, 6);
  const ageing = `http://127.0.0.1:${lis.port}/ageing`;
  await ask(ageing, DEADLINE_MS);
  clock.advance(3_999);
  await ask(ageing, DEADLINE_MS);
  assert.equal(lis.seen.length, 7);
  clock.advance(2);
  await ask(ageing, DEADLINE_MS);
  assert.equal(lis.seen.length, 8);
});

test('a LIS with 64 questions under way is not asked a further one', async (t) => {
  const held: (() => void)[] = [];
  const lis = await openLis(t, (request, response) => held.push(() => answerHeld(request, response)));
  const ask = asker();
  const asked = Array.from({ length: 64 }, (_, at) => ask(`${lis.url}${at}`, DEADLINE_MS));
  await assert.rejects(ask(`${lis.url}-more`, DEADLINE_MS), { message: /has 64 questions to answer/ });
  const answering = setInterval(() => held.splice(0).forEach((answer) => answer()), 1);
  t.after(() => clearInterval(answering));
  assert.equal((await Promise.all(asked)).length, 64);
});

test('what HTTP cannot ask is refused', async () => {
  for (const uri of [
    'sip:x@lis.example.org',
    'pres:x@example.org',
    'file:///etc/passwd',
    'nonsense',
    `http://x/${'a'.repeat(3_000)}`,
  ]) {
    await assert.rejects(asker()(uri, DEADLINE_MS), { kind: 'invalid' }, uri.slice(0, 40));
  }
});
