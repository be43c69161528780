import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from '../places/places.ts';
import type { DeviceIdentity, Measurements } from '../wire/held/held.ts';
import { createLocateDevice, numberOfUri } from './locate-device.ts';
import type { KnownPlaces } from './place-of-target.ts';
import { ELEMENT_KINDS, type ElementKind } from './wire-map-element.ts';
import { buildWireMapIndex, emptyWireMapRows, switchPortKey, type WireMapRows } from './wire-map-index.ts';

const A = 'organization-a';
const B = 'organization-b';
const OFFICE = '203.0.113.10';
const HOME = '198.51.100.77';
const NOW = Date.UTC(2026, 5, 1);

/** Every id names a place whose ROOM is the id, in the organization that its first letter tells. */
function knownPlaces(missing: ReadonlySet<string> = new Set()): KnownPlaces {
  const owns = (organizationId: string, id: string): boolean =>
    organizationId.endsWith(id[0]?.toLowerCase() ?? '') && !missing.has(id);
  return {
    responseLocation: (organizationId, id) =>
      owns(organizationId, id)
        ? ({ id, locationId: `${id}-site`, buildingId: `${id}-house`, civic: { ROOM: id } } as ResponseLocation)
        : undefined,
    location: (organizationId, id) =>
      owns(organizationId, id)
        ? ({ id, address: { NAM: id }, position: { latitude: 1, longitude: 2 } } as PlaceLocation)
        : undefined,
    building: () => undefined,
    buildingById: (organizationId, id) =>
      owns(organizationId, id) ? ({ id, position: { latitude: 1, longitude: 2 } } as PlaceBuilding) : undefined,
    findEmergencyPlace: () => undefined,
    placeOfNumberAddress: () => undefined,
  };
}

function rowsOf(
  elements: readonly (readonly [kind: ElementKind, key: string, erl: string])[],
  own: WireMapRows['addressRanges'] = [],
) {
  const rows = emptyWireMapRows();
  for (const [kind, key, erl] of elements) {
    rows.elements[kind].keys.push(key);
    rows.elements[kind].targets.push(rows.responseLocations.push(erl) - 1);
  }
  rows.addressRanges.push(...own);
  return rows;
}

const MAP_A = rowsOf(
  [
    ['switch-port', switchPortKey('00:1b:00:00:00:01', 'gi1/0/12'), 'a-port'],
    ['switch-chassis', '00:1b:00:00:00:01', 'a-chassis'],
    ['switch-chassis', 'closet 3', 'a-closet'],
    ['bssid', 'aa:aa:aa:aa:aa:01', 'a-near'],
    ['bssid', 'aa:aa:aa:aa:aa:02', 'a-far'],
    ['mac', 'cc:cc:cc:cc:cc:01', 'a-desk'],
    ['ip-range', '10.0.0.0/8', 'a-campus'],
    ['ip-range', '10.1.2.0/24', 'a-floor'],
    ['ip-range', '203.0.113.0/24', 'a-public'],
  ],
  [
    { range: '203.0.113.0/24', locationId: null },
    { range: '203.0.113.128/25', locationId: 'a-branch' },
  ],
);

function locator(missing?: ReadonlySet<string>) {
  const maps = new Map([[A, buildWireMapIndex(MAP_A)]]);
  return createLocateDevice({
    wireMaps: () => maps,
    places: knownPlaces(missing),
    findMemberTarget: (organizationId, number) =>
      organizationId === A && number === '+12145550123' ? { kind: 'location', id: 'a-number' } : undefined,
  });
}

const locate = locator();

const ip = (address: string): DeviceIdentity => ({ kind: 'ip', version: address.includes(':') ? 6 : 4, address });
const mac: DeviceIdentity = { kind: 'mac', address: 'cc:cc:cc:cc:cc:01' };
const uri: DeviceIdentity = { kind: 'uri', value: 'sip:+1-214-555-0123@example.com;user=phone' };

const EVERYTHING: Measurements = {
  lldp: [
    {
      chassis: { subtype: 4, value: '00:1b:00:00:00:01', raw: '001b00000001' },
      port: { subtype: 5, value: 'Gi1/0/12', raw: 'Gi1/0/12' },
    },
  ],
  wifi: [
    { bssid: 'aa:aa:aa:aa:aa:02', serving: false, signalDbm: -40 },
    { bssid: 'aa:aa:aa:aa:aa:01', serving: true, signalDbm: -80 },
  ],
  dhcp: [],
};

function ask(devices: readonly DeviceIdentity[], measurements?: Measurements, sourceAddress = '203.0.113.200') {
  return locate({ organizationId: A, devices, measurements, sourceAddress, nowMs: NOW });
}

function where(devices: readonly DeviceIdentity[], measurements?: Measurements, sourceAddress?: string): string {
  const located = ask(devices, measurements, sourceAddress);
  return located.found ? `${located.rule} ${located.target.id}` : 'unknown';
}

test('the rules win in their order, and the losers are told', () => {
  const located = ask([mac, ip('10.1.2.3'), uri], EVERYTHING);
  assert.ok(located.found);
  assert.equal(located.rule, 'switch-port');
  assert.equal(located.element, 'switch 00:1b:00:00:00:01 port gi1/0/12');
  assert.deepEqual(located.places, { locationId: 'a-port-site', buildingId: 'a-port-house', erlId: 'a-port' });
  assert.deepEqual(located.value, {
    civic: { ROOM: 'a-port' },
    shape: { type: 'point', position: { latitude: 1, longitude: 2 } },
    method: 'Wiremap',
    timestamp: new Date(NOW),
  });
  assert.deepEqual(
    located.candidates.map(({ rule, target }) => `${rule} ${target.id}`),
    [
      'switch-chassis a-chassis',
      'bssid a-near',
      'bssid a-far',
      'mac a-desk',
      'ip-range a-floor',
      'ip-range a-campus',
      'number a-number',
      'site-default a-branch',
    ],
  );
});

test('without the first the next wins', () => {
  const { lldp, wifi } = EVERYTHING;
  const [neighbour] = lldp;
  assert.ok(neighbour);
  assert.equal(where([mac], { lldp: [{ chassis: neighbour.chassis }], wifi, dhcp: [] }), 'switch-chassis a-chassis');
  assert.equal(
    where([], { lldp: [{ chassis: { subtype: 7, value: 'Closet 3', raw: 'Closet 3' } }], wifi: [], dhcp: [] }),
    'switch-chassis a-closet',
  );
  assert.equal(where([mac], { lldp: [], wifi, dhcp: [] }), 'bssid a-near');
  assert.equal(where([mac, ip('10.1.2.3')]), 'mac a-desk');
  assert.equal(where([ip('10.1.2.3')]), 'ip-range a-floor');
  assert.equal(where([ip('10.1.3.3')]), 'ip-range a-campus');
  assert.equal(where([uri]), 'number a-number');
  assert.equal(where([ip('192.168.9.9')]), 'site-default a-branch');
  assert.equal(where([ip('192.168.9.9')], undefined, OFFICE), 'unknown', 'that public range tells no site');
});

test('a private address counts only where the public one is the organization’s', () => {
  assert.equal(where([ip('10.1.2.3')], undefined, OFFICE), 'ip-range a-floor');
  assert.equal(where([ip('10.1.2.3')], undefined, HOME), 'unknown');
  assert.equal(
    where([ip('10.1.2.3'), ip(OFFICE)], undefined, '127.0.0.1'),
    'ip-range a-floor',
    'the public identity counts too',
  );
  assert.equal(where([ip('10.1.2.3'), ip(HOME)], undefined, '127.0.0.1'), 'unknown');
  const refused = ask([ip('10.1.2.3')], undefined, HOME);
  assert.match(refused.notes.join(), /10\.1\.2\.3 left out: 198\.51\.100\.77 is not among/);
  assert.equal(where([ip('10.1.2.3'), mac], undefined, HOME), 'mac a-desk', 'the gate is for addresses alone');
});

test('who names nobody is located by the source address; who names another is not', () => {
  assert.equal(where([], undefined, '203.0.113.5'), 'ip-range a-public');
  assert.equal(where([], undefined, HOME), 'unknown');
  assert.equal(
    where([{ kind: 'uri', value: 'sip:nobody@example.com' }], undefined, '203.0.113.200'),
    'unknown',
    'a proxy’s own site',
  );
});

test('an element whose place is gone is passed over, with a note', () => {
  const located = locator(new Set(['a-port']))({
    organizationId: A,
    devices: [mac],
    measurements: EVERYTHING,
    sourceAddress: OFFICE,
    nowMs: NOW,
  });
  assert.ok(located.found);
  assert.equal(located.rule, 'switch-chassis');
  assert.match(located.notes.join(), /no longer exists/);
});

test('numbers in URIs', () => {
  const cases: readonly [string, string | undefined][] = [
    ['sip:+12145550123@example.com', '+12145550123'],
    ['sips:%2B1214@x;a=b', '+1214'],
    ['SIP:1234:secret@x', '1234'],
    ['tel:+1-(214)-555-0123;ext=5', '+12145550123'],
    ['tel:800-555-1111;extension=1234;phone-context=+1', '8005551111'],
    ['sip:john-smith@x', 'john-smith'],
    ['sip:%zz@x', undefined],
    ['sip:example.com', undefined],
    ['http://example.com', undefined],
  ];
  for (const [text, number] of cases) assert.equal(numberOfUri(text), number, text);
});

test('elements of one organization never answer for another', () => {
  const hardware = fc.constantFrom('aa:aa:aa:aa:aa:01', 'aa:aa:aa:aa:aa:02', 'aa:aa:aa:aa:aa:03');
  const range = fc.constantFrom('10.0.0.0/8', '10.1.2.0/24', '10.1.2.3', '0.0.0.0/0', '2001:db8::/32');
  const keyOf: Record<ElementKind, fc.Arbitrary<string>> = {
    'switch-port': hardware.map((chassis) => switchPortKey(chassis, 'p1')),
    'switch-chassis': hardware,
    bssid: hardware,
    mac: hardware,
    'ip-range': range,
  };
  const element = (owner: string) =>
    fc.constantFrom(...ELEMENT_KINDS).chain((kind) =>
      fc.tuple(
        fc.constant(kind),
        keyOf[kind],
        fc.nat(99).map((id) => `${owner}-${id}`),
      ),
    );
  const question = fc.record({
    devices: fc.array(
      fc.oneof(
        hardware.map((address): DeviceIdentity => ({ kind: 'mac', address })),
        fc.constantFrom('10.1.2.3', '10.9.9.9', '2001:db8::1').map(ip),
        fc.constant(uri),
      ),
      { maxLength: 3 },
    ),
    chassis: fc.array(hardware, { maxLength: 2 }),
    bssids: fc.array(hardware, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(
      fc.array(element('a'), { maxLength: 8 }),
      fc.array(element('b'), { maxLength: 8 }),
      question,
      (inA, inB, asked) => {
        const everywhere = [{ range: '0.0.0.0/0', locationId: null }];
        const maps = new Map([
          [A, buildWireMapIndex(rowsOf(inA, everywhere))],
          [B, buildWireMapIndex(rowsOf(inB, everywhere))],
        ]);
        // Places that would be shown to anybody: only the wire map stands between the two.
        const open: KnownPlaces = {
          ...knownPlaces(),
          responseLocation: (_, id) =>
            ({ id, locationId: id, buildingId: id, civic: { ROOM: id } }) as ResponseLocation,
        };
        const find = createLocateDevice({ wireMaps: () => maps, places: open, findMemberTarget: () => undefined });
        const measurements: Measurements = {
          lldp: asked.chassis.map((value) => ({
            chassis: { subtype: 4, value, raw: value },
            port: { subtype: 7, value: 'P1', raw: 'P1' },
          })),
          wifi: asked.bssids.map((bssid) => ({ bssid, serving: false })),
          dhcp: [],
        };
        for (const [organizationId, prefix] of [
          [A, 'a-'],
          [B, 'b-'],
        ] as const) {
          const located = find({
            organizationId,
            devices: asked.devices,
            measurements,
            sourceAddress: OFFICE,
            nowMs: NOW,
          });
          if (!located.found) continue;
          for (const { target } of [located, ...located.candidates]) assert.ok(target.id.startsWith(prefix), target.id);
        }
        const stranger = find({
          organizationId: 'organization-c',
          devices: asked.devices,
          measurements,
          sourceAddress: OFFICE,
          nowMs: NOW,
        });
        assert.equal(stranger.found, false);
      },
    ),
    { numRuns: 300 },
  );
});
