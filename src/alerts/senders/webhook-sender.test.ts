import assert from 'node:assert/strict';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { makeCertificate } from '../../../test/support/certificates.ts';
import {
  connectionOf,
  dnsOf,
  listen,
  messageFor,
  openHttp,
  openReceiver,
  type SeenRequest,
} from '../../../test/support/connection-fixture.ts';
import { systemClock } from '../../support/clock.ts';
import type { OutgoingHttpDeps } from '../../transport/outgoing-http.ts';
import type { OpenWebhook } from '../connections/alert-connection.ts';
import { newWebhookSecret } from '../connections/webhook-secret.ts';
import { SendError } from './alert-sender.ts';
import { createWebhookSender } from './webhook-sender.ts';

const CONTENT = {
  channel: 'webhook',
  type: 'call.started',
  data: { caller: 'Zoë “🚨” <b>', number: '+15125550100' },
} as const;
const never = new AbortController().signal;

type Sending = {
  webhook: OpenWebhook;
  gone: string[];
  send: (key?: string) => Promise<string>;
  /** How an attempt fails. */
  fail: () => Promise<SendError>;
};

function sending(
  t: TestContext,
  url: string,
  deps: Partial<OutgoingHttpDeps> = {},
  { timeoutSeconds = 10, nowMs = () => systemClock.nowMs() } = {},
): Sending {
  const made = connectionOf('webhook', { url });
  const webhook: OpenWebhook = { ...made, settings: { ...made.settings, timeoutSeconds } };
  const gone: string[] = [];
  const sender = createWebhookSender({
    http: openHttp(t, deps),
    find: (organizationId, id) =>
      organizationId === webhook.organizationId && id === webhook.id ? webhook : undefined,
    clock: { nowMs },
    onGone: (_webhook, reason) => gone.push(reason),
  });
  const send = async (key?: string): Promise<string> =>
    (await sender.send(messageFor(webhook, CONTENT, key === undefined ? {} : { key }), never)).response;
  return {
    webhook,
    gone,
    send,
    fail: () =>
      send().then(
        (response) => assert.fail(`accepted: ${response}`),
        (error: unknown) => (error instanceof SendError ? error : assert.fail(String(error))),
      ),
  };
}

/** As a receiver checks it, with the public library. */
function verify(secret: string, { body, headers }: SeenRequest): unknown {
  return new Webhook(secret).verify(body, headers as Record<string, string>);
}

function secretOf({ secrets }: OpenWebhook): string {
  return secrets.signing[0]?.secret ?? '';
}

test('a message arrives signed by Standard Webhooks, with one id on every attempt', async (t) => {
  let answers = 0;
  const receiver = await openReceiver(t, (_request, response) => {
    response.writeHead(answers++ === 0 ? 500 : 204).end();
  });
  const { webhook, send, fail } = sending(t, `${receiver.url}/hook?team=desk`);
  assert.equal((await fail()).isPermanent, false);
  assert.equal(await send(), 'HTTP 204');
  assert.equal(await send('b'.repeat(40)), 'HTTP 204');
  const [first, second, third] = receiver.seen;
  assert.ok(first && second && third);
  assert.equal(first.url, '/hook?team=desk');
  assert.equal(first.method, 'POST');
  assert.equal(first.headers['content-type'], 'application/json');
  const ids = receiver.seen.map(({ headers }) => headers['webhook-id']);
  assert.deepEqual(ids, ['a'.repeat(40), 'a'.repeat(40), 'b'.repeat(40)]);
  for (const request of receiver.seen) {
    assert.deepEqual(verify(secretOf(webhook), request), {
      type: CONTENT.type,
      timestamp: '2026-03-05T18:30:16.000Z',
      data: CONTENT.data,
    });
    assert.throws(() => verify(newWebhookSecret(), request), /No matching signature/);
    assert.throws(() => verify(secretOf(webhook), { ...request, body: `${request.body} ` }), /No matching signature/);
  }
});

test('while a secret is rotated both sign; the one before stops in its moment', async (t) => {
  const receiver = await openReceiver(t);
  const until = '2026-03-06T18:30:00.000Z';
  let nowMs = Date.parse(until) - 1;
  const { webhook, send } = sending(t, receiver.url, {}, { nowMs: () => nowMs });
  const newest = newWebhookSecret();
  const before = secretOf(webhook);
  webhook.secrets = {
    ...webhook.secrets,
    signing: [
      { secret: newest, until: null },
      { secret: before, until },
    ],
  };
  await send();
  nowMs += 1;
  await send();
  const signatures = receiver.seen.map(({ headers }) => String(headers['webhook-signature']).split(' '));
  assert.deepEqual(
    signatures.map((all) => all.length),
    [2, 1],
  );
  const signed = (secret: string, at: number): string => {
    const { body = '', headers = {} } = receiver.seen[at] ?? {};
    const seconds = Number(headers['webhook-timestamp']);
    return new Webhook(secret).sign(String(headers['webhook-id']), new Date(seconds * 1_000), body);
  };
  assert.deepEqual(signatures, [[signed(newest, 0), signed(before, 0)], [signed(newest, 1)]]);
});

test('410 ends it for good and is told; 429 and 503 say when to come back; everything else is tried again', async (t) => {
  const cases: [status: number, headers: Record<string, string>, permanent: boolean, seconds: number | undefined][] = [
    [410, {}, true, undefined],
    [429, { 'retry-after': '17' }, false, 17],
    [503, { 'retry-after': '999999' }, false, 3_600],
    [503, { 'retry-after': 'Thu, 05 Mar 2026 18:31:00 GMT' }, false, 60],
    [503, { 'retry-after': 'Thu, 05 Mar 2026 18:20:00 GMT' }, false, 0],
    [429, { 'retry-after': 'soon' }, false, undefined],
    [500, { 'retry-after': '17' }, false, undefined],
    [400, {}, false, undefined],
    [404, {}, false, undefined],
  ];
  for (const [status, headers, isPermanent, retryAfterSeconds] of cases) {
    const receiver = await openReceiver(t, (_request, response) => {
      response.writeHead(status, headers).end('the words\r\nof   the other side');
    });
    const nowMs = (): number => Date.parse('2026-03-05T18:30:00.000Z');
    const { gone, fail } = sending(t, receiver.url, {}, { nowMs });
    const error = await fail();
    const words = `HTTP ${status} the words of the other side`;
    assert.deepEqual(
      [error.message, error.isPermanent, error.retryAfterSeconds, gone],
      [words, isPermanent, retryAfterSeconds, status === 410 ? [words] : []],
    );
  }
});

test('redirects are not followed, wherever they lead', async (t) => {
  const inner = await openReceiver(t);
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of ['/again', inner.url, 'http://169.254.169.254/latest/meta-data', 'nonsense']) {
      const receiver = await openReceiver(
        t,
        (_request, response) => void response.writeHead(status, { location }).end(),
      );
      const error = await sending(t, receiver.url).fail();
      assert.match(error.message, new RegExp(`^127.0.0.1:\\d+ redirects \\(HTTP ${status}\\), which is not followed`));
      assert.equal(error.isPermanent, true);
      assert.equal(receiver.seen.length, 1);
    }
  }
  assert.deepEqual(inner.seen, []);
});

/** Sends bytes for as long as they are taken; tells how many were. */
function flood(socket: Socket, piece: Buffer): { readonly sent: number } {
  const told = { sent: 0 };
  const more = (): void => {
    while (!socket.destroyed && told.sent < 10_000_000_000) {
      told.sent += piece.length;
      if (!socket.write(piece)) return;
    }
  };
  socket.on('drain', more).on('error', () => undefined);
  more();
  return told;
}

test('an answer of 10 GB is cut off, and its status counts', async (t) => {
  const floods: { readonly sent: number }[] = [];
  const closed: Promise<unknown>[] = [];
  const server = createTcpServer((socket) => {
    closed.push(new Promise((resolve) => socket.on('close', resolve)));
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n');
      floods.push(flood(socket, Buffer.alloc(65_536, 'x')));
    });
  });
  const port = await listen(t, server);
  assert.match(await sending(t, `http://127.0.0.1:${port}/`).send(), /^HTTP 200 x{191}$/);
  await Promise.all(closed);
  assert.equal(floods.length, 1);
  const [{ sent } = { sent: 0 }] = floods;
  assert.ok(sent < 100_000_000, `${sent} bytes were taken`);
});

test('whatever a server does, an attempt ends in time with its reason', async (t) => {
  const timeoutSeconds = 0.4;
  const late = /^no answer of 127\.0\.0\.1:\d+ within 0\.4 s$/;
  const drip = (socket: Socket, first: string, again: string): void => {
    socket.write(first);
    const timer = setInterval(() => socket.write(again), 10);
    socket.on('close', () => clearInterval(timer));
  };
  const stages: [name: string, serve: (socket: Socket) => void, expected: RegExp | undefined][] = [
    ['says nothing', () => undefined, late],
    ['half a status line', (socket) => void socket.write('HTTP/1.1 2'), late],
    ['half a header', (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-'), late],
    [
      'header fields, one a moment, never an end',
      (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n'),
      /within 0\.4 s$|Header overflow/i,
    ],
    ['1xx for ever', (socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\n\r\n'), late],
    [
      'another protocol',
      (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
      /another protocol/,
    ],
    ['noise', (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n'), /Parse Error|HPE_/],
    [
      'a flood of header fields',
      (socket) => void flood(socket, Buffer.from(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(10_000)}`)),
      /Header overflow|HPE_HEADER/i,
    ],
    [
      'both lengths',
      (socket) =>
        void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'),
      /Parse Error|HPE_|can't be present/i,
    ],
    ['hangs up', (socket) => void socket.destroy(), /hang up|ECONNRESET/],
    // The status is there: whoever took the message need not say more.
    [
      'a body that never comes',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'),
      undefined,
    ],
    ['a body of drops', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n', 'x'), undefined],
    ['half a body', (socket) => void socket.end('HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nab'), undefined],
    [
      'wrong chunks',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
      undefined,
    ],
  ];
  await Promise.all(
    stages.map(async ([name, serve, expected]) => {
      const server = createTcpServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => serve(socket));
        t.after(() => socket.destroy());
      });
      const port = await listen(t, server);
      const attempt = sending(t, `http://127.0.0.1:${port}/`, {}, { timeoutSeconds });
      if (expected === undefined) return assert.match(await attempt.send(), /^HTTP 20[02]/, name);
      const error = await attempt.fail();
      assert.match(error.message, expected, name);
      assert.equal(error.isPermanent, false, name);
    }),
  );
});

test('nobody listens; a name that is not there; a name server that says nothing', async (t) => {
  const server = createTcpServer();
  const port = await listen(t, server);
  await new Promise((resolve) => server.close(resolve));
  const refused = await sending(t, `http://127.0.0.1:${port}/`).fail();
  assert.match(refused.message, /ECONNREFUSED/);
  assert.equal(refused.isUnreached, true);
  const gone = await sending(t, 'https://gone.example.org/').fail();
  assert.match(gone.message, /gone\.example\.org was not found/);
  assert.equal(gone.isPermanent, false);
  const dns = { fromHostsFile: () => [], addresses: () => new Promise<never>(() => undefined) };
  const silent = await sending(t, 'https://hook.example.org/', { dns }, { timeoutSeconds: 0.1 }).fail();
  assert.equal(silent.message, 'no answer of hook.example.org within 0.1 s');
});

test('private, loopback, link-local and metadata addresses are refused, by name too', async (t) => {
  const inner = await openReceiver(t);
  const mayAsk = (): boolean => false;
  for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '::1', 'fd00::1', 'fe80::1']) {
    const { dns } = dnsOf({ 'hook.example.org': [[address]] });
    const error = await sending(t, `http://hook.example.org:${inner.port}/`, { dns, mayAsk }).fail();
    assert.match(error.message, new RegExp(`hook.example.org is at ${address}, which may not be asked`));
    assert.equal(error.isPermanent, true);
  }
  assert.deepEqual(inner.seen, []);
});

test('a name that changes its address in between is asked at the address that was judged (DNS rebinding)', async (t) => {
  const receiver = await openReceiver(t);
  const other = createTcpServer(() => assert.fail('the address that was not judged was connected to'));
  other.listen(receiver.port, '127.0.0.2');
  t.after(() => other.close());
  const { dns, asked } = dnsOf({ 'hook.example.org': [['127.0.0.1'], ['127.0.0.2']] });
  const { send, fail } = sending(t, `http://hook.example.org:${receiver.port}/`, { dns });
  assert.equal(await send(), 'HTTP 200 ok');
  assert.deepEqual(asked, ['hook.example.org'], 'one look-up, for judging and connecting');
  assert.equal(receiver.seen[0]?.headers.host, `hook.example.org:${receiver.port}`);
  assert.match((await fail()).message, /is at 127\.0\.0\.2, which may not be asked/);
  assert.equal(receiver.seen.length, 1);
  // Of several addresses the permitted ones alone are tried.
  const mixed = dnsOf({ 'hook.example.org': [['127.0.0.2', '127.0.0.1']] });
  assert.equal(await sending(t, `http://hook.example.org:${receiver.port}/`, { dns: mixed.dns }).send(), 'HTTP 200 ok');
});

test('certificates are checked: unknown, expired, of another name; a handshake that hangs ends', async (t) => {
  const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
  const ca = Buffer.from(authority.cert);
  const dayMs = 86_400_000;
  const secure = async (material: { cert: string; key: string }): Promise<string> => {
    const server = createSecureServer({ cert: material.cert, key: material.key }, (_request, response) => {
      response.writeHead(200).end('ok');
    });
    return `https://127.0.0.1:${await listen(t, server)}/`;
  };
  const good = await secure(makeCertificate({ name: 'hook', issuer: authority }));
  assert.equal(await sending(t, good, { tls: { ca } }).send(), 'HTTP 200 ok');
  const bad: [string, RegExp][] = [
    [good, /UNABLE_TO_VERIFY|unable to verify/],
    [await secure(makeCertificate({ name: 'self' })), /SELF_SIGNED|UNABLE_TO_VERIFY/],
    [
      await secure(makeCertificate({ name: 'old', issuer: authority, validTo: new Date(Date.now() - dayMs / 2) })),
      /CERT_HAS_EXPIRED/,
    ],
    [
      await secure(
        makeCertificate({ name: 'other', issuer: authority, alternatives: { dnsNames: ['other.example.org'] } }),
      ),
      /ALTNAME_INVALID/,
    ],
  ];
  for (const [at, [url, expected]] of bad.entries()) {
    const error = await sending(t, url, at === 0 ? {} : { tls: { ca } }).fail();
    assert.match(error.message, expected);
    assert.equal(error.isPermanent, false);
  }
  const plain = await openReceiver(t);
  assert.match((await sending(t, `https://127.0.0.1:${plain.port}/`).fail()).message, /SSL|TLS|wrong version|EPROTO/i);
  const silent = await listen(
    t,
    createTcpServer((socket) => {
      t.after(() => socket.destroy());
    }),
  );
  const hangs = await sending(t, `https://127.0.0.1:${silent}/`, {}, { timeoutSeconds: 0.1 }).fail();
  assert.match(hangs.message, /within 0\.1 s$/);
});

test('what is switched off, or of nobody, is not sent; a receiver that echoes learns receipts no secret', async (t) => {
  const receiver = await openReceiver(t, (_request, response) => void response.end(`got ${secretOf(webhook)}`));
  const { webhook, send, fail } = sending(t, receiver.url);
  assert.equal(await send(), 'HTTP 200 got [redacted]');
  webhook.isEnabled = false;
  webhook.disabledReason = 'HTTP 410';
  const off = await fail();
  assert.deepEqual([off.message, off.isPermanent], ['Desk is switched off: HTTP 410', true]);
  webhook.organizationId = 'another';
  const sender = createWebhookSender({
    http: openHttp(t),
    find: () => undefined,
    clock: systemClock,
    onGone: () => assert.fail(),
  });
  await assert.rejects(sender.send(messageFor(webhook, CONTENT), never), {
    message: 'the webhook that this was for is no longer set up',
    isPermanent: true,
  });
  assert.equal(receiver.seen.length, 1);
});

test('many messages to one receiver share 16 connections, which are used again', async (t) => {
  const connections = new Set<Socket>();
  const held: (() => void)[] = [];
  const receiver = await openReceiver(t, (request, response) => {
    connections.add(request.socket);
    held.push(() => response.end());
    if (held.length === 16 || connections.size > 16) for (const answer of held.splice(0)) answer();
  });
  const { send } = sending(t, receiver.url);
  await Promise.all(Array.from({ length: 64 }, () => send()));
  assert.equal(receiver.seen.length, 64);
  assert.equal(connections.size, 16);
});

test('the end waits for messages under way', async (t) => {
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>();
  const receiver = await openReceiver(t, (_request, response) => {
    asked();
    void mayAnswer.then(() => response.end());
  });
  const webhook = connectionOf('webhook', { url: receiver.url });
  const sender = createWebhookSender({
    http: openHttp(t),
    find: () => webhook,
    clock: systemClock,
    onGone: () => assert.fail(),
  });
  const sent = sender.send(messageFor(webhook, CONTENT), never);
  await isAsked;
  let isStopped = false;
  const stopping = sender.stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isStopped, false);
  answer();
  assert.equal((await sent).response, 'HTTP 200');
  await stopping;
});
