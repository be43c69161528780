import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ProblemError } from '../domain/problem.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createMetrics } from '../support/metrics.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { createPostConnections } from './post-connections.ts';
import type { RawRequest } from './raw-doors.ts';

const BODY_LIMIT = 200;

function show({ method, params, headers, body, sourceAddress }: RawRequest): string {
  return JSON.stringify({
    method,
    params,
    headers: Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1)),
    body: body.toString('latin1'),
    sourceAddress,
  });
}

/** Doors that tell what they were asked, each in its own way; `slow` waits until it is let go. */
async function startDoors(t?: TestContext) {
  const letGo = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    trustedProxies: ['127.0.0.1'],
    clock: systemClock,
    limits: { perMinute: 0, concurrent: 0 },
    logger: createLogger('silent'),
    metrics: createMetrics({ processMetrics: false }),
    authenticate: () => Promise.reject(new ProblemError('unauthenticated', 'nobody')),
    decodeOrganizationId: (text) => text,
    describeProblem: (problem) => ({ status: problem === null ? 500 : 400, body: { problem: problem?.kind } }),
  });
  const mount = (path: string, handle: Parameters<HttpServer['mountRaw']>[0]['handle']): void =>
    server.mountRaw({ methods: ['POST'], path, bodyLimit: BODY_LIMIT, handle });
  const contentType = 'text/plain;charset=utf-8';
  mount('/door', (request) => ({ status: 200, contentType, headers: { 'X-Seen': 'yes' }, body: show(request) }));
  mount('/door/:name', (request) => ({ status: 404, contentType, body: `é€ ${show(request)}` }));
  mount('/bytes', ({ body }) => Promise.resolve({ status: 307, contentType, headers: { location: '/x' }, body }));
  mount('/odd', () => ({ status: 200, contentType, headers: { 'x-odd': 'two\nlines' }, body: 'x' }));
  mount('/bug', () => Promise.reject(new Error('a bug')));
  mount('/large', () => ({ status: 200, contentType, body: 'x'.repeat(4_000_000) }));
  mount('/slow', async () => {
    entered.resolve();
    await letGo.promise;
    return { status: 200, contentType, body: 'slow' };
  });
  const { port } = await server.listen();
  t?.after(() => server.close());
  return { server, port, letGo: () => letGo.resolve(), entered: entered.promise };
}

let port = 0;
let shared: HttpServer;
before(async () => {
  const doors = await startDoors();
  port = doors.port;
  shared = doors.server;
});
after(() => shared.close());

/** A client that may say that it has no more to ask, and still listen. */
function open(t: TestContext | undefined, to = port): Socket {
  const socket = connect({ port: to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  socket.on('error', () => undefined);
  t?.after(() => socket.destroy());
  return socket;
}

/** What changes from one answer to the next without a reason in the request. */
function timeless(text: string): string {
  return text.replaceAll(/\r\nDate: [^\r]+/g, '\r\nDate: -').replaceAll(/WAYMARK_[0-9a-f-]{36}/g, 'WAYMARK_-');
}

/** Bytes of the first answer in a text, or 0 when it is not whole. */
function answerLength(text: string): number {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return 0;
  const length = end + 4 + Number(/\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
  return length <= text.length ? length : 0;
}

/** Sends pieces, each after the one before has left, and reads so many answers, or all until the connection ends. */
async function ask(pieces: readonly string[], answers = Number.POSITIVE_INFINITY, to = port): Promise<string> {
  const socket = open(undefined, to);
  socket.setEncoding('latin1');
  let text = '';
  const done = new Promise<void>((resolve) => {
    let read = 0;
    let count = 0;
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let length = answerLength(text.slice(read)); length > 0; length = answerLength(text.slice(read))) {
        read += length;
        count += 1;
      }
      if (count >= answers) resolve();
    });
    socket.on('end', resolve);
    socket.on('close', resolve);
  });
  await once(socket, 'connect');
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
    // A turn of the event loop, so that the server may see the pieces apart.
    await new Promise(setImmediate);
  }
  await done;
  socket.destroy();
  return timeless(text);
}

/** What comes in answer to a client that sends all and then says that this was all. */
async function askAndEnd(request: string): Promise<string> {
  const socket = open(undefined);
  socket.setEncoding('latin1');
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = once(socket, 'close');
  socket.on('end', () => socket.destroy());
  socket.end(request, 'latin1');
  await closed;
  return timeless(text);
}

/** RFC 9112 §2.2: an empty line before a request means nothing, and is nothing that is answered directly. */
const throughNode = (request: string): string => `\r\n${request}`;

function post(path: string, body: string, fields: readonly string[] = []): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: ${body.length}\r\n\r\n${body}`;
}

const REQUESTS = [
  post('/door', 'body'),
  post('/door', ''),
  post('/door/', 'x', ['Connection: Keep-Alive']),
  post('/door', 'x', ['connection: close']),
  post('/door?query', 'x'),
  post('/door', 'x', ['X-Forwarded-For: 192.0.2.7']),
  post('/door', 'x', ['X-Forwarded-For: 192.0.2.7', 'X-Forwarded-For: 192.0.2.8']),
  post('/door', 'x', ['Accept: a', 'accept: b']),
  post('/door', 'x', ['Authorization: Basic YTpi', 'Content-Type:application/held+xml ']),
  post('/door', 'x', ['A:\tb']),
  post('/door', 'x', ['A: \u00e9']),
  post('/door', 'x', ['A: b', ' folded']),
  post('/door', 'x', ['A : b']),
  post('/door', 'x', ['Host: y']),
  post('/door', 'x', ['Content-Length: 1']),
  post('/door', 'x', ['Content-Length: 2']),
  post('/door', 'x', ['Transfer-Encoding: chunked']),
  post('/door', 'x', ['Expect: 100-continue']),
  post('/door', 'x', ['Upgrade: h2c', 'Connection: upgrade']),
  post('/door', 'x', ['A: b\rC: d']),
  post('/door', 'x', ['A: b\nC: d']),
  post('/door', 'x', ['A: \0']),
  post('/door', 'x', ['__proto__: y', 'constructor: z']),
  post('/door', 'x', [`A: ${'y'.repeat(20_000)}`]),
  post('/door', 'x').replace('Host: x\r\n', ''),
  post('/door', 'x').replace('HTTP/1.1', 'HTTP/1.0'),
  post('/door', 'x').replace('HTTP/1.1', 'HTTP/1.2'),
  post('/door', 'x').replace(': 1', ': +1'),
  post('/door', 'x').replace(': 1', ': 01'),
  post('/door', 'x').replace(': 1', ': 0x1'),
  post('/door', 'x').replace(': 1', ':'),
  post('/door', 'x').replace('POST', 'post'),
  post('/door', 'x').replace('POST', 'GET'),
  post('http://other/door', 'x'),
  post('/door', 'x'.repeat(BODY_LIMIT)),
  post('/door', 'x'.repeat(BODY_LIMIT + 1)),
  post('/door/a%20b', 'x'),
  post('/door/a%zz', 'x'),
  post('/bytes', '\u00ff\u0000\u0080'),
  post('/odd', 'x'),
  post('/bug', 'x'),
  post('/nothing', 'x'),
  'POST /door HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
];

test('each request gets the same answer as through node:http, in one piece and in two', async () => {
  for (const request of REQUESTS) {
    const expected = await ask([throughNode(request)], 1);
    assert.equal(await ask([request], 1), expected, request);
    assert.equal(await ask([request.slice(0, 30), request.slice(30)], 1), expected, request);
  }
});

test('the answer to an ordinary request is as node:http writes it', async () => {
  const answer = await ask([post('/door', 'body')], 1);
  assert.match(
    answer,
    /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/plain;charset=utf-8\r\nX-Seen: yes\r\ncontent-length: \d+\r\n/,
  );
  assert.match(
    answer,
    /\r\nDate: -\r\nConnection: keep-alive\r\nKeep-Alive: timeout=72\r\n\r\n\{"method":"POST".*"body":"body"/,
  );
});

const fieldName = fc.constantFrom(
  'Accept',
  'user-agent',
  'X-Forwarded-For',
  'Content-TYPE',
  'Authorization',
  'Cookie',
  'x-a',
);
const fieldValue = fc.string({
  unit: fc.constantFrom('a', 'b', '1', ',', ';', '=', '"', '/', '*', ' '),
  maxLength: 12,
});
const validRequest = fc
  .record({
    path: fc.constantFrom('/door', '/door/', '/door/name', '/door/a%20b', '/bytes'),
    fields: fc.uniqueArray(fc.tuple(fieldName, fieldValue, fc.constantFrom('', ' ', '  ')), {
      selector: ([name]) => name,
      maxLength: 5,
    }),
    host: fc.constantFrom('Host: x', 'host:x', 'HOST:  x:80 '),
    body: fc.string({ unit: fc.constantFrom('a', '\r', '\n', '\u00ff', '\0', '<'), maxLength: 40 }),
    order: fc.nat(),
  })
  .map(({ path, fields, host, body, order }) => {
    const lines = fields.map(([name, value, space]) => `${name}:${space}${value}${space}`);
    lines.splice(order % (lines.length + 1), 0, host);
    lines.splice(order % (lines.length + 1), 0, `content-LENGTH: ${body.length}`);
    return `POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
  });

test('property: a valid request is answered as through node:http, wherever it is split', async () => {
  await fc.assert(
    fc.asyncProperty(validRequest, fc.nat(), async (request, at) => {
      const expected = await ask([throughNode(request)], 1);
      assert.match(expected, /^HTTP\/1\.1 (200|307|404) /);
      assert.equal(await ask([request], 1), expected);
      const split = at % request.length;
      assert.equal(await ask([request.slice(0, split), request.slice(split)], 1), expected);
    }),
    { numRuns: 100 },
  );
});

const oddText = fc.constantFrom(
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  '\u00e9',
  '0',
  ',',
  'Host: y\r\n',
  'Content-Length: 3\r\n',
);

test('property: a request with something wrong in it is answered, or refused, as by node:http', async () => {
  await fc.assert(
    fc.asyncProperty(validRequest, fc.nat(), fc.nat({ max: 3 }), oddText, async (request, where, removed, text) => {
      const at = where % request.length;
      const changed = request.slice(0, at) + text + request.slice(at + removed);
      assert.equal(await askAndEnd(changed), await askAndEnd(throughNode(changed)));
    }),
    { numRuns: 200 },
  );
});

test('10,000 requests on one connection, then what only node:http answers, then more', async (t) => {
  const socket = open(t);
  socket.setEncoding('latin1');
  const request = post('/door', 'x');
  const exchange = async (text: string): Promise<string> => {
    socket.write(text);
    let answer = '';
    while (answerLength(answer) === 0) answer += String((await once(socket, 'data'))[0]);
    return timeless(answer);
  };
  const first = await exchange(request);
  for (let count = 1; count < 10_000; count += 1) assert.equal(await exchange(request), first);
  assert.match(await exchange('GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 400 /);
  assert.equal(await exchange(request), first);
});

test('requests sent before the answer to the first are answered in order', async (t) => {
  const { port: own, letGo, entered } = await startDoors(t);
  const rest = Array.from({ length: 50 }, (_, index) => post(index % 3 === 0 ? '/bytes' : '/door', `n${index}`));
  for (const pieces of [
    [post('/slow', 'x'), ...rest],
    [post('/slow', 'x') + rest.join('')],
    [post('/slow', 'x'), rest.join('')],
  ]) {
    const answers = ask(pieces, 51, own);
    await entered;
    letGo();
    const text = await answers;
    const seen = [...text.matchAll(/n(\d+)/g)].map(([, index]) => Number(index));
    assert.ok(text.includes('\r\n\r\nslow'));
    assert.deepEqual(
      seen,
      Array.from({ length: 50 }, (_, index) => index),
    );
  }
});

test('a client that says that it has no more to ask still gets its answer', async (t) => {
  const { port: own, letGo, entered } = await startDoors(t);
  const socket = open(t, own);
  socket.end(post('/slow', 'x'));
  await entered;
  letGo();
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /\r\n\r\nslow$/);
});

test('an answer that nobody reads holds up its connection alone', async (t) => {
  const socket = open(t);
  socket.pause();
  socket.write(post('/large', 'x'));
  socket.write(post('/door', 'after'));
  assert.match(await ask([post('/door', 'other')], 1), /other/);
  let bytes = 0;
  let tail = '';
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    tail = (tail + chunk.toString('latin1')).slice(-4_000);
  });
  socket.resume();
  while (!tail.includes('"body":"after"')) await once(socket, 'data');
  assert.ok(bytes > 4_000_000);
});

test('a connection that is reset while its request is handled harms nobody', async (t) => {
  const { port: own, letGo, entered } = await startDoors(t);
  const socket = open(t, own);
  socket.write(post('/slow', 'x'));
  await entered;
  socket.resetAndDestroy();
  await once(socket, 'close');
  letGo();
  assert.match(await ask([post('/door', 'x')], 1, own), /^HTTP\/1\.1 200 /);
});

test('closing answers what is under way, says that the connection ends, and ends idle ones', async (t) => {
  const { server, port: own, letGo, entered } = await startDoors(t);
  const idle = open(t, own);
  idle.write(post('/door', 'x'));
  await once(idle, 'data');
  const socket = open(t, own);
  socket.write(post('/slow', 'x'));
  await entered;
  const closed = server.close();
  idle.resume();
  await once(idle, 'end');
  letGo();
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /\r\nConnection: close\r\n\r\nslow$/);
  await closed;
});

/** Connections alone, with a door that answers `well` to `/door`, and a note of what is handed over. */
async function startConnections(t: TestContext, timeouts: { headersTimeoutMs: number; keepAliveTimeoutMs: number }) {
  const handedOver: string[] = [];
  const route = { methods: ['POST'], path: '/door', bodyLimit: 10, handle: () => assert.fail() } as const;
  const connections = createPostConnections({
    clock: systemClock,
    ...timeouts,
    doors: {
      findPost: (path) => (path === '/door' ? { mounted: { route, count: () => undefined }, params: {} } : undefined),
      serve: (_door, _asker, _body, reply) => reply.send({ status: 200, contentType: 'text/plain', body: 'well' }),
    },
    handOver(socket) {
      socket.once('data', (bytes: Buffer) => {
        handedOver.push(bytes.toString());
        socket.destroy();
      });
      socket.on('error', () => undefined);
    },
  });
  const server = createServer({ allowHalfOpen: true }, (socket) => connections.take(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, handedOver };
}

test('only what is whole and ordinary stays; the rest is handed over with all its bytes', async (t) => {
  const { port: own, handedOver } = await startConnections(t, { headersTimeoutMs: 10_000, keepAliveTimeoutMs: 72_000 });
  const usual = post('/door', 'x', ['User-Agent: curl/7.88.1', 'Accept: */*', 'Content-Type: application/lost+xml']);
  assert.match(await ask([usual], 1, own), /\r\n\r\nwell$/);
  assert.deepEqual(handedOver, []);
  const others = [post('/door', 'x', ['A: b', 'a: c']), post('/else', 'x'), usual.slice(0, -1), usual + usual];
  for (const other of others) await ask([other], 2, own);
  assert.deepEqual(handedOver, others);
});

test('a connection that says nothing is told 408, and one that has been answered is closed when its time is over', async (t) => {
  const { port: own } = await startConnections(t, { headersTimeoutMs: 20, keepAliveTimeoutMs: 0 });
  assert.match(await ask([], 1, own), /^HTTP\/1\.1 408 Request Timeout\r\nConnection: close\r\n\r\n$/);
  assert.match(await ask([post('/door', 'x')], 2, own), /\r\n\r\nwell$/);
});
