import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ProblemError } from '../domain/problem.ts';
import { httpGet } from './http-get.ts';

const OPTIONS = { accept: 'text/plain', deadlineMs: 2_000, maxBytes: 1_000 };

test('documents are fetched within their bounds; everything else is a problem', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/silent') return;
    if (request.url === '/away') response.writeHead(302, { location: '/' });
    if (request.url === '/missing') response.writeHead(404);
    response.end(request.url === '/big' ? 'x'.repeat(5_000) : `accepts ${request.headers.accept}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kindOf = (url: string, deadlineMs = OPTIONS.deadlineMs): Promise<unknown> =>
    httpGet(url, { ...OPTIONS, deadlineMs }).catch((error: unknown) => error instanceof ProblemError && error.kind);
  assert.equal((await httpGet(`${base}/`, OPTIONS)).toString(), 'accepts text/plain');
  assert.equal(await kindOf(`${base}/big`), 'too-large');
  assert.equal(await kindOf(`${base}/missing`), 'upstream-failed');
  assert.equal(await kindOf(`${base}/away`), 'upstream-failed');
  assert.equal(await kindOf(`${base}/silent`, 50), 'upstream-timeout');
  assert.equal(await kindOf('file:///etc/passwd'), 'invalid');
  assert.equal(await kindOf('http://127.0.0.1:1/'), 'upstream-failed');
});
