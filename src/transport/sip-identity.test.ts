import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPeerNames, speaksFor } from './sip-identity.ts';

test('names of a certificate are read as RFC 5922 §7.1 has it; what could forge a list is no name', () => {
  const subjectAltName =
    'DNS:PSAP.example.net, URI:sip:esrp.example.net, URI:sip:user@example.net, URI:sips:x.example.net, ' +
    'DNS:"a.example.net\\u002c DNS:forged.example.net", IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@example.net';
  assert.deepEqual(readPeerNames({ subjectAltName }), [
    'psap.example.net',
    'esrp.example.net',
    '192.0.2.1',
    '2001:db8::1',
  ]);
  assert.deepEqual(readPeerNames({ subjectAltName: undefined }), []);
  const many = Array.from({ length: 100 }, (_, number) => `DNS:n${number}.example.net`).join(', ');
  assert.equal(readPeerNames({ subjectAltName: many }).length, 64);
});

test('a name is compared whole, in any case; a wildcard stands for nothing (RFC 5922 §7.2)', () => {
  const names = ['psap.example.net', '*.example.org', '2001:db8::1'];
  for (const host of ['psap.example.net', 'PSAP.Example.Net', 'psap.example.net.', '2001:DB8::0:1']) {
    assert.equal(speaksFor(names, host), true, host);
  }
  for (const host of ['example.net', 'a.psap.example.net', 'a.example.org', '2001:db8::2', '']) {
    assert.equal(speaksFor(names, host), false, host);
  }
});
