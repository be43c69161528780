import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doorsOf } from './about.ts';

test('where the platform is reached: every protocol once, and never at a wildcard address', () => {
  const listens = [
    { protocol: 'udp', host: '0.0.0.0', port: 5060 },
    { protocol: 'tcp', host: '0.0.0.0', port: 5060 },
    { protocol: 'udp', host: '::', port: 5060 },
    { protocol: 'tls', host: '2001:db8::1', port: 5061 },
  ] as const;
  assert.deepEqual(doorsOf('https://e911.example:8912', listens), {
    heldUrl: 'https://e911.example:8912/held',
    lostUrl: 'https://e911.example:8912/LoST',
    sip: [
      { protocol: 'udp', host: 'e911.example', port: 5060 },
      { protocol: 'tcp', host: 'e911.example', port: 5060 },
      { protocol: 'tls', host: '[2001:db8::1]', port: 5061 },
    ],
  });
});
