import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertValid } from '../../../test/support/xml-schemas.ts';
import {
  encodeComment,
  encodeProviderInfo,
  encodeServiceInfo,
  encodeSubscriberInfo,
  type SubscriberInfo,
} from './additional-data.ts';

const reference = '0123456789abcdef@example.net';
const SUBSCRIBER: SubscriberInfo = {
  reference,
  privacyRequested: true,
  kind: 'individual',
  name: 'Zoë <Quinn> & Co',
  organization: 'Austin',
  numbers: ['+15125550100', '+15125550101'],
  extension: '4711',
  address: {
    country: 'US',
    A1: 'TX',
    A3: 'Austin',
    HNO: '100',
    HNS: '½',
    PRD: 'W',
    RD: 'Main',
    STS: 'St',
    FLR: '3',
    PC: '78701',
  },
};

test('the blocks are valid by the schemas of RFC 7852', () => {
  const provider = {
    reference,
    name: 'Example Telephony',
    id: 'EX123',
    idSeries: 'NENA',
    type: 'Telecom Provider',
    contactUri: 'tel:+15125550111',
    languages: ['en', 'fr'],
  };
  assertValid('additional-data', encodeProviderInfo(provider));
  assertValid('additional-data', encodeProviderInfo({ ...provider, id: undefined, idSeries: undefined }));
  for (const mobility of ['Fixed', 'Nomadic', 'Unknown'] as const) {
    assertValid(
      'additional-data',
      encodeServiceInfo({ reference, environment: 'Business', type: 'MLTS-hosted', mobility }),
    );
  }
  assertValid('additional-data', encodeSubscriberInfo(SUBSCRIBER));
  const comment = encodeComment({ reference, language: 'en', text: 'Back <door> & stairs' });
  assertValid('additional-data', comment);
  assert.match(comment, /<Comment xml:lang="en">Back &lt;door&gt; &amp; stairs<\/Comment>/);
});

test('a subscriber as xCard (RFC 6351)', () => {
  const xml = encodeSubscriberInfo(SUBSCRIBER);
  assert.match(xml, /<EmergencyCallData\.SubscriberInfo xmlns="[^"]+:SubscriberInfo" privacyRequested="true">/);
  assert.match(xml, /<fn><text>Zoë &lt;Quinn&gt; &amp; Co<\/text><\/fn>/);
  assert.match(xml, /<ext>Floor 3<\/ext><street>100½ W Main St<\/street><locality>Austin<\/locality>/);
  assert.match(xml, /<integer>2<\/integer>.*<uri>tel:\+15125550101<\/uri>/);
});

test('whatever a member is called, the card is valid', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.string({ maxLength: 20 }), (name, organization) => {
      assertValid('additional-data', encodeSubscriberInfo({ ...SUBSCRIBER, name, organization, address: {} }));
    }),
    { numRuns: 200, seed: 7852 },
  );
});
