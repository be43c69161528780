import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { fetchJson } from './fetch-json.ts';

let base: string;
const answers: Record<string, (response: ServerResponse) => void> = {
  '/good': (response) => response.end('{"a":[1]}'),
  '/html': (response) => response.end('<html>'),
  '/missing': (response) => response.writeHead(404).end('{}'),
  '/moved': (response) => response.writeHead(302, { location: '/good' }).end(),
  '/large': (response) => response.end(`"${'x'.repeat(300_000)}"`),
  '/silent': () => undefined,
  '/half': (response) => response.write('{"a":'),
};
const server = createServer((request, response) => answers[request.url ?? '']?.(response));

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

test('a JSON document is read', async () => {
  assert.deepEqual(await fetchJson(`${base}/good`), { a: [1] });
});

test('everything else is the other side’s fault, bounded in size and time, and no redirect is followed', async () => {
  for (const path of ['/html', '/missing', '/moved']) {
    await assert.rejects(fetchJson(`${base}${path}`), { kind: 'upstream-failed' }, path);
  }
  await assert.rejects(fetchJson(`${base}/large`), { kind: 'too-large' });
  for (const path of ['/silent', '/half']) {
    await assert.rejects(fetchJson(`${base}${path}`, 100), { kind: 'upstream-timeout' }, path);
  }
  await assert.rejects(fetchJson('http://127.0.0.1:1/'), { kind: 'upstream-failed' });
  for (const address of ['file:///etc/hosts', 'data:application/json,{}', 'nonsense']) {
    await assert.rejects(fetchJson(address), { kind: 'upstream-failed' }, address);
  }
});
