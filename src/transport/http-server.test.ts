import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Type } from 'typebox';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { systemClock } from '../support/clock.ts';
import { createLogger } from '../support/logger.ts';
import { createMetrics } from '../support/metrics.ts';
import { createHttpServer } from './http-server.ts';
import type { RateLimits } from './rate-limit.ts';
import { defineRoute } from './rest-route.ts';

const SCOPE: Scope = {
  organizationId: '',
  homeOrganizationId: '',
  tokenId: 'test',
  trackingId: '',
  role: 'fullAdmin',
  scopes: new Set(['waymark:read']),
};
const ACCESS = { roles: ['fullAdmin'], anyScope: ['waymark:read'] } as const;

type Envelope = { message: string; errors: { description: string }[]; trackingId: string };

/** A server with one route of each kind; `slow` waits until it is let go. */
async function startServer(
  t: TestContext,
  limits: RateLimits = { perMinute: 0, concurrent: 0 },
  options: { maxConnections?: number } = {},
) {
  let linesRead = 0;
  async function* lines() {
    for (; linesRead < 1_000; linesRead += 1) {
      await Promise.resolve();
      yield 'a line\n';
    }
  }
  const letGo = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    clock: systemClock,
    limits,
    ...options,
    logger: createLogger('silent'),
    metrics: createMetrics({ processMetrics: false }),
    authenticate: () => Promise.resolve(SCOPE),
    decodeOrganizationId: (text) => text,
    describeProblem: (problem, trackingId) => ({
      status:
        problem === null
          ? 500
          : ({ 'method-not-allowed': 405, 'too-many-requests': 429, locked: 423, 'not-found': 404, unavailable: 503 }[
              problem.kind as string
            ] ?? 400),
      headers: { 'retry-after': String(problem?.retryAfterSeconds) },
      body: {
        message: problem?.message ?? 'bug',
        errors: (problem?.fields ?? []).map(({ path, message }) => ({ description: `${path} ${message}` })),
        trackingId,
      },
    }),
  });
  const common = { summary: '', tags: [], responses: { 200: Type.Unknown() } };
  const routes = [
    defineRoute({
      ...common,
      operationId: 'read',
      method: 'GET',
      path: '/things/{id}',
      query: Type.Object({ name: Type.Optional(Type.String()) }),
      handle: ({ query }) => Promise.resolve({ status: 200, body: query }),
    }),
    defineRoute({
      ...common,
      operationId: 'address',
      method: 'GET',
      path: '/address',
      handle: ({ absoluteUrl }) => Promise.resolve({ status: 200, body: absoluteUrl.href }),
    }),
    defineRoute({
      ...common,
      operationId: 'lines',
      method: 'GET',
      path: '/lines',
      handle: () => Promise.resolve({ status: 200, headers: { 'content-type': 'text/plain' }, stream: lines() }),
    }),
    defineRoute<unknown>({
      ...common,
      operationId: 'write',
      method: 'PUT',
      path: '/only-put',
      body: Type.Object({}),
      handle: ({ body }) => Promise.resolve({ status: 200, body }),
    }),
    defineRoute<string>({
      ...common,
      operationId: 'text',
      method: 'POST',
      path: '/text',
      body: Type.Unknown(),
      bodyAsText: true,
      handle: ({ body }) => Promise.resolve({ status: 200, body: { type: typeof body, length: body.length } }),
    }),
    defineRoute<unknown>({
      ...common,
      operationId: 'csv',
      method: 'POST',
      path: '/csv',
      body: Type.Unknown(),
      bodyType: 'text/csv',
      bodyLimit: 100_000,
      handle: ({ body }) => Promise.resolve({ status: 200, body }),
    }),
    defineRoute({
      ...common,
      operationId: 'slow',
      method: 'GET',
      path: '/slow',
      async handle() {
        entered.resolve();
        await letGo.promise;
        return { status: 200, body: 'done' };
      },
    }),
    defineRoute({
      ...common,
      operationId: 'bug',
      method: 'GET',
      path: '/bug',
      // What a bug of ours may throw: no fault of the asker.
      handle: () => Promise.reject(new SyntaxError('bad regular expression')),
    }),
    defineRoute({
      ...common,
      operationId: 'failing',
      method: 'GET',
      path: '/failing/{code}',
      handle: ({ params }) => Promise.reject(Object.assign(new Error('the database'), { code: params['code'] })),
    }),
    defineRoute({
      ...common,
      operationId: 'refused',
      method: 'GET',
      path: '/refused',
      handle: () => Promise.reject(new ProblemError('not-found', 'no such thing')),
    }),
  ];
  // None of these is in the table of rights.
  server.mountRest(routes.map((route) => ({ ...route, access: ACCESS })));
  server.mountRaw({
    methods: ['POST'],
    path: '/raw',
    bodyLimit: 100,
    handle: () => ({ status: 200, contentType: 'text/plain', body: 'raw' }),
  });
  server.mountRaw({
    methods: ['GET'],
    path: '/raw/database',
    bodyLimit: 1,
    handle: () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })),
  });
  server.mountRaw({
    methods: ['GET'],
    path: '/raw/named/:name',
    bodyLimit: 1,
    handle: ({ params: { name = '' } }) => ({
      status: 200,
      contentType: 'text/plain',
      headers: { 'x-name': name === 'odd' ? 'two\nlines' : name },
      body: name,
    }),
  });
  const { url } = await server.listen();
  t.after(() => server.close());
  const ask = (method: string, path: string, body?: string, authorization = 'Bearer one') =>
    fetch(url + path, {
      method,
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body }),
    });
  return { server, url, ask, letGo: () => letGo.resolve(), entered: entered.promise, linesRead: () => linesRead };
}

async function envelope(answer: Response, status: number): Promise<Envelope> {
  assert.equal(answer.status, status);
  const body = (await answer.json()) as Envelope;
  assert.equal(body.trackingId, answer.headers.get('trackingid'));
  return body;
}

/** The status line and headers of a request that fetch does not send. */
async function rawAnswer(url: string, method: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.end(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('a method that a resource lacks is answered 405 with Allow, on REST and raw routes, OPTIONS and TRACE included', async (t) => {
  const { ask, url } = await startServer(t);
  for (const [method, path, allow] of [
    ['OPTIONS', '/things/1', 'GET, HEAD'],
    ['DELETE', '/things/1', 'GET, HEAD'],
    ['HEAD', '/only-put', 'PUT'],
    ['GET', '/raw', 'POST'],
    ['OPTIONS', '/raw', 'POST'],
  ] as const) {
    const answer = await ask(method, path);
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.headers.get('allow'), allow);
  }
  assert.match(await rawAnswer(url, 'TRACE', '/raw'), /^HTTP\/1\.1 405 [\s\S]*allow: POST/);
  assert.equal((await ask('HEAD', '/things/1')).status, 200);
  assert.equal((await ask('OPTIONS', '/nothing')).status, 404);
});

test('a URI that cannot be read, or names too much, is answered with the envelope', async (t) => {
  const { ask } = await startServer(t);
  const { message } = await envelope(await ask('GET', '/things/%ED%A0%80'), 400);
  assert.doesNotMatch(message, /body/);
  await envelope(await ask('GET', `/things/${'x'.repeat(1_100)}`), 404);
});

test('texts that cannot be stored are refused where they stand, however deep', async (t) => {
  const { ask } = await startServer(t);
  const refused = async (method: string, path: string, body?: string) =>
    (await envelope(await ask(method, path, body), 400)).errors[0]?.description;
  assert.equal(await refused('GET', '/things/1?name=a%00b'), 'name holds a NUL character');
  assert.equal(await refused('PUT', '/only-put', '{"a":{"b":["x","\\u0000"]}}'), 'a.b.1 holds a NUL character');
  assert.equal(await refused('PUT', '/only-put', '{"a":"\\ud800"}'), 'a holds half of a surrogate pair');
  assert.equal(await refused('PUT', '/only-put', '{"a":{"\\u0000":1}}'), 'a has a name that holds a NUL character');
  const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  assert.equal(await refused('PUT', '/only-put', deep), 'a.0.0 is nested too deeply');
  assert.equal((await ask('PUT', '/only-put', '{"a":"\\ud83d\\ude00"}')).status, 200);
});

test('a route that reads JSON by itself gets the text, also an empty one', async (t) => {
  const { ask } = await startServer(t);
  const deep = '['.repeat(200_000);
  assert.deepEqual(await (await ask('POST', '/text', deep)).json(), { type: 'string', length: 200_000 });
  assert.deepEqual(await (await ask('POST', '/text', '')).json(), { type: 'string', length: 0 });
});

test('broken JSON is told once, and an error of ours is not blamed on the asker', async (t) => {
  const { ask } = await startServer(t);
  const { message } = await envelope(await ask('PUT', '/only-put', '{"a":'), 400);
  assert.equal(message, 'The request body is not valid JSON.');
  await envelope(await ask('GET', '/bug'), 500);
  await envelope(await ask('GET', '/refused'), 404);
  await envelope(await ask('GET', '/raw/database'), 503);
});

test('a token that asks too often is answered 429 with the seconds to wait; others and raw doors are not', async (t) => {
  const { ask } = await startServer(t, { perMinute: 3, concurrent: 0 });
  for (let count = 0; count < 3; count += 1) assert.equal((await ask('GET', '/things/1')).status, 200);
  const refused = await ask('GET', '/things/1');
  await envelope(refused, 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^(1\d|20)$/);
  for (const spelling of ['bearer one', 'Bearer  one', 'BEARER one  ']) {
    assert.equal((await ask('GET', '/things/1', undefined, spelling)).status, 429, 'the same token in other letters');
  }
  assert.equal((await ask('GET', '/things/1', undefined, 'Bearer two')).status, 200);
  for (let count = 0; count < 5; count += 1) assert.equal((await ask('POST', '/raw', 'x')).status, 200);
});

test('HEAD of a streamed answer makes nothing of what it would hold', async (t) => {
  const { ask, linesRead } = await startServer(t);
  const head = await ask('HEAD', '/lines');
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-type'), 'text/plain');
  // A second request on the same connection is answered after the first has ended.
  await ask('HEAD', '/things/1');
  assert.equal(linesRead(), 0);
  assert.equal((await (await ask('GET', '/lines')).text()).length, 7_000);
});

test('the address of an answer is ours, whatever host the request line names', async (t) => {
  const { url } = await startServer(t);
  for (const target of ['/address?a=b', 'http://evil.example/address?a=b', 'HTTPS://u@evil.example:1/address?a=b']) {
    assert.match(await rawAnswer(url, 'GET', target), /\r\n\r\n"http:\/\/127\.0\.0\.1\/address\?a=b"$/, target);
  }
});

test('a body of more values than any list of ours is refused, before it is looked at closely', async (t) => {
  const { ask } = await startServer(t);
  for (const [body, path] of [
    [`{"a":[${'0,'.repeat(20_000)}0]}`, 'a '],
    [`[${'[],'.repeat(20_000)}[]]`, 'body '],
    [`{${Array.from({ length: 20_001 }, (_, index) => `"${index}":0`).join()}}`, 'body '],
  ] as const) {
    const { message } = await envelope(await ask('PUT', '/only-put', body), 400);
    assert.equal(message, `The body is not valid: ${path}brings the values to more than 20000`);
  }
  assert.equal((await ask('PUT', '/only-put', `{"a":[${'0,'.repeat(19_000)}0]}`)).status, 200);
  const { message } = await envelope(await ask('PUT', '/only-put', `[${'[],'.repeat(90_000)}[]]`), 400);
  assert.match(message, /too large/, 'not even parsed');
});

test('a server that has all its connections closes idle ones and lets the next in', async (t) => {
  const { url } = await startServer(t, undefined, { maxConnections: 2 });
  const { hostname, port } = new URL(url);
  const open = async () => {
    const socket = connect(Number(port), hostname);
    t.after(() => socket.destroy());
    socket.write('POST /raw HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx');
    const answer = await Promise.race([
      once(socket, 'data').then(([bytes]) => String(bytes)),
      once(socket, 'close').then(() => 'closed'),
    ]);
    return answer.slice(0, 15);
  };
  assert.equal(await open(), 'HTTP/1.1 200 OK');
  assert.equal(await open(), 'HTTP/1.1 200 OK');
  assert.equal(await open(), 'closed');
  let again = await open();
  // The server hears of closed connections a moment later.
  for (let count = 0; again === 'closed' && count < 100; count += 1) again = await open();
  assert.equal(again, 'HTTP/1.1 200 OK');
});

test('requests under way are limited by token, and let in again when one has ended', async (t) => {
  const { ask, letGo, entered } = await startServer(t, { perMinute: 0, concurrent: 1 });
  const slow = ask('GET', '/slow');
  await entered;
  const refused = await ask('GET', '/things/1');
  await envelope(refused, 429);
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await ask('GET', '/things/1', undefined, 'Bearer two')).status, 200);
  letGo();
  await (await slow).text();
  // The end of an answer is noted when the connection is free again, a turn after the client has it.
  let again = await ask('GET', '/refused');
  for (let count = 0; again.status === 429 && count < 100; count += 1) again = await ask('GET', '/refused');
  assert.equal(again.status, 404);
});

test('a request that gave way to another one is answered 423, one without the database 503, both with Retry-After', async (t) => {
  const { ask } = await startServer(t);
  for (const [code, status, wait] of [
    ['55P03', 423, '1'],
    ['40001', 423, '1'],
    ['40P01', 423, '1'],
    ['57P01', 503, '5'],
    ['ECONNREFUSED', 503, '5'],
  ] as const) {
    const answer = await ask('GET', `/failing/${code}`);
    await envelope(answer, status);
    assert.equal(answer.headers.get('retry-after'), wait, code);
  }
});

test('an id that no text column holds names nothing', async (t) => {
  const { ask } = await startServer(t);
  await envelope(await ask('GET', '/things/a%00b'), 404);
});

test('closing lets a request under way finish', async (t) => {
  const { ask, server, letGo, entered } = await startServer(t);
  const answer = ask('GET', '/slow');
  await entered;
  const closed = server.close();
  letGo();
  assert.equal(await (await answer).json(), 'done');
  await closed;
});

test('raw doors: each of many requests at once gets its own answer, and one that cannot be written harms no other', async (t) => {
  const { ask } = await startServer(t);
  const names = Array.from({ length: 200 }, (_, index) => (index % 10 === 3 ? 'odd' : `n${index}`));
  const answers = await Promise.all(names.map((name) => ask('GET', `/raw/named/${name}`)));
  for (const [index, answer] of answers.entries()) {
    const text = await answer.text();
    if (names[index] === 'odd') assert.equal(answer.status, 500);
    else assert.deepEqual([answer.status, text], [200, names[index]]);
  }
});

test('a client that reads only after it has sent everything gets its answer, also where the body is refused', async (t) => {
  const { url } = await startServer(t);
  const size = 20 * 1024 * 1024;
  for (const [path, type] of [
    ['/raw', 'application/json'],
    ['/text', 'application/json'],
    // Read by the route, which gives up in the middle.
    ['/csv', 'text/csv'],
  ] as const) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    t.after(() => socket.destroy());
    socket.pause();
    const failed = once(socket, 'error').then(([error]) => Promise.reject(error as Error));
    const head = `Content-Type: ${type}\r\nAuthorization: Bearer x`;
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${head}\r\nContent-Length: ${size}\r\n\r\n`);
    const part = Buffer.alloc(64 * 1024, 'a');
    for (let sent = 0; sent < size; sent += part.length) {
      if (!socket.write(part)) await Promise.race([once(socket, 'drain'), failed]);
    }
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
    });
    socket.resume();
    await Promise.race([once(socket, 'end'), failed]);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*(larger|too large)/, path);
  }
});
