import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerValue, headerValues, NO_BODY, type SipHeader, type SipRequest } from '../../wire/sip/message.ts';
import type { CallbackHeader } from '../trunk.ts';
import { conveyCallback } from './convey-callback.ts';

const NUMBER = '+12145550181';
const SIP = `<sip:${NUMBER}@waymark.example.net;user=phone>`;
const TEL = `<tel:${NUMBER}>`;
const FROM = { name: 'From', value: '"Third floor" <sip:4720@pbx.example.com>;tag=abc;x=y' };

function conveyed(
  headers: readonly SipHeader[],
  callbackHeaders?: readonly CallbackHeader[],
  number: string | null = NUMBER,
): { request: SipRequest; notes: string[] } {
  const request: SipRequest = {
    kind: 'request',
    method: 'INVITE',
    uri: 'sip:911@x',
    headers: [...headers],
    body: NO_BODY,
  };
  const notes: string[] = [];
  const trunk = callbackHeaders ? { callbackHeaders } : null;
  return { request: conveyCallback(request, number, { trunk, sipDomain: 'waymark.example.net' }, notes), notes };
}

const identity = (name: string, value: string): SipHeader => ({ name, value });

test('P-Asserted-Identity unless the trunk says otherwise; one sip and one tel value at most (RFC 3325 §9.1)', () => {
  const rows: [received: string[], sent: string[]][] = [
    [[], [SIP]],
    [['<sip:4720@pbx>'], [TEL, '<sip:4720@pbx>']],
    [['<tel:+12145550700>'], [SIP, '<tel:+12145550700>']],
    [
      ['<sip:4720@pbx>', '<tel:+12145550700>'],
      [TEL, '<sip:4720@pbx>'],
    ],
    [[`<tel:${NUMBER}>`], [`<tel:${NUMBER}>`]],
    [['<sip:2145550181@pbx>'], ['<sip:2145550181@pbx>']],
  ];
  for (const [received, sent] of rows) {
    const { request } = conveyed([FROM, ...received.map((value) => identity('P-Asserted-Identity', value))]);
    assert.deepEqual(headerValues(request, 'P-Asserted-Identity'), sent, received.join());
    assert.equal(headerValue(request, 'From'), FROM.value);
  }
});

test('into each header that the trunk names, and no other', () => {
  const { request, notes } = conveyed([FROM], ['P-Preferred-Identity', 'From']);
  assert.deepEqual(headerValues(request, 'P-Preferred-Identity'), [SIP]);
  assert.deepEqual(headerValues(request, 'P-Asserted-Identity'), []);
  assert.equal(
    headerValue(request, 'From'),
    `"Third floor" <sip:${NUMBER}@waymark.example.net;user=phone>;tag=abc;x=y`,
    'name and tag stay: the tag tells the dialog',
  );
  assert.deepEqual(notes, [
    `callback identity ${NUMBER} in P-Preferred-Identity`,
    `callback identity ${NUMBER} in From`,
  ]);
});

test('From keeps its scheme, and stays as it is where it names the number or cannot be read', () => {
  const fromOf = (value: string) => headerValue(conveyed([identity('From', value)], ['From']).request, 'From');
  assert.equal(fromOf('<tel:4720;phone-context=x>;tag=1'), `<tel:${NUMBER}>;tag=1`);
  for (const kept of [`<sip:${NUMBER}@pbx>;tag=1`, 'nobody at all', '"open <sip:x@y>;tag=1'])
    assert.equal(fromOf(kept), kept);
});

test('without a number that somebody vouches for nothing changes', () => {
  const { request, notes } = conveyed([FROM], ['From', 'P-Asserted-Identity'], null);
  assert.deepEqual([request.headers.length, notes], [1, []]);
});
