import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createManualClock } from '../support/manual-clock.ts';
import type { CallLookups, ElinLocation, OwnLocation } from './call-lookups.ts';
import { decide } from './decide.ts';
import type { EmergencyCall } from './emergency-call.ts';
import {
  emergencyCall,
  fakeLookups,
  identity,
  LOCATION_ID,
  locationValue,
  ORGANIZATION_ID,
  OTHER_ORGANIZATION_ID,
} from './testing/fake-lookups.ts';
import type { TrunkMode } from './trunk.ts';

const now = createManualClock();
const BY_TRUNK = { peer: { address: '192.0.2.10', port: 5060 } };

function place(name: string): OwnLocation {
  return {
    value: { ...locationValue('TX', 'Dallas'), method: 'Wiremap' },
    target: { kind: 'erl', id: name },
    locationId: LOCATION_ID,
    buildingId: 'building-1',
    erlId: name,
    rule: `rule of ${name}`,
    isNomadic: false,
  };
}

function elin(name: string, organizationId = ORGANIZATION_ID): ElinLocation {
  return { ...place(name), organizationId, name };
}

function decided(call: Partial<EmergencyCall>, lookups: Partial<CallLookups> = {}, mode: TrunkMode = 'proxy') {
  const match = fakeLookups().trunkOf({ address: '192.0.2.10', port: 5060 });
  assert.equal(match.kind, 'one');
  const { trunk } = match;
  const known = fakeLookups({
    trunkOf: (peer) => (peer.address === '192.0.2.10' ? { kind: 'one', trunk: { ...trunk, mode } } : { kind: 'none' }),
    ...lookups,
  });
  return decide(emergencyCall(call), known, now);
}

function reasonOf(decision: ReturnType<typeof decided>, step: string): string {
  return decision.trace.find((entry) => entry.step === step)?.reason ?? '';
}

test('a device that its trunk names is found by FIND, before the site of the number, and asked for by number as well', () => {
  const asked: unknown[] = [];
  const locateDevice: CallLookups['locateDevice'] = (question) => {
    asked.push(question);
    return place('desk');
  };
  const call = { ...BY_TRUNK, device: '00:1B:2C:3D:4E:5F', identities: [identity('4711')] };
  const decision = decided(call, { locateDevice });
  assert.equal(decision.location?.source, 'device');
  assert.equal(decision.location.erlId, 'desk');
  assert.deepEqual(decision.addReference, { organizationId: ORGANIZATION_ID, target: { kind: 'erl', id: 'desk' } });
  assert.deepEqual(asked, [{ organizationId: ORGANIZATION_ID, device: '00:1B:2C:3D:4E:5F', number: '+12145550100' }]);

  const unknown = decided(call);
  assert.equal(unknown.location?.source, 'number');
  assert.match(reasonOf(unknown, 'attach-location'), /nothing is known of the device 00:1B:2C:3D:4E:5F/);
});

test('an ELIN as caller number tells the place, and whose call it is', () => {
  const findElin = (number: string) => (number === '+12145550777' ? elin('lobby') : undefined);
  const decision = decided({ identities: [identity('+12145550777')] }, { findElin });
  assert.equal(decision.organizationId, ORGANIZATION_ID);
  assert.equal(decision.location?.source, 'elin');
  assert.equal(decision.location.erlId, 'lobby');
  assert.equal(decision.destination.kind, 'psap');
  assert.equal(decision.addReference?.target.id, 'lobby');
  assert.equal(decision.callback.number, '+12145550777', 'the ELIN itself leads back to the caller');
  assert.match(
    reasonOf(decision, 'identify-caller'),
    /decided by ELIN \+12145550777; \+12145550777 is the ELIN of lobby/,
  );
});

test('a device wins over an ELIN, which is told; an ELIN of another organization says nothing', () => {
  const call = { ...BY_TRUNK, device: 'phone-17', identities: [identity('+12145550777')] };
  const both = decided(call, { findElin: () => elin('lobby'), locateDevice: () => place('desk') });
  assert.equal(both.location?.erlId, 'desk');
  assert.match(reasonOf(both, 'attach-location'), /not used: rule of lobby/);

  const foreign = decided(call, { findElin: () => elin('lobby', OTHER_ORGANIZATION_ID) });
  assert.equal(foreign.location, null);
  assert.ok(foreign.flags.includes('conflict'));
});

test('towards an ESInet what we know goes on the call by value, what it conveys is left alone', () => {
  const known = decided({ ...BY_TRUNK, identities: [identity('4711')] }, {}, 'esrp');
  assert.equal(known.location?.source, 'number');
  assert.equal(known.addReference, null);
  assert.equal(known.addBody?.civic?.A3, 'Dallas');
  assert.equal(known.addBody.method, 'Manual');

  const mapped = decided({ ...BY_TRUNK, device: 'x' }, { locateDevice: () => place('desk') }, 'esrp');
  assert.equal(mapped.addBody?.method, 'Wiremap');

  const conveyed = [{ uri: 'cid:a', form: 'value', value: locationValue('CA', 'Kern'), note: '' }] as const;
  const brought = decided({ ...BY_TRUNK, identities: [identity('4711')], conveyed }, {}, 'esrp');
  assert.equal(brought.addBody, null);
  assert.equal(brought.location?.source, 'conveyed-value');
});

test('towards an ESInet nobody goes without a default: the only site, which routes, else the country alone, which does not', () => {
  const onlySite = () => fakeLookups().site(ORGANIZATION_ID, LOCATION_ID);
  const site = decided({ ...BY_TRUNK, identities: [identity('+12145559999')] }, { onlySite }, 'esrp');
  assert.equal(site.location?.source, 'default');
  assert.equal(site.addBody?.method, 'Default');
  assert.equal(site.addBody.civic?.A3, 'Dallas');
  assert.equal(site.destination.kind, 'psap');
  assert.ok(site.flags.includes('no-location'), 'it is flagged all the same');

  for (const [number, country] of [
    ['+14165559999', 'CA'],
    ['+12145559999', 'US'],
    [null, 'US'],
  ] as const) {
    const nothing = decided({ ...BY_TRUNK, identities: [identity(number)] }, {}, 'esrp');
    assert.equal(nothing.location, null);
    assert.equal(nothing.destination.kind, 'relay');
    assert.deepEqual(nothing.addBody, { civic: { country }, method: 'Default' });
  }
  assert.equal(decided({ ...BY_TRUNK, identities: [identity('+12145559999')] }, { onlySite }).location, null);
});

test('what a call says beside what decides stands in the trace', () => {
  const remarks = { identity: ['Diversion names sip:x@y'], location: ['no Geolocation-Routing: …'] };
  const decision = decided({ remarks });
  assert.match(reasonOf(decision, 'identify-caller'), /Diversion names sip:x@y/);
  assert.match(reasonOf(decision, 'attach-location'), /no Geolocation-Routing/);
});
