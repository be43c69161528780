import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSessionCookie, requireOwnPage, sessionCookie } from './session-cookie.ts';

const SECURE = 'https://waymark.example';
const PLAIN = 'http://127.0.0.1:8080';

/** What a browser sends of a `Set-Cookie`. */
const sent = (setCookie: string): string => setCookie.split(';')[0] ?? '';

test('what was set is read back, wherever it stands among others', () => {
  for (const url of [SECURE, PLAIN]) {
    const own = sent(sessionCookie('s3cret_-', url));
    for (const cookie of [own, `a=b; ${own}`, `${own}; a=b`, `x-waymark=no; ${own}`]) {
      assert.equal(readSessionCookie({ cookie }, url), 's3cret_-', cookie);
    }
    assert.equal(readSessionCookie({ cookie: sent(sessionCookie('', url)) }, url), undefined);
  }
});

test('under https a cookie that a neighbouring host could have set opens no session', () => {
  assert.equal(readSessionCookie({ cookie: 'waymark=planted' }, SECURE), undefined);
  assert.equal(readSessionCookie({ cookie: 'waymark=planted; __Host-waymark=own' }, SECURE), 'own');
  assert.match(sessionCookie('own', SECURE), /^__Host-waymark=own; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
});

test('whoever changes something by the cookie alone comes from our own pages', () => {
  const isRefused = { kind: 'forbidden' };
  requireOwnPage('GET', {});
  requireOwnPage('POST', { 'x-waymark-console': '1' });
  requireOwnPage('DELETE', { 'x-waymark-console': '1', 'sec-fetch-site': 'same-origin' });
  assert.throws(() => requireOwnPage('POST', {}), isRefused);
  assert.throws(() => requireOwnPage('POST', { 'sec-fetch-site': 'same-origin' }), isRefused);
  for (const site of ['cross-site', 'same-site', 'none']) {
    assert.throws(() => requireOwnPage('PUT', { 'x-waymark-console': '1', 'sec-fetch-site': site }), isRefused, site);
  }
});
