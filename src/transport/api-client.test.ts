import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { ApiError, createApiClient, NoAnswerError } from './api-client.ts';
import { readPages } from './read-pages.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, turn: number) => void;

async function serve(t: TestContext, answer: Answer): Promise<{ baseUrl: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response, asked.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const client = (baseUrl: string, repeats = 0) =>
  createApiClient({ baseUrl, token: 'secret', repeats, firstPauseMs: 1 });

test('429 is waited for as long as Retry-After says, for writes too', async (t) => {
  let refusedMs = 0;
  let waitedMs = 0;
  const { baseUrl, asked } = await serve(t, (_request, response, turn) => {
    if (turn === 1) {
      refusedMs = performance.now();
      response.writeHead(429, { 'retry-after': '1' }).end('{}');
    } else {
      waitedMs = performance.now() - refusedMs;
      response.end('{"id":"x"}');
    }
  });
  assert.deepEqual(await client(baseUrl).request('POST', 'v1/people', {}), { id: 'x' });
  assert.equal(asked.length, 2);
  // Timers may fire a millisecond early.
  assert.ok(waitedMs >= 990, String(waitedMs));
});

test('a GET is repeated after 5xx, nonsense and broken lines, as often as told; a write never', async (t) => {
  const { baseUrl, asked } = await serve(t, (request, response, turn) => {
    if (request.method === 'POST') response.writeHead(503).end('{"message":"later"}');
    else if (turn === 1) response.writeHead(502).end('<html>');
    else if (turn === 2) response.end('<html>');
    else if (turn === 3) request.socket.destroy();
    else response.end('{"items":[]}');
  });
  assert.deepEqual(await client(baseUrl, 3).request('GET', 'v1/people'), { items: [] });
  assert.equal(asked.length, 4);
  await assert.rejects(client(baseUrl, 3).request('POST', 'v1/people', {}), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.status, 503);
    assert.equal(error.message, 'later');
    return true;
  });
  assert.equal(asked.length, 5);
});

test('what a server refuses is an error with its words; 4xx is not repeated, redirects are not followed', async (t) => {
  const { baseUrl, asked } = await serve(t, (request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/elsewhere' }).end();
    else
      response.writeHead(400).end('{"message":"no","errors":[{"description":"a: is wrong"},null,{"description":7}]}');
  });
  await assert.rejects(client(baseUrl, 3).request('GET', 'x'), /^ApiError: no\n {2}- a: is wrong$/);
  await assert.rejects(client(baseUrl, 3).request('GET', 'moved'), { name: 'ApiError', status: 302 });
  assert.deepEqual(asked, ['GET /x', 'GET /moved']);
});

test('nobody there, and an answer without end, are told as no answer', async (t) => {
  const { baseUrl } = await serve(t, (_request, response) => response.end('x'.repeat(2_000)));
  const bounded = createApiClient({ baseUrl, token: 'secret', maxBytes: 1_000 });
  await assert.rejects(bounded.request('GET', 'x'), { name: 'NoAnswerError', message: /larger than 1000 bytes/ });
  const { baseUrl: silent } = await serve(t, () => undefined);
  const hasty = createApiClient({ baseUrl: silent, token: 'secret', timeoutMs: 50 });
  await assert.rejects(hasty.request('GET', 'x'), { name: 'NoAnswerError', message: /did not answer in time/ });
  await assert.rejects(client('http://127.0.0.1:1').request('GET', 'x'), NoAnswerError);
});

const linked = (response: ServerResponse, link: string, items: readonly number[]) =>
  response.setHeader('link', link).end(JSON.stringify({ items }));

test('links are followed as they are, until there is none or a page is empty', async (t) => {
  const { baseUrl, asked } = await serve(t, (request, response, turn) => {
    if (turn === 1)
      linked(response, `</first>; rel="first", <${origin(request)}/v1/x?c=%2Bq>; title="a>b"; rel=next`, [1, 2]);
    else if (turn === 2) linked(response, '</v1/x?c=3>;rel="prev next"', [3]);
    else linked(response, '</v1/x?c=4>; rel="next"', []);
  });
  const found = await readPages(client(baseUrl), 'v1/x?max=2', 'items', { foreignLinks: 'refuse' });
  assert.deepEqual(found, [1, 2, 3]);
  assert.deepEqual(asked, ['GET /v1/x?max=2', 'GET /v1/x?c=%2Bq', 'GET /v1/x?c=3']);
});

const origin = (request: IncomingMessage): string => `http://${request.headers.host ?? ''}`;

test('a list that has no end is ended; the token does not go to others', async (t) => {
  const limits = { maxPages: 5, maxItems: 100 };
  const { baseUrl, asked } = await serve(t, (_request, response, turn) => {
    linked(response, `</v1/x?page=${turn}>; rel="next"`, [turn]);
  });
  const endless = readPages(client(baseUrl), 'v1/x', 'items', { foreignLinks: 'refuse', limits });
  await assert.rejects(endless, /more than 5 pages/);
  assert.equal(asked.length, 5);

  const { baseUrl: big } = await serve(t, (_request, response) =>
    linked(response, '', Array.from({ length: 101 }, Number)),
  );
  await assert.rejects(readPages(client(big), 'x', 'items', { foreignLinks: 'refuse', limits }), /more than 100 items/);

  const { baseUrl: round } = await serve(t, (_request, response) => linked(response, '</x?a>; rel="next"', [1]));
  await assert.rejects(readPages(client(round), 'x?a', 'items', { foreignLinks: 'ours' }), /in circles/);

  const away = await serve(t, (request, response) => {
    if (request.url === '/v1/x') linked(response, '<https://public.example/v1/x?page=2>; rel="next"', [1]);
    else linked(response, '', [2]);
  });
  await assert.rejects(
    readPages(client(away.baseUrl), 'v1/x', 'items', { foreignLinks: 'refuse' }),
    /a next page at https:\/\/public\.example; the token is not sent there/,
  );
  const { baseUrl: none } = await serve(t, (_request, response) => response.end('{"items":{}}'));
  await assert.rejects(readPages(client(none), 'x', 'items', { foreignLinks: 'refuse' }), /without the list items/);
  // Ourselves under our public name.
  const ours = await readPages(client(away.baseUrl), 'v1/x', 'items', { foreignLinks: 'ours' });
  assert.deepEqual(ours, [1, 2]);
});
