import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SignInOpenId } from '../../accounts/openid/sign-in-openid.ts';
import type { RawRequest } from '../../transport/raw-doors.ts';
import { openIdRoutes } from './openid-routes.ts';

const PUBLIC_URL = 'https://waymark.example';

async function endWith(ended: Awaited<ReturnType<SignInOpenId['end']>>, headers: RawRequest['headers'] = {}) {
  const unused = () => Promise.reject(new Error('not asked'));
  const openId = { label: 'Example', begin: unused, finish: unused, end: () => Promise.resolve(ended) };
  const routes = openIdRoutes({
    openId,
    publicUrl: () => PUBLIC_URL,
    get: (path, handle) => ({ methods: ['GET'], path, bodyLimit: 0, handle }),
  });
  const route = routes.find(({ path }) => path === '/sign-in/openid/end');
  assert.ok(route);
  const request = { method: 'GET', target: '/sign-in/openid/end', params: {}, headers, body: Buffer.alloc(0) };
  const answer = await route.handle({ ...request, sourceAddress: '192.0.2.1' } as RawRequest);
  const { location, 'set-cookie': cookie } = answer.headers ?? {};
  return { status: answer.status, location: String(location), cookie };
}

test('signing out leaves no session in the browser, whatever could not be ended elsewhere', async () => {
  const leftOpen = await endWith({ refusal: 'left-open' });
  assert.equal(leftOpen.status, 303);
  assert.match(leftOpen.location, /^\/sign-in\?problem=left-open&id=WAYMARK_[\da-f-]{36}$/);
  const ended = await endWith({ address: 'https://id.example/end' });
  assert.equal(ended.location, 'https://id.example/end');
  for (const { cookie } of [leftOpen, ended]) assert.match(String(cookie), /^__Host-waymark=;.*Max-Age=0/);
});

test('a link of another site signs nobody out', async () => {
  const answer = await endWith({ address: undefined }, { 'sec-fetch-site': 'cross-site' });
  assert.deepEqual([answer.location, answer.cookie], ['/', undefined]);
});
