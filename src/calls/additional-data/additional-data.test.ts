import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertValid } from '../../../test/support/xml-schemas.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import type { SipRequest } from '../../wire/sip/message.ts';
import { readNameAddr } from '../../wire/sip/name-addr.ts';
import { decide } from '../decide.ts';
import { emergencyCall, fakeLookups, identity } from '../testing/fake-lookups.ts';
import { type AdditionalData, createAdditionalData, type DataAnswer, type Provider } from './additional-data.ts';
import { type DataKey, type DataSubject, dataKey, openSubject, sealSubject } from './seal-subject.ts';

const PROVIDER: Provider = {
  name: 'Example Telephony',
  id: 'EX123',
  idSeries: 'NENA',
  type: 'Telecom Provider',
  contactUri: 'tel:+15125550111',
  languages: ['en'],
};
const KEY = dataKey(1, randomBytes(32));
const KEYS = [KEY];
const DAY_MS = 86_400_000;
const LOCATED_BY_ALL = [
  null,
  'nothing',
  'conveyed-value',
  'conveyed-reference',
  'device',
  'elin',
  'number',
  'default',
] as const;

function invite(privacy?: string): SipRequest {
  const headers = privacy === undefined ? [] : [{ name: 'Privacy', value: privacy }];
  return { kind: 'request', method: 'INVITE', uri: 'urn:service:sos', headers, body: Buffer.alloc(0) };
}

function make(options: { provider?: Provider | undefined; keys?: readonly DataKey[]; publicUrl?: string } = {}) {
  const clock = createManualClock();
  const lookups = fakeLookups();
  const data = createAdditionalData({
    provider: 'provider' in options ? options.provider : PROVIDER,
    keys: () => options.keys ?? KEYS,
    lookups,
    clock,
    publicUrl: () => options.publicUrl ?? 'https://waymark.example.net/',
    sipDomain: 'waymark.example.net',
  });
  const known = decide(emergencyCall({ identities: [identity('+12145550100')] }), lookups, clock);
  const unknown = decide(emergencyCall({ identities: [identity('+12145559999')] }), lookups, clock);
  return { clock, data, known, unknown };
}

function fetchBlock(data: AdditionalData, value: string, sourceAddress = '192.0.2.1'): DataAnswer {
  const uri = readNameAddr(value)?.uri ?? '';
  const [block = '', token = ''] = uri.replace('https://waymark.example.net/additional-data/', '').split('/');
  return data.handle({ method: 'GET', block, token, sourceAddress });
}

test('a call of a known caller gets provider, service, subscriber and a comment by reference (RFC 7852 §6.1)', () => {
  const { data, known } = make();
  const values = data.callInfo(invite('id'), known);
  assert.deepEqual(
    values.map((value) => /;purpose=(.+)$/.exec(value)?.[1]),
    ['ProviderInfo', 'ServiceInfo', 'SubscriberInfo', 'Comment'].map((block) => `EmergencyCallData.${block}`),
  );
  const answers = values.map((value) => fetchBlock(data, value));
  const references = answers.map(({ status, contentType, headers, body }) => {
    assert.equal(status, 200);
    assert.match(contentType, /^application\/EmergencyCallData\.\w+\+xml$/);
    assert.equal(headers['cache-control'], 'private, no-store');
    assertValid('additional-data', body);
    return /<DataProviderReference>([^<]+@waymark\.example\.net)</.exec(body)?.[1];
  });
  assert.equal(new Set(references).size, 1, 'one provider gave them all');
  const [provider, service, subscriber, comment] = answers.map(({ body }) => body);
  assert.match(provider ?? '', /Example Telephony.*EX123.*tel:\+15125550111/s);
  assert.match(service ?? '', /<ServiceMobility>Fixed</);
  assert.match(subscriber ?? '', /privacyRequested="true".*Front Desk.*tel:\+12145550100/s);
  assert.match(comment ?? '', /<Comment xml:lang="en">[^<]*the place on record for the caller’s number/);
});

test('the comment says how the location was found; a reference that does not tell has none', () => {
  const { data, unknown, clock } = make();
  const comments = LOCATED_BY_ALL.map((locatedBy) => {
    const token = sealSubject(KEY, { ...EMPTY, locatedBy, expiresSeconds: clock.nowMs() / 1_000 + 60 });
    return fetchBlock(data, `<https://waymark.example.net/additional-data/Comment/${token}>`);
  });
  assert.deepEqual(
    comments.map(({ status }) => status),
    [404, 200, 200, 200, 200, 200, 200, 200],
  );
  assert.equal(new Set(comments.map(({ body }) => body)).size, 8);
  const last = data.callInfo(invite(), unknown).at(-1) ?? '';
  assert.match(fetchBlock(data, last).body, /No location of the caller is known\./);
});

test('an unknown caller has no subscriber, and nothing is said of its mobility', () => {
  const { data, unknown } = make();
  const values = data.callInfo(invite(), unknown);
  assert.equal(values.length, 3);
  assert.match(fetchBlock(data, values[1] ?? '').body, /<ServiceMobility>Unknown</);
  const subscriber = (values[1] ?? '').replaceAll('ServiceInfo', 'SubscriberInfo');
  assert.equal(fetchBlock(data, subscriber).status, 404);
});

test('without provider or key, or where HTTPS does not lead here, nothing is added', () => {
  const inTheClear = make({ publicUrl: 'http://waymark.example.net' });
  for (const { data, known } of [make({ provider: undefined }), make({ keys: [] }), inTheClear]) {
    assert.deepEqual(data.callInfo(invite(), known), []);
  }
});

test('references outlive a restart, and end after a day', () => {
  const { data, known, clock } = make();
  const [value = ''] = data.callInfo(invite(), known);
  assert.equal(fetchBlock(make().data, value).status, 200, 'another process with the same key opens it');
  assert.equal(
    fetchBlock(make({ keys: [dataKey(1, randomBytes(32))] }).data, value).status,
    404,
    'another key does not',
  );
  clock.advance(DAY_MS - 1_000);
  assert.equal(fetchBlock(data, value).status, 200);
  clock.advance(DAY_MS / 24 + 1_000);
  assert.equal(fetchBlock(data, value).status, 410);
  assert.notEqual(data.callInfo(invite(), known)[0], value);
});

test('who guesses is slowed down, who has a reference is not', () => {
  const { data, known, clock } = make();
  const [value = ''] = data.callInfo(invite(), known);
  const guess = () =>
    data.handle({ method: 'GET', block: 'ProviderInfo', token: 'x'.repeat(80), sourceAddress: '192.0.2.9' });
  for (let count = 0; count < 20; count++) assert.equal(guess().status, 404);
  const slowed = guess();
  assert.equal(slowed.status, 429);
  assert.match(slowed.headers['retry-after'] ?? '', /^\d+$/);
  assert.equal(fetchBlock(data, value, '192.0.2.9').status, 200);
  clock.advance(60_000);
  assert.equal(guess().status, 404);
  assert.equal(data.handle({ method: 'POST', block: 'ProviderInfo', token: '', sourceAddress: '' }).status, 405);
  assert.equal(fetchBlock(data, value.replace('ProviderInfo/', 'Nonsense/')).status, 404);
});

const subject: fc.Arbitrary<DataSubject> = fc.record(
  {
    organizationId: fc.option(fc.uuid({ version: 4 }), { nil: null }),
    caller: fc.option(fc.stringMatching(/^\+?[0-9]{2,15}$/), { nil: null }),
    mobility: fc.constantFrom('Fixed', 'Nomadic', 'Unknown'),
    locatedBy: fc.constantFrom(...LOCATED_BY_ALL),
    privacyRequested: fc.boolean(),
    expiresSeconds: fc.integer({ min: 0, max: 0xffffffff }),
  },
  { noNullPrototype: true },
);

test('a sealed subject opens as it was; changed anywhere it does not', () => {
  const [key] = KEYS;
  assert.ok(key);
  fc.assert(
    fc.property(subject, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
      const sealed = sealSubject(key, given);
      assert.deepEqual(openSubject(KEYS, sealed), given);
      const bytes = Buffer.from(sealed, 'base64url');
      const index = at % bytes.length;
      bytes[index] = (bytes[index] ?? 0) ^ change;
      assert.equal(openSubject(KEYS, bytes.toString('base64url')), undefined);
    }),
    { numRuns: 300, seed: 7852 },
  );
  for (const text of ['', 'x', '%', sealSubject(key, { ...EMPTY }).slice(0, -1), `${sealSubject(key, EMPTY)}A`]) {
    assert.equal(openSubject(KEYS, text), undefined, text);
  }
});

const EMPTY: DataSubject = {
  organizationId: null,
  caller: null,
  mobility: 'Unknown',
  locatedBy: null,
  privacyRequested: false,
  expiresSeconds: 0,
};
