import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readServiceNumber } from './service-number.ts';

const EMERGENCY: readonly [string, Partial<ReturnType<typeof readServiceNumber>>][] = [
  ['sip:911@example.net', { kind: '911', service: 'urn:service:sos', dialed: '911', isPrefixed: false, isUrn: false }],
  ['sips:911@example.net:5061', { kind: '911' }],
  ['sip:911@[2001:db8::1]:5060;transport=tcp', { kind: '911' }],
  ['sip:911@example.net;user=phone', { kind: '911' }],
  ['sip:911;phone-context=+1@example.net;user=phone', { kind: '911' }],
  ['sip:911;phone-context=example.net@example.net;user=dialstring', { kind: '911' }],
  ['sip:+911@example.net', { kind: '911', dialed: '+911', isPrefixed: false }],
  ['sip:+1911@example.net;user=phone', { kind: '911', dialed: '+1911', isPrefixed: false }],
  ['tel:+1-911', { kind: '911' }],
  ['sip:911%23@example.net', { kind: '911', dialed: '911#', isPrefixed: false }],
  ['sip:9911#@example.net', { kind: '911', isPrefixed: true }],
  ['sip:%39%31%31@example.net', { kind: '911' }],
  ['sip:9911@example.net', { kind: '911', dialed: '9911', isPrefixed: true }],
  ['tel:911', { kind: '911' }],
  ['tel:911;phone-context=+1', { kind: '911' }],
  ['tel:9-1-1;phone-context=+1', { kind: '911' }],
  ['urn:service:sos', { kind: '911', service: 'urn:service:sos', isUrn: true }],
  ['URN:service:SOS.Fire', { kind: '911', service: 'urn:service:sos.fire', isUrn: true }],
  ['urn:service:sos.police', { kind: '911', service: 'urn:service:sos.police' }],
  ['urn:emergency:service:sos', { kind: '911', service: 'urn:emergency:service:sos' }],
  ['sip:933@example.net', { kind: '933', service: 'urn:service:sos', dialed: '933' }],
  ['sip:9933@example.net', { kind: '933', isPrefixed: true }],
  ['tel:933', { kind: '933' }],
  ['urn:service:test.sos', { kind: '933', service: 'urn:service:sos', isUrn: true }],
  ['urn:service:test.sos.fire', { kind: '933', service: 'urn:service:sos.fire' }],
];

test('every way to write 911 and 933 is recognized', () => {
  for (const [uri, expected] of EMERGENCY) {
    const read = readServiceNumber(uri);
    assert.ok(read, uri);
    for (const [field, value] of Object.entries(expected ?? {})) {
      assert.equal(read[field as keyof typeof read], value, `${uri} ${field}`);
    }
  }
});

test('other numbers and URIs are not taken for emergency calls', () => {
  for (const uri of [
    'sip:9111@example.net',
    'sip:+19911@example.net',
    'sip:911%23%23@example.net',
    'sip:%23911@example.net',
    'sip:19115550100@example.net',
    'sip:+12145550911@example.net',
    'sip:99911@example.net',
    'sip:911.example.net',
    'sip:example.net',
    'tel:+19339330933',
    'urn:service:counseling',
    'urn:service:sosx',
    'urn:service:test.sosx',
    'mailto:911@example.net',
    '911',
    '',
    `sip:${'9'.repeat(70_000)}@example.net`,
  ]) {
    assert.equal(readServiceNumber(uri), undefined, uri.slice(0, 60));
  }
});
