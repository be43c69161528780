import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallFlag, CallStanding } from '../domain/call-record.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { decide } from './decide.ts';
import {
  emergencyCall,
  fakeLookups,
  identity,
  LOCATION_ID,
  locationValue,
  ORGANIZATION_ID,
  OTHER_ORGANIZATION_ID,
  STANDING,
} from './testing/fake-lookups.ts';

const now = createManualClock();

const ALL_MISSING = ['LOCATION_SETUP', 'ALERTS', 'NETWORK_ELEMENTS', 'ROUTING_ENABLED'] as const;
const NOT_ENABLED = { ...STANDING, routingEnabled: false };

/** facts of the service: stage by stage, what a located 911 call gets (decision 10). */
const STAGES: readonly [name: string, standing: CallStanding, kind: 'psap' | 'relay', flag: CallFlag | null][] = [
  [
    'nothing completed',
    {
      ...NOT_ENABLED,
      organizationCompleted: null,
      locationCompleted: null,
      testCallsEnabled: false,
      missing: ALL_MISSING,
    },
    'relay',
    'not-enabled',
  ],
  [
    'LOCATION_SETUP',
    { ...NOT_ENABLED, locationCompleted: 'LOCATION_SETUP', testCallsEnabled: false, missing: ALL_MISSING.slice(1) },
    'relay',
    'not-enabled',
  ],
  [
    'ALERTS',
    { ...NOT_ENABLED, locationCompleted: 'ALERTS', testCallsEnabled: false, missing: ALL_MISSING.slice(2) },
    'relay',
    'not-enabled',
  ],
  [
    'NETWORK_ELEMENTS',
    { ...NOT_ENABLED, locationCompleted: 'NETWORK_ELEMENTS', missing: ALL_MISSING.slice(3) },
    'relay',
    'not-enabled',
  ],
  ['ROUTING_ENABLED', STANDING, 'psap', null],
  ['opted out', { ...NOT_ENABLED, optedOut: true }, 'relay', 'opted-out'],
  ['exempt', { ...NOT_ENABLED, exempt: true }, 'relay', 'exempt'],
];

test('decision 10: direct only when routing is enabled, else the relay centre with all that is known', () => {
  for (const [name, standing, kind, flag] of STAGES) {
    const decision = decide(
      emergencyCall({ identities: [identity('+12145550100')] }),
      fakeLookups({ standing: () => standing }),
      now,
    );
    assert.equal(decision.destination.kind, kind, name);
    assert.equal(decision.location?.locationId, LOCATION_ID, `${name}: the location is known all the same`);
    assert.equal(decision.callback.number, '+12145550100', name);
    assert.equal(decision.flags.includes('relay'), kind === 'relay', name);
    if (flag) assert.ok(decision.flags.includes(flag), `${name}: ${decision.flags.join()}`);
    else assert.deepEqual(decision.flags, [], name);
    // Whoever is not first stands behind, so that no call ends in a dead end.
    assert.deepEqual(new Set(decision.candidates.map((candidate) => candidate.kind)), new Set(['psap', 'relay']), name);
    assert.deepEqual(
      decision.trace.map(({ step }) => step),
      ['identify-caller', 'attach-location', 'choose-callback', 'choose-destination'],
    );
  }
});

test('decision 37: a service that is switched off takes no call away, and the trace says so', () => {
  const standing = { ...STANDING, accountEnabled: false, testCallsEnabled: false, routingEnabled: false };
  const call = emergencyCall({ identities: [identity('+12145550100')] });
  const decision = decide(call, fakeLookups({ standing: () => standing }), now);
  assert.equal(decision.destination.kind, 'relay');
  assert.ok(decision.flags.includes('not-enabled'));
  assert.equal(decision.location?.locationId, LOCATION_ID);
  assert.match(decision.trace.at(-1)?.reason ?? '', /no E911 account that is switched on$/);
  assert.ok(decision.candidates.some(({ kind }) => kind === 'psap'));
});

test('decision 13: the conveyed location routes, ours is used only without one and then added by reference', () => {
  const ours = decide(emergencyCall({ identities: [identity('+12145550100')] }), fakeLookups(), now);
  assert.equal(ours.location?.source, 'number');
  assert.deepEqual(ours.addReference, {
    organizationId: ORGANIZATION_ID,
    target: { kind: 'location', id: LOCATION_ID },
  });

  const conveyed = decide(
    emergencyCall({
      identities: [identity('+12145550100')],
      conveyed: [{ uri: 'cid:x@example.net', form: 'value', value: locationValue('CA', 'Kern'), note: '' }],
    }),
    fakeLookups(),
    now,
  );
  assert.equal(conveyed.location?.source, 'conveyed-value');
  assert.equal(conveyed.addReference, null);
  assert.equal(conveyed.destination.sourceId, 'psap-CA-Kern');
});

test('an unusable conveyed location falls back to ours and says so', () => {
  const decision = decide(
    emergencyCall({
      identities: [identity('+12145550100')],
      conveyed: [
        { uri: 'https://lis.example.net/x', form: 'foreign', value: null, note: 'dereference failed: no answer' },
        { uri: 'https://waymark.example.net/held/l/expired', form: 'own', value: null, note: '' },
      ],
    }),
    fakeLookups(),
    now,
  );
  assert.equal(decision.location?.source, 'number');
  assert.ok(decision.addReference);
  const entry = decision.trace.find(({ step }) => step === 'attach-location');
  assert.match(entry?.reason ?? '', /dereference failed: no answer/);
  assert.match(entry?.reason ?? '', /our reference is expired/);
});

test('a conveyed location that names a country alone gives way to ours, and is used where we know nothing', () => {
  const value = { civic: { country: 'CA' }, method: 'Default' };
  const conveyed = [{ uri: 'cid:x@example.net', form: 'value', value, note: '' }] as const;
  const known = decide(emergencyCall({ identities: [identity('+12145550100')], conveyed }), fakeLookups(), now);
  assert.equal(known.location?.source, 'number');
  assert.equal(known.destination.kind, 'psap');
  assert.ok(known.addReference);
  assert.match(known.trace[1]?.reason ?? '', /as cid:x@example.net names a country and no place in it/);

  const better = [
    ...conveyed,
    { uri: 'cid:y', form: 'value', value: locationValue('TX', 'Austin'), note: '' } as const,
  ];
  const second = decide(emergencyCall({ conveyed: better }), fakeLookups(), now);
  assert.equal(second.location?.civic?.A3, 'Austin');

  const unknown = decide(emergencyCall({ conveyed }), fakeLookups({ destinationsFor: () => null }), now);
  assert.equal(unknown.location?.source, 'conveyed-value');
  assert.equal(unknown.destination.name, 'Canadian relay centre');
});

test('decision 12: location URI before trunk before number; conflicts are traced, never refused', () => {
  const call = emergencyCall({
    identities: [identity('+13125550199')],
    conveyed: [{ uri: 'https://waymark.example.net/held/l/erl', form: 'own', value: null, note: '' }],
  });
  const decision = decide(call, fakeLookups(), now);
  assert.equal(decision.organizationId, ORGANIZATION_ID);
  assert.equal(decision.location?.erlId, 'erl-1');
  assert.equal(decision.destination.kind, 'psap');
  assert.ok(decision.flags.includes('conflict'));
  assert.match(
    decision.trace[0]?.reason ?? '',
    new RegExp(`number \\+13125550199 belongs to organization ${OTHER_ORGANIZATION_ID}`),
  );

  const byTrunk = decide(
    emergencyCall({ identities: [identity('+13125550199')], peer: { address: '192.0.2.10', port: 5060 } }),
    fakeLookups(),
    now,
  );
  assert.equal(byTrunk.organizationId, ORGANIZATION_ID);
  assert.equal(byTrunk.trunkId, 'trunk-1');
  assert.ok(byTrunk.flags.includes('conflict'));
  assert.ok(byTrunk.flags.includes('unknown-caller'));
});

test('a trace names nothing that belongs to another organization than the call', () => {
  const numberOfOthers = decide(
    emergencyCall({ peer: { address: '192.0.2.10', port: 5060 }, identities: [identity('+13125550199')] }),
    fakeLookups(),
    now,
  );
  assert.equal(numberOfOthers.organizationId, ORGANIZATION_ID);
  assert.ok(numberOfOthers.flags.includes('conflict'));
  assert.doesNotMatch(JSON.stringify(numberOfOthers.trace), /Chicago/);

  const findElin = () => ({
    organizationId: OTHER_ORGANIZATION_ID,
    name: 'Vault',
    value: locationValue('IL', 'Chicago'),
    target: { kind: 'erl', id: 'erl-9' } as const,
    locationId: 'x',
    buildingId: null,
    erlId: 'erl-9',
    rule: 'the ELIN of Vault',
    isNomadic: false,
  });
  const elinOfOthers = decide(
    emergencyCall({ peer: { address: '192.0.2.10', port: 5060 }, identities: [identity('+13125550155')] }),
    fakeLookups({ findElin }),
    now,
  );
  assert.equal(elinOfOthers.organizationId, ORGANIZATION_ID);
  assert.doesNotMatch(JSON.stringify(elinOfOthers.trace), /Vault|Chicago/);

  const resolveReference = () => ({ found: true as const, ...findElin(), rule: 'location URI' });
  const conveyed = [{ uri: 'https://waymark.example.net/held/l/x', form: 'own', value: null, note: '' }] as const;
  const trunkOfOthers = decide(
    emergencyCall({ peer: { address: '192.0.2.10', port: 5060 }, conveyed }),
    fakeLookups({ resolveReference }),
    now,
  );
  assert.equal(trunkOfOthers.organizationId, OTHER_ORGANIZATION_ID);
  assert.match(trunkOfOthers.trace[0]?.reason ?? '', /trunk trunk-1 belongs to organization/);
  assert.doesNotMatch(JSON.stringify(trunkOfOthers.trace), /Dallas SBC/);
});

test('an extension is known within the trunk’s organization', () => {
  const decision = decide(
    emergencyCall({ identities: [identity('4711')], peer: { address: '192.0.2.10', port: 5060 } }),
    fakeLookups(),
    now,
  );
  assert.equal(decision.caller.memberId, 'member-1');
  assert.equal(decision.callback.number, '+12145550100');
  assert.equal(decision.destination.kind, 'psap');
});

test('an unknown number without location reaches the relay centre, flagged; with one it goes direct', () => {
  const unknown = decide(emergencyCall({ identities: [identity('+12145559999')] }), fakeLookups(), now);
  assert.equal(unknown.destination.kind, 'relay');
  assert.deepEqual(new Set(unknown.flags), new Set(['unknown-organization', 'unknown-caller', 'no-location', 'relay']));
  assert.equal(unknown.callback.number, '+12145559999');

  const located = decide(
    emergencyCall({
      conveyed: [{ uri: null, form: 'value', value: locationValue('PR', 'San Juan'), note: '' }],
    }),
    fakeLookups(),
    now,
  );
  assert.equal(located.destination.sourceId, 'psap-PR-San Juan');
  assert.ok(located.flags.includes('unknown-organization'));
});

test('decision 11: a fixed place in Canada goes direct, a nomadic one to the Canadian relay, with its language', () => {
  const call = emergencyCall({ identities: [identity('+14165550100')] });
  const fixed = decide(call, fakeLookups(), now);
  assert.equal(fixed.destination.sourceId, 'psap-ON-Toronto');
  assert.equal(fixed.language, 'fr');
  const nomadic = decide(
    call,
    fakeLookups({
      locateDevice: () => ({
        value: locationValue('ON', 'Toronto', 'CA'),
        target: { kind: 'location', id: 'home' },
        locationId: null,
        buildingId: null,
        erlId: null,
        rule: 'registered by the user',
        isNomadic: true,
      }),
    }),
    now,
  );
  assert.equal(nomadic.destination.uri, 'sip:relay-ca@127.0.0.1:5070');
  assert.ok(nomadic.flags.includes('nomadic-canada'));
  const unlocated = decide(emergencyCall({ identities: [identity('+14165559999')] }), fakeLookups(), now);
  assert.equal(unlocated.destination.uri, 'sip:relay-ca@127.0.0.1:5070', 'an unlocated Canadian number');
});

test('a location in no boundary reaches the relay centre', () => {
  const decision = decide(
    emergencyCall({ identities: [identity('+12145550100')] }),
    fakeLookups({ destinationsFor: () => null }),
    now,
  );
  assert.equal(decision.destination.kind, 'relay');
  assert.ok(decision.flags.includes('no-route'));
});

test('the service URN of the call is what is routed by', () => {
  const services: string[] = [];
  const lookups = fakeLookups();
  decide(
    emergencyCall({
      identities: [identity('+12145550100')],
      service: {
        kind: '911',
        service: 'urn:service:sos.fire',
        dialed: 'urn:service:sos.fire',
        isPrefixed: false,
        isUrn: true,
      },
    }),
    {
      ...lookups,
      destinationsFor(value, service) {
        services.push(service);
        return lookups.destinationsFor(value, service);
      },
    },
    now,
  );
  assert.deepEqual(services, ['urn:service:sos.fire']);
});

test('933 is decided as the 911 call it stands for', () => {
  const real = decide(emergencyCall({ identities: [identity('+12145550100')] }), fakeLookups(), now);
  const trial = decide(
    emergencyCall({
      identities: [identity('+12145550100')],
      service: { kind: '933', service: 'urn:service:sos', dialed: '933', isPrefixed: false, isUrn: false },
    }),
    fakeLookups(),
    now,
  );
  assert.deepEqual(trial.destination, real.destination);
  assert.deepEqual(trial.location, real.location);
});

test('a destination that seems dead is tried later and never left out; the trace says why', () => {
  const lookups = (dead: (uri: string) => boolean) =>
    fakeLookups({ doubtOf: (uri) => (dead(uri) ? 'has not answered since 2026-01-01T00:00:00.000Z' : null) });
  const call = emergencyCall({ identities: [identity('+12145550100')] });
  const decided = (dead: (uri: string) => boolean) => {
    const { candidates, trace, flags } = decide(call, lookups(dead), now);
    return { kinds: candidates.map(({ kind }) => kind), reason: trace.at(-1)?.reason ?? '', flags };
  };
  assert.deepEqual(decided(() => false).kinds, ['psap', 'relay']);
  const psapDead = decided((uri) => !uri.includes('relay'));
  assert.deepEqual(psapDead.kinds, ['relay', 'psap']);
  assert.match(psapDead.reason, /has not answered since .* and is tried later/);
  assert.ok(psapDead.flags.includes('relay'));
  assert.deepEqual(decided(() => true).kinds, ['psap', 'relay'], 'when all seem dead nothing changes');
});

test('the relay centre has alternates, which come after it', () => {
  const relays = {
    US: { uri: 'sip:relay@192.0.2.30', name: 'Relay', alternateUris: ['sip:relay@192.0.2.31'] },
    CA: { uri: 'sip:relay@192.0.2.32', name: 'Relay in Canada' },
  };
  const { candidates } = decide(
    emergencyCall({ identities: [identity('+12145550100')] }),
    fakeLookups({ relays }),
    now,
  );
  assert.deepEqual(
    candidates.slice(1).map(({ uri }) => uri),
    ['sip:relay@192.0.2.30', 'sip:relay@192.0.2.31'],
  );
});
