import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CIVIC_ELEMENTS, type CivicAddress } from '../../domain/civic-address.ts';
import { CATALOGUE_EN, type TextKey } from './catalogue.en.ts';
import { CATALOGUE_FR } from './catalogue.fr.ts';
import { type AnnouncementInput, composeAnnouncement, fillText, type RelayReason } from './compose-announcement.ts';
import { speakAddress, speakDegrees, speakNumber, spellOut } from './speakable-address.ts';

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
const FOUND = {
  civic: ADDRESS,
  position: null,
  source: 'conveyed-reference',
  foundBy: 'switch-port',
  rule: 'location URI of ours for East Wing, found by switch port',
} as const;
const READY: AnnouncementInput = {
  callerNumber: '+12145550123',
  callbackNumber: '+12145550123',
  location: FOUND,
  routing: 'direct',
  reason: null,
  destinationName: 'Dallas County',
  stage: { accountEnabled: true, testCallsEnabled: true, routingEnabled: true, missing: [], optedOut: false },
  simulated: false,
  language: 'en',
};

function spoken(change: Partial<AnnouncementInput> = {}): string {
  return composeAnnouncement({ ...READY, ...change }).announcementText;
}

function inFrench(change: Partial<AnnouncementInput> = {}): string {
  return composeAnnouncement({ ...READY, language: 'fr', ...change }).translation?.text ?? '';
}

void test('a location with everything in place: number, address to the room, rule, destination', () => {
  const { announcementText, spelling, translation } = composeAnnouncement(READY);
  assert.equal(
    announcementText,
    'This is an emergency test call. No emergency center was called. You are calling from 2 1 4, 5 5 5, 0 1 2 3. ' +
      'You would be called back at this number. ' +
      'Your location is 1 2 and a half North Main Street Northwest, floor 3, room 3 1 2 B, Dallas, Texas, ' +
      'ZIP code 7 5 2 0 1. The rule that found it: the switch port of your device. ' +
      'A real 9 1 1 call would go directly to Dallas County.',
  );
  assert.deepEqual(spelling, ['Main is spelled M, A, I, N.', 'Dallas is spelled D, A, L, L, A, S.']);
  assert.equal(translation, null);
});

void test('a site that speaks French: spoken English says that a French text is kept, and it is', () => {
  assert.match(
    spoken({ language: 'fr' }),
    /A French text of this announcement is kept with the record of this call\.$/,
  );
  const civic = {
    country: 'CA',
    A1: 'QC',
    A3: 'Montréal',
    HNO: '1255',
    STS: 'RUE',
    RD: 'Peel',
    POD: 'O',
    FLR: '5e',
    PC: 'H3B 2T9',
  };
  assert.equal(
    inFrench({ callerNumber: '+15145550123', callbackNumber: '+15145550100', location: { ...FOUND, civic } }),
    'Ceci est un appel d’essai au service d’urgence. Aucun centre d’urgence n’a été appelé. Vous appelez du 514 555-0123. ' +
      'On vous rappellerait au 514 555-0100. Vous êtes à l’adresse suivante : 1255, rue Peel Ouest, 5e étage, Montréal, Québec, ' +
      'code postal H3B 2T9, Canada. La règle qui l’a trouvée : le port de commutateur de votre appareil. ' +
      'Un vrai appel au 911 irait directement à Dallas County.',
  );
});

void test('every text stands in every language with the same words in braces', () => {
  const keys = Object.keys(CATALOGUE_EN) as TextKey[];
  assert.deepEqual(Object.keys(CATALOGUE_FR).sort(), [...keys].sort());
  const braces = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  for (const key of keys) {
    assert.deepEqual(braces(CATALOGUE_FR[key]), braces(CATALOGUE_EN[key]), key);
    assert.notEqual(CATALOGUE_FR[key].trim(), '', key);
    if (!['and'].includes(key)) assert.notEqual(CATALOGUE_FR[key], CATALOGUE_EN[key], key);
    // Whatever is filled in, nothing of the notation is left over.
    const names = braces(CATALOGUE_EN[key]).map((brace) => brace.slice(1, -1));
    fc.assert(
      fc.property(
        fc.constantFrom(CATALOGUE_EN, CATALOGUE_FR),
        fc.stringMatching(/^[\w $&]{1,20}$/),
        (catalogue, value) => {
          const filled = fillText(catalogue, key, Object.fromEntries(names.map((name) => [name, value])));
          assert.doesNotMatch(filled, /[{}]/);
          for (const _ of names) assert.ok(filled.includes(value));
        },
      ),
      { numRuns: 10, seed: 933 },
    );
  }
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
  assert.equal(speakNumber('+442079460123', 'fr'), '+442079460123');
});

void test('where no rule of ours is known, the sentence of the trace is spoken', () => {
  const rule = 'address of Dallas, the location of the caller’s number';
  const location = { ...FOUND, source: 'number', foundBy: null, rule } as const;
  assert.match(
    spoken({ location }),
    /The rule that found it: address of Dallas, the location of the caller's number\./,
  );
  assert.match(inFrench({ location }), /La règle qui l’a trouvée : le lieu de votre numéro de téléphone\./);
});

void test('a location that has coordinates only', () => {
  const position = { latitude: 32.7767, longitude: -96.797 };
  const location = { ...FOUND, civic: null, position, foundBy: null, source: 'conveyed-value', rule: '' } as const;
  assert.match(
    spoken({ location }),
    /coordinates only: latitude 3 2 point 7 7 6 7, longitude minus 9 6 point 7 9 7 0\. The rule that found it: your phone or network sent it with the call\./,
  );
  assert.match(inFrench({ location }), /latitude 32,7767, longitude -96,7970\./);
  assert.equal(speakDegrees(0), '0 point 0 0 0 0');
});

void test('test calls that are not enabled yet: said, with what is missing for them (decision 9)', () => {
  const stage = { accountEnabled: true, testCallsEnabled: false, routingEnabled: false, optedOut: false } as const;
  const change = {
    routing: 'relay',
    reason: 'not-enabled',
    destinationName: null,
    stage: { ...stage, missing: ['ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] },
  } as const;
  assert.match(
    spoken(change),
    /Test calls are not enabled for this location yet\. What is missing: the alert recipients and the network elements\. A real 9 1 1 call would go to the relay center, where an agent asks for your location, because routing is not enabled\./,
  );
  assert.match(inFrench(change), /Il manque : les destinataires des alertes et les éléments du réseau\./);
});

void test('a service that is switched off is said, whatever was completed (decision 37)', () => {
  const stage = { ...READY.stage, accountEnabled: false, testCallsEnabled: false, routingEnabled: false };
  const text = spoken({ routing: 'relay', reason: 'no-account', destinationName: null, stage });
  assert.match(
    text,
    /The emergency service is not switched on for this organization\. Test calls are not enabled for this location yet\. A real 9 1 1 call would go to the relay center, where an agent asks for your location, because the emergency service is not switched on\./,
  );
});

void test('whatever leads to the relay centre is said', () => {
  const reasons: readonly [RelayReason, RegExp][] = [
    ['opted-out', /because this location has opted out\./],
    ['exempt', /outside the service area/],
    ['no-location', /because your location is not known\./],
    ['no-route', /lies in no known area/],
    ['psap-open', /not settled which emergency center/],
  ];
  for (const [reason, words] of reasons) assert.match(spoken({ routing: 'relay', reason }), words);
  assert.match(spoken({ routing: 'relay' }), /would go to Dallas County, where an agent asks for your location\.$/);
  assert.match(
    spoken({ routing: 'screened', reason: 'nomadic-canada', destinationName: 'Northern911' }),
    /would be screened by an agent of Northern911 before it goes on, because the address was registered by you and lies in Canada\./,
  );
  const stage = { ...READY.stage, routingEnabled: false };
  assert.match(
    spoken({ stage: { ...stage, missing: ['ROUTING_ENABLED'] } }),
    /Emergency routing is not enabled for this location yet\. What is missing: the confirmation that routing is enabled\./,
  );
  assert.match(
    spoken({ stage: { ...stage, optedOut: true } }),
    /This location has opted out of the emergency service\./,
  );
  assert.match(spoken({ location: null }), /Your location is not known\./);
  assert.match(spoken({ location: { ...FOUND, civic: {} } }), /Your location is not known\./);
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
  assert.equal(said({ FLR: '12th', ROOM: 'Lobby' }), '12th floor, room Lobby');
  assert.equal(said({ NAM: 'Fire & Rescue, Inc.', LMK: 'the fountain' }), 'Fire and Rescue, Inc, near the fountain');
  assert.equal(said({ country: 'US', A1: 'GU', A3: 'Hagåtña' }), 'Hagåtña, Guam');
  assert.equal(said({ country: 'CA', A1: 'ON', PC: 'K1A 0B1' }), 'Ontario, postal code K 1 A 0 B 1, Canada');
  assert.equal(said({ country: 'us', A1: 'XX' }), 'XX');
  assert.equal(spellOut('a/9'), 'A slash 9');
});

void test('French addresses as they are written in Canada', () => {
  const written = (address: CivicAddress) => speakAddress(address, 'fr');
  assert.equal(written({ HNO: '123½', STS: 'AV', RD: 'du Parc' }), '123 et demi, avenue du Parc');
  assert.equal(
    written({ HNO: '12', HNS: 'B', STS: 'boul.', RD: 'St-Laurent', POD: 'N' }),
    '12 B, boulevard Saint-Laurent Nord',
  );
  assert.equal(written({ HNO: '40', RD: '5e', STS: 'AV', POD: 'O' }), '40, 5e Avenue Ouest');
  assert.equal(written({ RD: 'ch. Ste-Foy E' }), 'chemin Sainte-Foy Est');
  assert.equal(written({ RD: 'Main', STS: 'Street', PRD: 'W' }), 'W Main Street');
  assert.equal(
    written({ FLR: '1er', ROOM: '312B', UNIT: '4', BLD: 'bâtiment C' }),
    'bâtiment C, 1er étage, unité 4, pièce 312B',
  );
  assert.equal(written({ FLR: '2nd', SEAT: '7', LMK: 'la gare' }), 'près de la gare, 2e étage, place 7');
  assert.equal(
    written({ country: 'CA', A1: 'QC', A3: 'Québec', PC: 'g1r 4p5' }),
    'Québec, Québec, code postal G1R 4P5, Canada',
  );
  assert.equal(written({ country: 'US', A1: 'VT' }), 'Vermont');
});

void test('a house number as long as a message is cut before anything is looked for in it', { timeout: 20_000 }, () => {
  const HNO = `1${'-'.repeat(60_000)}1/2`;
  for (let count = 0; count < 5; count++) {
    assert.doesNotMatch(speakAddress({ HNO, HNS: HNO }), /half/);
    assert.doesNotMatch(speakAddress({ HNO, HNS: HNO }, 'fr'), /demi/);
  }
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
      const { announcementText, sentences, spelling, translation } = composeAnnouncement({
        ...READY,
        location: { ...FOUND, civic: location, rule: text },
        callerNumber: text,
        destinationName: text,
        language: 'fr',
      });
      for (const said of [announcementText, translation?.text ?? '', ...spelling]) {
        assert.ok(said.length < 6000, String(said.length));
        assert.doesNotMatch(said, /\p{Cc}/u);
      }
      assert.ok(sentences.length <= 12 && spelling.length <= 3);
    }),
    { numRuns: 300, seed: 911 },
  );
});
