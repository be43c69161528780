import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireOwnPage, SESSION_COOKIE, SIGN_IN_COOKIE } from './session-cookie.ts';

const SECURE = 'https://waymark.example';
const PLAIN = 'http://127.0.0.1:8080';

/** What a browser sends of a `Set-Cookie`. */
const sent = (setCookie: string): string => setCookie.split(';')[0] ?? '';

test('what was set is read back, wherever it stands among others', () => {
  for (const url of [SECURE, PLAIN]) {
    const own = sent(SESSION_COOKIE.write('s3cret_-', url));
    for (const cookie of [own, `a=b; ${own}`, `${own}; a=b`, `x-waymark=no; ${own}`]) {
      assert.equal(SESSION_COOKIE.read({ cookie }, url), 's3cret_-', cookie);
    }
    assert.equal(SESSION_COOKIE.read({ cookie: sent(SESSION_COOKIE.write('', url)) }, url), undefined);
  }
});

test('under https a cookie that a neighbouring host could have set opens no session', () => {
  assert.equal(SESSION_COOKIE.read({ cookie: 'waymark=planted' }, SECURE), undefined);
  assert.equal(SESSION_COOKIE.read({ cookie: 'waymark=planted; __Host-waymark=own' }, SECURE), 'own');
  assert.match(SESSION_COOKIE.write('own', SECURE), /^__Host-waymark=own; Path=\/; HttpOnly; SameSite=Strict; Secure$/);
});

test('what goes along to the provider comes back by a link of its site, and not for long', () => {
  const set = SIGN_IN_COOKIE.write('a.b-c_d', SECURE);
  assert.equal(set, '__Host-waymark-sign-in=a.b-c_d; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600');
  const both = { cookie: `${sent(SESSION_COOKIE.write('own', SECURE))}; ${sent(set)}` };
  assert.deepEqual([SESSION_COOKIE.read(both, SECURE), SIGN_IN_COOKIE.read(both, SECURE)], ['own', 'a.b-c_d']);
  assert.equal(SIGN_IN_COOKIE.read({ cookie: 'waymark-sign-in=planted' }, SECURE), undefined);
  assert.match(SESSION_COOKIE.end(PLAIN), /^waymark=; .*Max-Age=0$/);
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
