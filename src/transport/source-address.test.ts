import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSourceAddress, type ForwardedHeader } from './source-address.ts';
import { createNetworkMatcher } from './trusted-networks.ts';

const PROXIES = createNetworkMatcher(['10.0.0.0/8', '2001:db8::/64']);

function source(
  peer: string,
  headers: Readonly<Record<string, string | string[]>>,
  header: ForwardedHeader = 'x-forwarded-for',
  isTrustedProxy = PROXIES,
): string {
  const request = { socket: { remoteAddress: peer }, headers } as unknown as IncomingMessage;
  return createSourceAddress({ isTrustedProxy, header })(request);
}

test('the last hop that is no proxy of ours, only where a proxy of ours tells it', () => {
  const behind = (chain: string, peer = '10.0.0.1') => source(peer, { 'x-forwarded-for': chain });
  assert.equal(behind('198.51.100.7'), '198.51.100.7');
  assert.equal(
    behind('203.0.113.10, 198.51.100.7, 10.2.2.2'),
    '198.51.100.7',
    'what stands before it is anybody’s word',
  );
  assert.equal(behind('198.51.100.7:51234'), '198.51.100.7');
  assert.equal(behind('[2001:db8:1::7]:443'), '2001:db8:1::7');
  assert.equal(behind('2001:DB8:1:0::7'), '2001:db8:1::7');
  assert.equal(behind('::ffff:198.51.100.7'), '198.51.100.7');
  assert.equal(behind('10.3.3.3, 10.2.2.2'), '10.3.3.3', 'a client among the proxies');
  assert.equal(behind('198.51.100.7', '::ffff:10.0.0.1'), '198.51.100.7');
  assert.equal(behind('198.51.100.7', '192.0.2.1'), '192.0.2.1', 'a stranger’s header is nothing');
  assert.equal(source('192.0.2.1', { forwarded: 'for=198.51.100.7' }, 'forwarded'), '192.0.2.1');
  assert.equal(source('10.0.0.1', {}), '10.0.0.1');
  const none = createNetworkMatcher([]);
  assert.equal(source('127.0.0.1', { 'x-forwarded-for': '203.0.113.10' }, 'x-forwarded-for', none), '127.0.0.1');
});

test('a hop that tells no address is nobody, and surely not the proxy', () => {
  for (const hop of [
    'unknown',
    '_hidden',
    '',
    ' ',
    '300.1.1.1',
    '1.2.3',
    '10.0.0.1 x',
    'x'.repeat(10_000),
    '1.2.3.4:',
  ]) {
    assert.equal(source('10.0.0.1', { 'x-forwarded-for': `203.0.113.10, ${hop}` }), '', hop.slice(0, 20));
  }
  const endless = Array.from({ length: 1_000 }, () => '10.1.1.1').join(',');
  assert.equal(source('10.0.0.1', { 'x-forwarded-for': `203.0.113.10,${endless}` }), '', 'more hops than there can be');
});

test('Forwarded (RFC 7239), when the proxies write that; the other header then says nothing', () => {
  const behind = (forwarded: string | string[], more: Record<string, string> = {}) =>
    source('10.0.0.1', { forwarded, ...more }, 'forwarded');
  assert.equal(behind('for=192.0.2.60;proto=http;by=203.0.113.43'), '192.0.2.60');
  assert.equal(behind('For="[2001:db8:cafe::17]:4711"'), '2001:db8:cafe::17');
  assert.equal(behind('for=203.0.113.10, proto=https; for = 198.51.100.7'), '198.51.100.7');
  assert.equal(
    behind('for="203.0.113.10, for=198.51.100.7'),
    '198.51.100.7',
    'an open quotation mark swallows nothing',
  );
  assert.equal(behind('for=198.51.100.7, for=10.2.2.2'), '198.51.100.7');
  assert.equal(behind(['for=203.0.113.10', 'for=198.51.100.7']), '198.51.100.7');
  assert.equal(behind('for=unknown'), '');
  assert.equal(behind('proto=https'), '');
  assert.equal(behind('for=198.51.100.7', { 'x-forwarded-for': '203.0.113.10' }), '198.51.100.7');
  assert.equal(source('10.0.0.1', { forwarded: 'for=203.0.113.10' }), '10.0.0.1');
});

test('whatever a client writes before it, the address that our proxy saw is the one', () => {
  const written = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.constantFrom('203.0.113.10', '10.0.0.1', ',', '"', 'for=', ';', '\\', 'unknown'),
  );
  fc.assert(
    fc.property(fc.array(written, { maxLength: 6 }), fc.boolean(), (parts, isForwarded) => {
      const forged = parts.join(', ');
      const real = '198.51.100.7';
      const header: ForwardedHeader = isForwarded ? 'forwarded' : 'x-forwarded-for';
      const hop = isForwarded ? `for=${real}` : real;
      assert.equal(source('10.0.0.1', { [header]: forged === '' ? hop : `${forged}, ${hop}` }, header), real);
    }),
    { numRuns: 500 },
  );
});
