import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appendHeader, headerValues, NO_BODY, prependHeader, type SipRequest } from '../../wire/sip/message.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { paramValue } from '../../wire/sip/params.ts';
import { readSipUri, unescapeUriText } from '../../wire/sip/uri.ts';
import type { Candidate } from '../decision.ts';
import { agentContact, isForAgent, redirect } from './redirect.ts';

const INVITE: SipRequest = {
  kind: 'request',
  method: 'INVITE',
  uri: 'sip:911@192.0.2.1',
  headers: [
    { name: 'Via', value: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKone' },
    { name: 'From', value: '<sip:a@example.com>;tag=a' },
    { name: 'To', value: '<sip:911@example.com>' },
    { name: 'Call-ID', value: 'call-1' },
    { name: 'CSeq', value: '1 INVITE' },
    { name: 'Geolocation', value: '<cid:here@example.net>' },
  ],
  body: NO_BODY,
};
const ADDED = [
  ['Call-Info', '<urn:emergency:uid:callid:0123456789:example.net>;purpose=emergency-CallId'],
  ['Geolocation', '<https://lis.example/held/l/a?b=c&d=1,2>;loc-src=example.net'],
  ['Geolocation', '<cid:default@example.net>'],
  ['Geolocation-Routing', 'yes'],
] as const;

function candidate(uri: string): Candidate {
  return {
    uri,
    name: uri,
    sourceId: null,
    kind: 'psap',
    quality: null,
    reason: 'test',
    silenceMs: 1,
    ringMs: null,
    queueMs: null,
    plainSipUser: false,
  };
}

function edited(): SipRequest {
  let request = prependHeader(INVITE, 'P-Asserted-Identity', '<sip:+15125550100@example.net;user=phone>');
  for (const [name, value] of ADDED) request = appendHeader(request, name, value);
  return request;
}

/** Headers of a URI, unescaped. */
function uriHeaders(contact: string): [string, string][] {
  const uri = readSipUri(readNameAddr(contact)?.uri ?? '');
  return (uri?.headers ?? '').split('&').map((one): [string, string] => {
    const equals = one.indexOf('=');
    return [one.slice(0, equals), unescapeUriText(one.slice(equals + 1))];
  });
}

test('contacts in order, each with what our edits added and nothing else', () => {
  const { response, attempts, note } = redirect(
    INVITE,
    edited(),
    [
      candidate('sip:psap@192.0.2.20;transport=tcp'),
      candidate('sips:alternate@psap.example'),
      candidate('sip:psap@192.0.2.20;transport=tcp'),
    ],
    'tag',
  );
  assert.equal(response.status, 302);
  const contacts = headerValues(response, 'Contact');
  assert.deepEqual(
    contacts.map((value) => paramValue(readNameAddr(value)?.params ?? [], 'q')),
    ['1.0', '0.9'],
  );
  assert.ok(contacts[0]?.startsWith('<sip:psap@192.0.2.20;transport=tcp?P-Asserted-Identity=%3Csip:+15125550100%40'));
  for (const contact of contacts) {
    assert.deepEqual(uriHeaders(contact), [
      ['P-Asserted-Identity', '<sip:+15125550100@example.net;user=phone>'],
      ['Geolocation', ADDED[1][1]],
      ['Geolocation-Routing', 'yes'],
      ['Call-Info', ADDED[0][1]],
    ]);
  }
  assert.deepEqual(headerValues(response, 'Geolocation'), [ADDED[1][1]]);
  assert.deepEqual(
    attempts.map(({ outcome, status }) => [outcome, status]),
    [
      ['offered', 302],
      ['offered', 302],
    ],
  );
  assert.equal(note, '2 contact(s) with 4 header(s)');
});

test('what makes a URI too long is left out from the least important, and stands in the response all the same', () => {
  const long = `<https://lis.example/${'x'.repeat(880)}>`;
  const { response, note } = redirect(
    INVITE,
    appendHeader(edited(), 'Geolocation', long),
    Array.from({ length: 9 }, (_, at) => candidate(`sip:psap-${at}@192.0.2.20`)),
    'tag',
  );
  const contacts = headerValues(response, 'Contact');
  assert.equal(contacts.length, 6);
  assert.deepEqual(
    uriHeaders(contacts[0] ?? '').map(([name]) => name),
    ['P-Asserted-Identity', 'Geolocation'],
  );
  assert.ok(headerValues(response, 'Geolocation').includes(long));
  assert.match(note, /3 too large for a URI$/);
});

test('however many URIs a PSAP has, the relay centre is among the contacts', () => {
  const many = Array.from({ length: 9 }, (_, at) => candidate(`sip:p${at}@psap.example`));
  const relay = { ...candidate('sip:relay@relay.example'), kind: 'relay' } as const;
  const alternate = { ...relay, uri: 'sip:alternate@relay.example' };
  const { attempts } = redirect(INVITE, edited(), [...many, relay, alternate], 'tag');
  assert.deepEqual(
    attempts.map(({ uri }) => uri),
    [...many.slice(0, 5).map(({ uri }) => uri), relay.uri],
  );
});

test('the contact of the agent is known again', () => {
  const contact = agentContact('<sip:933@192.0.2.1:5060;transport=tcp>');
  assert.ok(isForAgent(readNameAddr(contact)?.uri ?? ''));
  assert.ok(!isForAgent('sip:933@192.0.2.1:5060;transport=tcp'));
  assert.ok(!isForAgent('urn:service:test.sos'));
});
