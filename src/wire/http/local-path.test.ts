import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readLocalPath } from './local-path.ts';

test('paths of this server are kept as they are', () => {
  for (const path of [
    '/',
    '/calls',
    '/calls/1?tab=map#ladder',
    '/places?q=a%2Fb&to=https://x.example/',
    '/a/../calls',
  ]) {
    assert.equal(readLocalPath(path), path === '/a/../calls' ? '/calls' : path);
  }
});

test('nothing leads to another host, or back into signing in', () => {
  for (const hostile of [
    null,
    undefined,
    '',
    'calls',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '\t//evil.example',
    ' //evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '//evil.example\\@platform.example',
    '/\u2215evil.example',
    '/sign-in',
    '/sign-in/openid/end',
    '/x/../sign-in/openid',
    `/${'a'.repeat(600)}`,
  ]) {
    assert.equal(readLocalPath(hostile), '/', JSON.stringify(hostile));
  }
});

test('whatever is written: a browser stays on this server', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '..',
    '.',
    '%2f',
    '%5c',
    '@',
    ':',
    '?',
    '#',
    'evil.example',
    '\t',
    '\r\n',
    'a',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 8 }).map((pieces) => `/${pieces.join('')}`),
      (text) => {
        const path = readLocalPath(text);
        assert.equal(new URL(path, 'https://platform.example/sign-in').origin, 'https://platform.example');
        assert.ok(path.startsWith('/') && !path.startsWith('//'));
      },
    ),
    { numRuns: 2_000 },
  );
});
