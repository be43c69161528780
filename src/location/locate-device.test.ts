import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from '../places/places.ts';
import type { DeviceIdentity, Measurements } from '../wire/held/held.ts';
import { deviceIdOf, numberOfUri, readDeviceId } from './device-id.ts';
import type { DevicesByOrganization, KnownDevice, RegisteredAddress } from './known-devices.ts';
import { createLocateDevice } from './locate-device.ts';
import type { LocatedDevice } from './located-device.ts';
import type { KnownPlaces } from './place-of-target.ts';
import { LOCATING_RULES, type LocatingRule, RESOLUTION_TABLE, resolutionOf } from './resolution-table.ts';
import { createColumnsWriter, packWireMap } from './wire-map-block.ts';
import { ELEMENT_KINDS, type ElementKind } from './wire-map-element.ts';
import { createWireMapIndex, type FoundRange, switchPortKey, type WireMapIndex } from './wire-map-index.ts';

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
    registeredAddress: (organizationId, id) =>
      organizationId === A && id === HOME_ADDRESS.id ? HOME_ADDRESS : undefined,
  };
}

const DAY = 86_400_000;
const RETENTION = 180 * DAY;
const NOMAD = 'tel:+12145550199';

const HOME_ADDRESS: RegisteredAddress = {
  id: 'a-home',
  deviceId: NOMAD,
  network: { publicAddress: HOME, gatewayMac: null, bssids: ['ee:ee:ee:ee:ee:01'], chassis: [] },
  civic: { ROOM: 'a-home' },
  lastUsedMs: NOW - DAY,
};

const NO_DEVICES: DevicesByOrganization = new Map();

function devicesOf(known: Readonly<Record<string, KnownDevice>>): DevicesByOrganization {
  return new Map([[A, { find: (id) => known[id], address: () => undefined }]]);
}

type Element = readonly [kind: ElementKind, key: string, erl: string];

function mapOf(elements: readonly Element[], own: readonly FoundRange[] = []): WireMapIndex {
  const writer = createColumnsWriter();
  for (const [kind, key, erl] of elements) writer.append(kind, key, writer.target(erl));
  return createWireMapIndex(packWireMap(writer.columns, 0), own);
}

const ELEMENTS_A: readonly Element[] = [
  ['switch-port', switchPortKey('00:1b:00:00:00:01', 'gi1/0/12'), 'a-port'],
  ['switch-chassis', '00:1b:00:00:00:01', 'a-chassis'],
  ['switch-chassis', 'closet 3', 'a-closet'],
  ['bssid', 'aa:aa:aa:aa:aa:01', 'a-near'],
  ['bssid', 'aa:aa:aa:aa:aa:02', 'a-far'],
  ['mac', 'cc:cc:cc:cc:cc:01', 'a-desk'],
  ['ip-range', '10.0.0.0/8', 'a-campus'],
  ['ip-range', '10.1.2.0/24', 'a-floor'],
  ['ip-range', '203.0.113.0/24', 'a-public'],
  ['bssid', 'aa:aa:aa:aa:bb:f*', 'a-masked'],
  ['bssid', 'aa:aa:aa:aa:bb:**', 'a-wide'],
  ['mac', 'cc:cc:cc:cc:cc:02', 'a-other'],
];
const OWN_A: readonly FoundRange[] = [
  { range: '203.0.113.0/24', locationId: null },
  { range: '203.0.113.128/25', locationId: 'a-branch' },
];
const MAP_A = mapOf(ELEMENTS_A, OWN_A);

function locator(missing?: ReadonlySet<string>, devices = NO_DEVICES, map = MAP_A) {
  const maps = new Map([[A, map]]);
  return createLocateDevice({
    wireMaps: () => maps,
    places: knownPlaces(missing),
    findMemberTarget: (organizationId, number) =>
      organizationId === A && number.startsWith('+121455501') ? { kind: 'location', id: 'a-number' } : undefined,
    devices: () => devices,
    addressRetentionMs: RETENTION,
    noteAddressUse: () => undefined,
  });
}

const locate = locator();

const ip = (address: string): DeviceIdentity => ({ kind: 'ip', version: address.includes(':') ? 6 : 4, address });
const mac = { kind: 'mac', address: 'cc:cc:cc:cc:cc:01' } as const satisfies DeviceIdentity;
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
    confidencePercent: 95,
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

test('a private range of the organization’s own counts for who comes from it, not for who names an address in it', () => {
  const inside = locator(undefined, NO_DEVICES, mapOf(ELEMENTS_A, [{ range: '10.0.0.0/8', locationId: 'a-branch' }]));
  const from = (sourceAddress: string): string => {
    const located = inside({ organizationId: A, devices: [ip('10.1.2.3')], sourceAddress, nowMs: NOW });
    return located.found ? `${located.rule} ${located.target.id}` : located.notes.join();
  };
  assert.equal(from('10.1.2.3'), 'ip-range a-floor');
  assert.match(from(HOME), /10\.1\.2\.3 left out: 198\.51\.100\.77 is not among/);
  assert.match(from('127.0.0.1'), /left out/);
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
          [A, mapOf(inA, everywhere)],
          [B, mapOf(inB, everywhere)],
        ]);
        // Places that would be shown to anybody: only the wire map stands between the two.
        const open: KnownPlaces = {
          ...knownPlaces(),
          responseLocation: (_, id) =>
            ({ id, locationId: id, buildingId: id, civic: { ROOM: id } }) as ResponseLocation,
        };
        const find = createLocateDevice({
          wireMaps: () => maps,
          places: open,
          findMemberTarget: () => undefined,
          devices: () => NO_DEVICES,
          addressRetentionMs: RETENTION,
          noteAddressUse: () => undefined,
        });
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

test('the table: every rule has its row, and trust falls from row to row', () => {
  assert.deepEqual(
    RESOLUTION_TABLE.map(({ rule }) => rule),
    LOCATING_RULES,
  );
  for (const [place, { trust }] of RESOLUTION_TABLE.entries()) {
    const next = RESOLUTION_TABLE[place + 1];
    assert.ok(next === undefined || next.trust < trust, `row ${place}`);
  }
  assert.deepEqual(
    RESOLUTION_TABLE.filter(({ isWeak }) => isWeak).map(({ rule }) => rule),
    ['device-address', 'number', 'site-default'],
  );
});

const nomad: DeviceIdentity = { kind: 'uri', value: 'sip:+1-214-555-0199@example.com' };
const WIRED: Measurements = { lldp: EVERYTHING.lldp, wifi: [], dhcp: [] };
const AIR: Measurements = { lldp: [], wifi: EVERYTHING.wifi, dhcp: [] };
const NO_AIR: Measurements = { lldp: [], wifi: [], dhcp: [] };
const MASKED: Measurements = {
  lldp: [],
  wifi: [
    { bssid: 'aa:aa:aa:aa:bb:f3', serving: false, signalDbm: -70 },
    { bssid: 'aa:aa:aa:aa:cc:f3', serving: false, signalDbm: -40 },
  ],
  dhcp: [],
};

const DEVICES = devicesOf({
  [mac.address]: { override: { responseLocationId: 'a-override', expiresMs: null }, addresses: [] },
  [NOMAD]: { override: undefined, addresses: [HOME_ADDRESS] },
});

test('the table, row by row: what each rule goes by, and the method and confidence it answers with', () => {
  const atHome: Measurements = { lldp: [], wifi: [{ bssid: 'ee:ee:ee:ee:ee:01', serving: true }], dhcp: [] };
  const rows: readonly [LocatingRule, string, DeviceIdentity[], Measurements | undefined, string][] = [
    ['device-override', 'a-override', [mac, ip('10.1.2.3')], EVERYTHING, OFFICE],
    ['switch-port', 'a-port', [nomad], EVERYTHING, OFFICE],
    ['switch-chassis', 'a-chassis', [], { ...WIRED, lldp: [{ chassis: chassisOf(WIRED) }] }, OFFICE],
    ['bssid', 'a-near', [ip('10.1.2.3')], AIR, OFFICE],
    ['bssid-mask', 'a-masked', [ip('10.1.2.3')], MASKED, OFFICE],
    ['mac', 'a-desk', [mac, ip('10.1.2.3')], undefined, OFFICE],
    ['ip-range', 'a-floor', [ip('10.1.2.3'), nomad], undefined, OFFICE],
    ['device-address', 'a-home', [nomad], atHome, HOME],
    ['number', 'a-number', [uri], undefined, OFFICE],
    ['site-default', 'a-branch', [ip('192.168.9.9')], undefined, '203.0.113.200'],
  ];
  assert.deepEqual(
    rows.map(([rule]) => rule),
    LOCATING_RULES,
  );
  const withoutOverride = locator(
    undefined,
    devicesOf({ [NOMAD]: { override: undefined, addresses: [HOME_ADDRESS] } }),
  );
  for (const [rule, place, devices, measurements, sourceAddress] of rows) {
    const find = rule === 'mac' ? withoutOverride : locator(undefined, DEVICES);
    for (const winnerOnly of [true, false]) {
      const located = find({ organizationId: A, devices, measurements, sourceAddress, nowMs: NOW, winnerOnly });
      assert.ok(located.found, rule);
      assert.deepEqual([located.rule, located.target.id], [rule, place]);
      const { method, confidencePercent } = resolutionOf(rule);
      assert.deepEqual([located.value.method, located.value.confidencePercent], [method, confidencePercent]);
      if (winnerOnly) assert.deepEqual(located.candidates, []);
    }
  }
});

function chassisOf({ lldp }: Measurements) {
  const [first] = lldp;
  assert.ok(first);
  return first.chassis;
}

test('an exact BSSID wins over a mask, the finest mask over a wider one, the loudest over the others', () => {
  const at = (bssid: string, signalDbm: number) => ({ bssid, serving: false, signalDbm });
  const air = (...wifi: Measurements['wifi']): Measurements => ({ lldp: [], wifi, dhcp: [] });
  assert.equal(where([], air(at('aa:aa:aa:aa:bb:f3', -30), at('aa:aa:aa:aa:aa:02', -90)), OFFICE), 'bssid a-far');
  assert.equal(where([], air(at('aa:aa:aa:aa:bb:f3', -30)), OFFICE), 'bssid-mask a-masked');
  assert.equal(where([], air(at('aa:aa:aa:aa:bb:03', -30)), OFFICE), 'bssid-mask a-wide');
  assert.equal(
    where([], air(at('aa:aa:aa:aa:bb:f3', -70), at('aa:aa:aa:aa:bb:03', -40)), OFFICE),
    'bssid-mask a-wide',
    'the louder one',
  );
});

test('a thousand access points: the strongest known wins, the answer stays short', () => {
  const wifi = Array.from({ length: 1_000 }, (_, place) => ({
    bssid:
      place === 700
        ? 'aa:aa:aa:aa:aa:02'
        : `bb:00:00:00:${(place >> 8).toString(16).padStart(2, '0')}:${(place & 255).toString(16).padStart(2, '0')}`,
    serving: false,
    signalDbm: -30 - (place % 60),
  }));
  wifi.push({ bssid: 'aa:aa:aa:aa:aa:01', serving: false, signalDbm: -95 });
  assert.equal(where([], { lldp: [], wifi, dhcp: [] }, HOME), 'bssid a-far');
  const repeated = Array.from({ length: 1_000 }, () => ({ bssid: 'aa:aa:aa:aa:aa:01', serving: false }));
  const located = ask([], { lldp: [], wifi: repeated, dhcp: [] }, HOME);
  assert.equal(located.found && located.candidates.length, 100);
});

test('an observation older than its limit is left out, and that is told', () => {
  const measured = (minutes: number, measurements: Measurements): Measurements => ({
    ...measurements,
    time: new Date(NOW - minutes * 60_000),
  });
  const fresh = ask([ip('10.1.2.3')], measured(20, AIR), OFFICE);
  assert.ok(fresh.found);
  assert.deepEqual([fresh.rule, fresh.ageMs], ['bssid', 20 * 60_000]);
  assert.deepEqual(fresh.value.timestamp, new Date(NOW - 20 * 60_000));
  const stale = ask([ip('10.1.2.3')], measured(31, AIR), OFFICE);
  assert.ok(stale.found);
  assert.equal(stale.rule, 'ip-range');
  assert.match(stale.notes.join(), /bssid: left out: measured 31 minutes ago/);
  assert.equal(where([], measured(31, WIRED), OFFICE), 'switch-port a-port', 'a cable stays longer');
  assert.equal(where([], measured(25 * 60, WIRED), OFFICE), 'ip-range a-public');
  const expired = ask([], { ...AIR, expires: new Date(NOW) }, HOME);
  assert.equal(expired.found, false);
  assert.match(expired.notes.join(), /the measurements have expired/);
  const ahead = ask([], measured(-60, AIR), HOME);
  assert.equal(ahead.found && ahead.ageMs, 0, 'a clock that is ahead');
  assert.match(ahead.notes.join(), /the clock of the device is wrong/);
});

test('measurements of several times are judged each by its own', () => {
  const old = { ...AIR, time: new Date(NOW - 2 * 3_600_000) };
  const both: Measurements = { ...NO_AIR, time: new Date(NOW - 60_000), others: [old] };
  const located = ask([], both, HOME);
  assert.equal(located.found, false, 'what was heard two hours ago is not made fresh by what was measured now');
  assert.match(located.notes.join(), /bssid: left out: measured 120 minutes ago/);
  const newer = ask([], { ...NO_AIR, others: [{ ...AIR, time: new Date(NOW - 60_000) }] }, HOME);
  assert.deepEqual(newer.found && [newer.rule, newer.ageMs], ['bssid', 60_000]);
});

test('the port that a DHCP relay agent names (RFC 7105 §5.2), where the wire map knows it', () => {
  const relayed = (remote: string | undefined, circuit: string | undefined, giaddr = '10.9.9.1'): Measurements => ({
    lldp: [],
    wifi: [],
    dhcp: [{ giaddr, ...(remote && { remote }), ...(circuit && { circuit }) }],
  });
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const maps = new Map([
    [A, mapOf([...ELEMENTS_A, ['switch-port', switchPortKey('10.9.9.1', '108b'), 'a-circuit']], OWN_A)],
  ]);
  const find = createLocateDevice({
    wireMaps: () => maps,
    places: knownPlaces(),
    findMemberTarget: () => undefined,
    devices: () => NO_DEVICES,
    addressRetentionMs: RETENTION,
    noteAddressUse: () => undefined,
  });
  const at = (measurements: Measurements) => {
    const located = find({ organizationId: A, devices: [], measurements, sourceAddress: HOME, nowMs: NOW });
    return located.found ? `${located.rule} ${located.target.id}` : 'unknown';
  };
  assert.equal(at(relayed('001b00000001', hex('Gi1/0/12'))), 'switch-port a-port', 'a bare MAC address');
  assert.equal(at(relayed('0006001b00000001', `0108${hex('Gi1/0/12')}`)), 'switch-port a-port', 'with type and length');
  assert.equal(
    at(relayed(hex('Closet 3'), hex('Gi9'))),
    'switch-chassis a-closet',
    'an unknown port of a known switch',
  );
  assert.equal(
    at(relayed(undefined, '108b')),
    'switch-port a-circuit',
    'the agent by its address, the circuit as octets',
  );
  assert.equal(at(relayed(undefined, '108c')), 'unknown');
  assert.equal(at(relayed('001b00000001', undefined)), 'switch-chassis a-chassis');
  assert.equal(at({ ...relayed('001b00000001', hex('Gi1/0/12')), time: new Date(NOW - 2 * DAY) }), 'unknown', 'stale');
});

test('who is named by nothing readable is not at the address that asks', () => {
  const asked = (measurements?: Measurements) =>
    locate({
      organizationId: A,
      devices: [],
      namesUnreadable: true,
      measurements,
      sourceAddress: '203.0.113.200',
      nowMs: NOW,
    });
  assert.equal(asked().found, false);
  const wired = asked(WIRED);
  assert.equal(wired.found && wired.rule, 'switch-port', 'what was measured still tells');
});

test('identities that contradict each other: the lower trust loses, and that is told', () => {
  const located = ask([mac, ip('10.1.2.3')], EVERYTHING, OFFICE);
  assert.ok(located.found);
  const range = located.candidates.find(({ rule }) => rule === 'ip-range');
  assert.equal(range?.contradicts, true);
  assert.match(located.notes.join('\n'), /ip-range: 10\.1\.2\.3 in .* loses: trust 60 against 95/);
  assert.match(
    ask([mac, { kind: 'mac', address: 'cc:cc:cc:cc:cc:02' }], undefined, OFFICE).notes.join('\n'),
    /mac: device cc:cc:cc:cc:cc:02 .* loses: that one comes first/,
  );
});

test('an override that has expired says nothing', () => {
  const find = locator(
    undefined,
    devicesOf({ [mac.address]: { override: { responseLocationId: 'a-override', expiresMs: NOW }, addresses: [] } }),
  );
  const located = find({ organizationId: A, devices: [mac], sourceAddress: OFFICE, nowMs: NOW });
  assert.ok(located.found);
  assert.equal(located.rule, 'mac');
  assert.match(located.notes.join(), /has expired/);
});

test('a device that moves about: known networks by their hardware, else by their public address; unknown ones are asked', () => {
  const used: string[] = [];
  const find = createLocateDevice({
    wireMaps: () => new Map([[A, MAP_A]]),
    places: knownPlaces(),
    findMemberTarget: () => ({ kind: 'location', id: 'a-number' }),
    devices: () => DEVICES,
    addressRetentionMs: RETENTION,
    noteAddressUse: (_organizationId, { id }) => used.push(id),
  });
  const from = (sourceAddress: string, bssid?: string, nowMs = NOW) => {
    const measurements = { lldp: [], wifi: bssid === undefined ? [] : [{ bssid, serving: true }], dhcp: [] };
    // Its own address, as phones name it: the request is about the asker.
    return find({ organizationId: A, devices: [nomad, ip('192.168.1.7')], measurements, sourceAddress, nowMs });
  };
  const rule = (located: ReturnType<typeof find>) => (located.found ? located.rule : located.needsAddress);
  assert.equal(rule(from(HOME)), 'device-address');
  assert.equal(rule(from('198.51.100.200', 'ee:ee:ee:ee:ee:01')), 'device-address', 'the access point moved with it');
  assert.deepEqual(used, ['a-home', 'a-home']);
  const elsewhere = from(HOME, 'ee:ee:ee:ee:ee:02');
  assert.equal(rule(elsewhere), true, 'a public address may be shared by a town');
  assert.match(elsewhere.found ? '' : elsewhere.reason, /its address must be asked/);
  assert.match(elsewhere.notes.join(), /number: \+12145550199 left out/);
  assert.equal(rule(from('198.51.100.200')), true);
  assert.equal(rule(from(HOME, undefined, NOW + RETENTION)), true, 'not used for too long');
  const heardYesterday: Measurements = {
    lldp: [],
    wifi: [{ bssid: 'ee:ee:ee:ee:ee:01', serving: true }],
    dhcp: [],
    time: new Date(NOW - DAY),
  };
  const moved = find({
    organizationId: A,
    devices: [nomad, ip('192.168.1.7')],
    measurements: heardYesterday,
    sourceAddress: '198.51.100.200',
    nowMs: NOW,
  });
  assert.equal(rule(moved), true, 'an access point heard yesterday tells nothing of the network of today');
  assert.equal(rule(from('203.0.113.200')), 'site-default', 'the organization’s own site is no unknown network');

  const asked = (nowMs: number) => find({ organizationId: A, devices: [nomad], sourceAddress: '203.0.113.10', nowMs });
  const last = asked(NOW);
  assert.ok(last.found);
  assert.deepEqual([last.rule, last.ageMs], ['device-address', DAY], 'a proxy asks: the one used last');
  assert.equal(rule(asked(NOW + 30 * DAY)), true, 'too old to be used without seeing the network');
});

test('adding an element that has nothing to do with a request never changes the answer; a finer one does', () => {
  const hex = fc.integer({ min: 0, max: 0xff }).map((byte) => byte.toString(16).padStart(2, '0'));
  const foreignMac = fc.tuple(hex, hex, hex).map((bytes) => `f0:00:00:${bytes.join(':')}`);
  const foreign = fc.oneof(
    foreignMac.map((key) => ['bssid', key, 'a-x'] as const),
    foreignMac.map((key) => ['bssid', `${key.slice(0, 16)}*`, 'a-x'] as const),
    foreignMac.map((key) => ['mac', key, 'a-x'] as const),
    foreignMac.map((key) => ['switch-chassis', key, 'a-x'] as const),
    foreignMac.map((key) => ['switch-port', switchPortKey(key, 'gi1/0/12'), 'a-x'] as const),
    foreignMac.map((key) => ['switch-port', switchPortKey('00:1b:00:00:00:01', key), 'a-x'] as const),
    fc.integer({ min: 0, max: 255 }).map((byte) => ['ip-range', `172.16.${byte}.0/24`, 'a-x'] as const),
    // Wider than what matches.
    fc.integer({ min: 1, max: 7 }).map((length) => ['ip-range', `10.0.0.0/${length}`, 'a-x'] as const),
  );
  const questions = fc.subarray<DeviceIdentity>([mac, ip('10.1.2.3'), uri]);
  const measured = fc.constantFrom(undefined, WIRED, AIR, MASKED, EVERYTHING);
  const findIn = (elements: readonly Element[]) => {
    const maps = new Map([[A, mapOf([...ELEMENTS_A, ...elements], OWN_A)]]);
    return createLocateDevice({
      wireMaps: () => maps,
      places: knownPlaces(),
      findMemberTarget: () => ({ kind: 'location', id: 'a-number' }),
      devices: () => NO_DEVICES,
      addressRetentionMs: RETENTION,
      noteAddressUse: () => undefined,
    });
  };
  const before = findIn([]);
  fc.assert(
    fc.property(
      fc.uniqueArray(foreign, { selector: ([kind, key]) => `${kind} ${key}`, maxLength: 12 }),
      questions,
      measured,
      (added, devices, measurements) => {
        const question = { organizationId: A, devices, measurements, sourceAddress: '203.0.113.200', nowMs: NOW };
        const winner = (located: LocatedDevice) => (located.found ? [located.rule, located.target.id] : 'unknown');
        assert.deepEqual(winner(findIn(added)(question)), winner(before(question)));
        const finer = findIn([...added, ['ip-range', '10.1.2.3', 'a-finest']])(question);
        if (finer.found && finer.rule === 'ip-range') {
          assert.equal(finer.target.id, devices.some(({ kind }) => kind === 'ip') ? 'a-finest' : 'a-public');
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('device ids in every spelling', () => {
  const cases: readonly [string, string | undefined][] = [
    ['CC-CC-CC-CC-CC-01', 'cc:cc:cc:cc:cc:01'],
    ['sip:+1-214-555-0199@Example.com;user=phone', 'tel:+12145550199'],
    ['tel:+1(214)555-0199', 'tel:+12145550199'],
    ['sips:Alice@Example.com;x=1', 'sip:alice@example.com'],
    ['Badge-4711', 'badge-4711'],
    [' x ', 'x'],
    ['', undefined],
    ['two words', undefined],
    ['x'.repeat(129), undefined],
  ];
  for (const [text, id] of cases) assert.equal(readDeviceId(text), id, text);
  assert.equal(deviceIdOf(nomad), NOMAD);
  assert.equal(deviceIdOf({ kind: 'msisdn', value: '12145550199' }), NOMAD);
  assert.equal(deviceIdOf(ip('10.1.2.3')), undefined);
});
