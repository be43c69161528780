import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import { describe } from './answer-test-call.ts';
import { decide } from './decide.ts';
import { composeAnnouncement } from './test-agent/compose-announcement.ts';
import { emergencyCall, fakeLookups, identity, locationValue, STANDING } from './testing/fake-lookups.ts';

const now = createManualClock();
const CALL = emergencyCall({ identities: [identity('+12145550100')] });
const NOT_ENABLED = { ...STANDING, routingEnabled: false, missing: ['ROUTING_ENABLED'] } as const;

function said(overrides: Parameters<typeof fakeLookups>[0] = {}, call = CALL): string {
  return composeAnnouncement(describe(decide(call, fakeLookups(overrides), now), false)).announcementText;
}

void test('what a 933 says follows from the decision about the 911 call that it stands for', () => {
  const known = decide(CALL, fakeLookups(), now);
  const { routing, reason, destinationName, language } = describe(known, true);
  assert.deepEqual([routing, reason, destinationName, language], ['direct', null, known.destination.name, 'en']);
  assert.match(said(), /A real 9 1 1 call would go directly to/);
  assert.match(said({ standing: () => NOT_ENABLED }), /because routing is not enabled\.$/);
  const off = { ...NOT_ENABLED, accountEnabled: false };
  assert.match(said({ standing: () => off }), /because the emergency service is not switched on\.$/);
  assert.match(
    said({ standing: () => ({ ...NOT_ENABLED, optedOut: true }) }),
    /because this location has opted out\.$/,
  );
  assert.match(said({ destinationsFor: () => null }), /because your location lies in no known area/);
  assert.match(
    said({}, emergencyCall({ identities: [identity(null)] })),
    /Your call carried no caller number\. No callback number is known\. Your location is not known\..*because your location is not known\.$/,
  );
});

void test('a location of somebody else is not spoken by its URL', () => {
  for (const [form, uri, how] of [
    ['value', 'cid:8f3a@phone.example.org', 'your phone or network sent it with the call'],
    ['foreign', 'https://lis.example.org/r/x7Yz', 'the call carried a reference to it'],
  ] as const) {
    const conveyed = [{ form, uri, value: locationValue('TX', 'Dallas'), note: '' }];
    const text = said({}, emergencyCall({ identities: [identity('+12145550100')], conveyed }));
    assert.ok(text.includes(`The rule that found it: ${how}.`), text);
  }
  const own = { form: 'own', uri: 'https://waymark.example.net/held/l/erl', value: null, note: '' } as const;
  assert.match(
    said({}, emergencyCall({ conveyed: [own] })),
    /The rule that found it: conveyed reference switch port\./,
  );
});

void test('an address that somebody registered in Canada is screened (decision 11)', () => {
  const decision = decide(CALL, fakeLookups(), now);
  const relay = { ...decision.destination, kind: 'relay', name: 'Canadian relay centre' } as const;
  const input = describe(
    { ...decision, destination: relay, flags: ['relay', 'nomadic-canada'], language: 'fr' },
    false,
  );
  assert.deepEqual([input.routing, input.reason], ['screened', 'nomadic-canada']);
  const { announcementText, translation } = composeAnnouncement(input);
  assert.match(announcementText, /would be screened by an agent of Canadian relay centre/);
  assert.match(translation?.text ?? '', /serait vérifié par un agent de Canadian relay centre/);
});
