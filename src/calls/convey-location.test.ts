import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertValid } from '../../test/support/xml-schemas.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { headerValue, headerValues, type SipHeader, type SipRequest } from '../wire/sip/message.ts';
import { findPartByCid, readBodyParts } from '../wire/sip/multipart.ts';
import { conveyLocation } from './convey-location.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { revealCaller } from './reveal-caller.ts';
import { emergencyCall, fakeLookups, identity, locationValue } from './testing/fake-lookups.ts';

const URI = 'https://waymark.example.net/held/l/x';
const LIS = '<https://lis.example.org/ref>';

function invite(headers: Readonly<Record<string, string>>, body = 'v=0\r\n'): SipRequest {
  const all: SipHeader[] = Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { kind: 'request', method: 'INVITE', uri: 'urn:service:sos', headers: all, body: Buffer.from(body) };
}

const clock = createManualClock();
const BY_TRUNK = decide(emergencyCall({ peer: { address: '192.0.2.10', port: 5060 } }), fakeLookups(), clock);
const BY_STRANGER = decide(emergencyCall(), fakeLookups(), clock);
const LOCATED = decide(emergencyCall({ identities: [identity('+12145550100')] }), fakeLookups(), clock);

function convey(request: SipRequest, decision: Decision, options: { sipDomain?: string; issues?: boolean } = {}) {
  const { sipDomain = 'waymark.example.net', issues = true } = options;
  const notes: string[] = [];
  const issueReference = () => (issues ? { uri: URI } : null);
  const { request: conveyed, form } = conveyLocation(request, decision, { sipDomain, issueReference, nowMs: 0 }, notes);
  return { request: conveyed, form, notes, geolocation: headerValues(conveyed, 'Geolocation') };
}

test('ours is added last, by reference, and names us (RFC 6442 §4.1, RFC 8787 §4)', () => {
  const alone = convey(invite({}), LOCATED);
  assert.equal(alone.form, 'reference-added');
  assert.deepEqual(alone.geolocation, [`<${URI}>;loc-src=waymark.example.net`]);
  assert.equal(headerValue(alone.request, 'Geolocation-Routing'), 'yes');

  const behind = convey(invite({ Geolocation: LIS }), LOCATED);
  assert.deepEqual(behind.geolocation, [LIS, `<${URI}>;loc-src=waymark.example.net`]);
  assert.equal(
    headerValue(behind.request, 'Geolocation-Routing'),
    undefined,
    'absent means no, and is not ours to change',
  );

  const refused = convey(invite({ 'Geolocation-Routing': 'no' }), LOCATED);
  assert.deepEqual(headerValues(refused.request, 'Geolocation-Routing'), ['no']);

  for (const sipDomain of ['192.0.2.1', 'localhost', '2001:db8::1']) {
    assert.deepEqual(convey(invite({}), LOCATED, { sipDomain }).geolocation, [`<${URI}>`], sipDomain);
  }
  const without = convey(invite({}), LOCATED, { issues: false });
  assert.equal(without.form, 'none');
  assert.deepEqual(without.notes, ['no location reference could be issued']);
});

test('loc-src: a trunk’s stays, that of an unknown peer goes, an IP address goes always', () => {
  const value = `${LIS};loc-src=edge.example.org;x=1, <cid:a@b>`;
  const trusted = convey(invite({ Geolocation: value }), BY_TRUNK);
  assert.equal(headerValue(trusted.request, 'Geolocation'), value, 'untouched');
  const stranger = convey(invite({ Geolocation: value }), BY_STRANGER);
  assert.deepEqual(stranger.geolocation, [`${LIS};x=1`, '<cid:a@b>']);
  assert.deepEqual(stranger.notes, ['loc-src of an unknown peer removed']);
  for (const address of ['192.0.2.1', '"2001:db8::1"', '[2001:db8::1]']) {
    const { geolocation } = convey(invite({ Geolocation: `${LIS};Loc-Src=${address}` }), BY_TRUNK);
    assert.deepEqual(geolocation, [LIS], address);
  }
});

test('a location body: valid, referenced first, optional to understand, the rest of the body as it was', () => {
  const decision: Decision = { ...BY_TRUNK, addBody: { ...locationValue('TX', 'Dallas'), method: 'Default' } };
  const received = invite({ Geolocation: LIS, 'Content-Type': 'application/sdp' });
  const { request, form, geolocation } = convey(received, decision);
  assert.equal(form, 'value-added');
  assert.equal(geolocation[1], LIS);
  const cid = /^<(cid:[^>]+)>;loc-src=waymark\.example\.net$/.exec(geolocation[0] ?? '')?.[1] ?? '';
  const parts = readBodyParts(request);
  assert.ok(parts[0]?.bytes.equals(received.body));
  const part = findPartByCid(parts, cid);
  assert.ok(part);
  assertValid('pidf-lo', part.bytes);
  assert.ok(part.headers.some(({ value }) => value === 'by-reference;handling=optional'));
  assert.match(part.bytes.toString(), /<method>Default<\/method>/);
  assert.match(part.bytes.toString(), /retransmission-allowed>true</);
});

test('privacy: what would hide the caller goes, the rest stays (decision 60)', () => {
  const cases: [given: string, left: string | undefined][] = [
    ['id', undefined],
    ['header; user ;CRITICAL', undefined],
    ['history', undefined],
    ['none', 'none'],
    ['id;x-vendor', 'x-vendor'],
  ];
  for (const [given, left] of cases) {
    const notes: string[] = [];
    assert.equal(headerValue(revealCaller(invite({ Privacy: given }), notes), 'Privacy'), left, given);
    assert.equal(notes.length, left === given ? 0 : 1, given);
  }
  const untouched = invite({});
  assert.equal(revealCaller(untouched, []), untouched);
});
