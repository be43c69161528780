import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createManualClock } from '../support/manual-clock.ts';
import type { CallLookups } from './call-lookups.ts';
import { type DecisionSteps, decide } from './decide.ts';
import type { ConveyedLocation, EmergencyCall } from './emergency-call.ts';
import { attachLocation } from './steps/attach-location.ts';
import { chooseCallback } from './steps/choose-callback.ts';
import { chooseDestination } from './steps/choose-destination.ts';
import { identifyCaller } from './steps/identify-caller.ts';
import { emergencyCall, fakeLookups, identity, locationValue } from './testing/fake-lookups.ts';

const now = createManualClock();
const CALL = emergencyCall({ identities: [identity('+12145550100')] });
const STEPS: DecisionSteps = { identifyCaller, attachLocation, chooseCallback, chooseDestination };

function fail(): never {
  throw new Error('made to fail');
}

test('whichever step throws, the call still has a destination and the trace says what happened', () => {
  for (const step of Object.keys(STEPS) as (keyof DecisionSteps)[]) {
    const decision = decide(CALL, fakeLookups(), now, { ...STEPS, [step]: fail });
    assert.ok(decision.destination.uri.startsWith('sip:'), step);
    assert.ok(decision.flags.includes('step-failed'), step);
    const failed = decision.trace.filter(({ reason }) => reason === 'step failed: made to fail');
    assert.equal(failed.length, 1, step);
    assert.equal(decision.trace.length, 4, step);
  }
});

/** What this call gives no reason to ask for. */
const UNASKED: ReadonlySet<string> = new Set(['isOwnReference', 'findElin', 'onlySite', 'elinFor']);

test('whichever lookup throws, the call still has a destination', () => {
  const names = Object.keys(fakeLookups()).filter((name) => name !== 'relays') as (keyof CallLookups)[];
  for (const name of names) {
    const call = emergencyCall({
      identities: [identity('+12145550100')],
      peer: { address: '192.0.2.10', port: 5060 },
      conveyed:
        name === 'resolveReference'
          ? [{ uri: 'https://waymark.example.net/held/l/erl', form: 'own', value: null, note: '' }]
          : [],
    });
    const decision = decide(call, fakeLookups({ [name]: fail }), now);
    assert.ok(decision.candidates.length > 0, name);
    if (!UNASKED.has(name)) assert.ok(decision.flags.includes('step-failed') || name === 'findByNumber', name);
    assert.equal(decision.callback.number, '+12145550100', `${name}: the callback number survives`);
  }
});

test('a lookup of ELINs or of the default location that throws leaves the call a destination', () => {
  const trunk = fakeLookups().trunkOf({ address: '192.0.2.10', port: 5060 });
  assert.equal(trunk.kind, 'one');
  const esrp = { kind: 'one', trunk: { ...trunk.trunk, mode: 'esrp' } } as const;
  for (const name of ['findElin', 'onlySite'] as const) {
    const call = emergencyCall({ identities: [identity('+12145559999')], peer: { address: '192.0.2.10', port: 5060 } });
    const decision = decide(call, fakeLookups({ trunkOf: () => esrp, [name]: fail }), now);
    assert.ok(decision.candidates.length > 0, name);
    assert.ok(decision.flags.includes('step-failed'), name);
    assert.equal(decision.callback.number, '+12145559999', name);
  }
});

const text = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('+12145550100', '4711', '', '☎', '%'));
const conveyed: fc.Arbitrary<ConveyedLocation> = fc.record({
  uri: fc.option(text, { nil: null }),
  form: fc.constantFrom('value', 'own', 'foreign'),
  value: fc.option(
    fc.oneof(
      fc.constant(locationValue('TX', 'Dallas')),
      fc.constant({}),
      fc.record({ civic: fc.dictionary(fc.constantFrom('country', 'A1', 'HNO'), text) }),
      fc.record({
        shape: fc.record({
          type: fc.constant('point' as const),
          position: fc.record({ latitude: fc.double(), longitude: fc.double() }),
        }),
        timestamp: fc.date({ noInvalidDate: false }),
      }),
    ),
    { nil: null },
  ),
  note: text,
});
const anyCall: fc.Arbitrary<EmergencyCall> = fc.record({
  service: fc.constantFrom(
    CALL.service,
    { kind: '933', service: 'urn:service:sos', dialed: '9933', isPrefixed: true, isUrn: false } as const,
    {
      kind: '911',
      service: 'urn:service:sos.fire',
      dialed: 'urn:service:sos.fire',
      isPrefixed: false,
      isUrn: true,
    } as const,
  ),
  requestUri: text,
  peer: fc.record({ address: fc.oneof(text, fc.constant('192.0.2.10')), port: fc.integer() }),
  identities: fc.array(
    fc.record({
      header: fc.constantFrom('P-Asserted-Identity', 'From', 'Remote-Party-ID'),
      uri: text,
      number: fc.option(text, { nil: null }),
      displayName: fc.option(text, { nil: null }),
    }),
    { maxLength: 3 },
  ),
  conveyed: fc.array(conveyed, { maxLength: 4 }),
});

test('whatever the call carries, the decision neither throws nor leaves it without a destination', () => {
  fc.assert(
    fc.property(anyCall, (call) => {
      const decision = decide(call, fakeLookups(), now);
      assert.ok(decision.candidates.length >= 1);
      assert.ok(
        decision.candidates.some(({ kind }) => kind === 'relay'),
        'the relay centre is always among them',
      );
      assert.equal(decision.destination, decision.candidates[0]);
      assert.equal(decision.trace.length, 4);
      assert.equal(decision.flags.includes('relay'), decision.destination.kind === 'relay');
      assert.equal(decision.flags.includes('no-location'), decision.location === null);
    }),
    { numRuns: 500, seed: 911 },
  );
});
