import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CIVIC_ELEMENTS, type CivicAddress } from '../../domain/civic-address.ts';
import { type AnnouncementInput, composeAnnouncement } from './compose-announcement.ts';
import { speakAddress, speakNumber, spellOut } from './speakable-address.ts';

const ADDRESS: CivicAddress = {
  country: 'US',
  A1: 'TX',
  A3: 'Dallas',
  PRD: 'N',
  RD: 'Main',
  STS: 'St',
  POD: 'NW',
  HNO: '12',
  HNS: '½',
  FLR: '3',
  ROOM: '312B',
  PC: '75201',
};
const READY: AnnouncementInput = {
  callerNumber: '+12145550123',
  callbackNumber: '+12145550123',
  location: ADDRESS,
  locationRule: 'The switch port of the device.',
  routing: 'direct',
  psapName: 'Dallas County',
  stage: { accountEnabled: true, testCallsEnabled: true, routingEnabled: true, missing: [], optedOut: false },
  simulated: false,
};

function spoken(change: Partial<AnnouncementInput> = {}): string {
  return composeAnnouncement({ ...READY, ...change }).announcementText;
}

void test('a location with everything in place: number, address to the room, rule, destination', () => {
  assert.equal(
    spoken(),
    'This is an emergency test call. No emergency center was called. You are calling from 2 1 4, 5 5 5, 0 1 2 3. ' +
      'Your location is 1 2 and a half North Main Street Northwest, floor 3, room 3 1 2 B, Dallas, Texas, ' +
      'ZIP code 7 5 2 0 1. The rule that found it: The switch port of the device. ' +
      'A real 9 1 1 call would go directly to Dallas County. End of test. Goodbye.',
  );
});

void test('a simulated system says so, only then', () => {
  assert.match(
    spoken({ simulated: true }),
    /This system is independent, and the emergency centers it names are simulated\./,
  );
  assert.doesNotMatch(spoken(), /simulated/);
});

void test('numbers: missing, another callback number, foreign', () => {
  assert.match(
    spoken({ callerNumber: null }),
    /Your call carried no caller number\. You would be called back at 2 1 4/,
  );
  assert.match(spoken({ callbackNumber: '+19725550100' }), /You would be called back at 9 7 2, 5 5 5, 0 1 0 0\./);
  assert.match(spoken({ callbackNumber: null }), /No callback number is known\./);
  assert.equal(speakNumber('+442079460123'), 'plus 4 4 2 0 7 9 4 6 0 1 2 3');
  assert.equal(speakNumber('4711'), '4 7 1 1');
});

void test('test calls that are not enabled yet: said, with what is missing for them (decision 9)', () => {
  const stage = { accountEnabled: true, testCallsEnabled: false, routingEnabled: false, optedOut: false } as const;
  const text = spoken({
    routing: 'relay',
    psapName: null,
    stage: { ...stage, missing: ['ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] },
  });
  assert.match(
    text,
    /Test calls are not enabled for this location yet\. What is missing: the alert recipients and the network elements\. A real 9 1 1 call would go to the relay center, where an agent asks for your location, because routing is not enabled\./,
  );
});

void test('a service that is switched off is said, whatever was completed (decision 37)', () => {
  const stage = { ...READY.stage, accountEnabled: false, testCallsEnabled: false, routingEnabled: false };
  const text = spoken({ routing: 'relay', psapName: null, stage });
  assert.match(
    text,
    /The emergency service is not switched on for this organization\. Test calls are not enabled for this location yet\. A real 9 1 1 call would go to the relay center, where an agent asks for your location, because the emergency service is not switched on\./,
  );
});

void test('routing not enabled, opted out, not located, screened: each says why', () => {
  const stage = { ...READY.stage, routingEnabled: false };
  assert.match(
    spoken({ routing: 'relay', stage: { ...stage, missing: ['ROUTING_ENABLED'] } }),
    /Emergency routing is not enabled for this location yet\. What is missing: the confirmation that routing is enabled\./,
  );
  const optedOut = spoken({ routing: 'relay', stage: { ...stage, optedOut: true } });
  assert.match(optedOut, /This location has opted out of the emergency service\./);
  assert.match(optedOut, /because this location has opted out\./);
  const lost = spoken({ routing: 'relay', location: null, locationRule: null });
  assert.match(lost, /Your location is not known\..* because your location is not known\./);
  assert.match(spoken({ location: {} }), /Your location is not known\./);
  assert.match(
    spoken({ routing: 'screened', routingReason: 'the address was entered by the user.' }),
    /would be screened by an agent before it goes to Dallas County, because the address was entered by the user\./,
  );
});

void test('addresses as people say them', () => {
  const said = (address: CivicAddress) => speakAddress(address);
  assert.equal(said({ HNO: '12½', RD: 'Elm', STS: 'AVE' }), '1 2 and a half Elm Avenue');
  assert.equal(said({ HNO: '12 1/2', RD: 'Elm' }), '1 2 and a half Elm');
  assert.equal(said({ HNO: '12', HNS: 'B', RD: 'Elm' }), '1 2 B Elm');
  assert.equal(said({ HNO: '12-34', RD: '5th', STS: 'Ave' }), '1 2 dash 3 4 5th Avenue');
  assert.equal(said({ RD: 'St Charles Ave W' }), 'Saint Charles Avenue West');
  assert.equal(said({ RD: 'Main St' }), 'Main Street');
  assert.equal(said({ RD: 'St' }), 'Saint');
  assert.equal(said({ RD: 'Dr King', STS: 'Blvd' }), 'Dr King Boulevard');
  assert.equal(
    said({ FLR: 'Floor 3', ROOM: 'Conference Room', UNIT: '#5', BLD: 'Building 40' }),
    'building 40, floor 3, unit 5, Conference Room',
  );
  assert.equal(said({ FLR: 'B1', ROOM: 'A', SEAT: '0412' }), 'floor B 1, room A, seat 0 4 1 2');
  assert.equal(said({ FLR: '12th', ROOM: 'Lobby' }), 'floor 12th, room Lobby');
  assert.equal(said({ NAM: 'Fire & Rescue, Inc.', LMK: 'the fountain' }), 'Fire and Rescue, Inc, near the fountain');
  assert.equal(said({ country: 'US', A1: 'GU', A3: 'Hagåtña' }), 'Hagåtña, Guam');
  assert.equal(said({ country: 'CA', A1: 'ON', PC: 'K1A 0B1' }), 'Ontario, postal code K 1 A 0 B 1, Canada');
  assert.equal(said({ country: 'us', A1: 'XX' }), 'XX');
  assert.equal(spellOut('a/9'), 'A slash 9');
});

void test('hostile field contents stay bounded, one sentence, without control characters', () => {
  const anyAddress = fc.record(
    Object.fromEntries(CIVIC_ELEMENTS.map((element) => [element, fc.string({ unit: 'binary', maxLength: 300 })])) as {
      [element in (typeof CIVIC_ELEMENTS)[number]]: fc.Arbitrary<string>;
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(anyAddress, fc.string({ maxLength: 300 }), (location, text) => {
      const { announcementText, sentences } = composeAnnouncement({
        ...READY,
        location,
        callerNumber: text,
        psapName: text,
        locationRule: text,
      });
      assert.ok(announcementText.length < 6000, String(announcementText.length));
      assert.doesNotMatch(announcementText, /\p{Cc}/u);
      assert.ok(sentences.length <= 12);
    }),
    { numRuns: 300, seed: 911 },
  );
});
