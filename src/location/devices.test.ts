import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAddresses } from '../addresses/addresses.ts';
import { createAudit } from '../audit/audit.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { createPlaces, type Places, type ResponseLocation } from '../places/places.ts';
import type { Change } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { createMetrics } from '../support/metrics.ts';
import type { HeldHttpAnswer } from './held-endpoint.ts';
import { createLocation, type Location } from './location.ts';

const DAY_MS = 86_400_000;
const OFFICE = '203.0.113.10';
const HOME = '198.51.100.77';
const DEVICE = 'tel:+12145550199';
const logger = createLogger('silent');
const clock = createManualClock();
const addresses = createAddresses();
const companies = new Map<string, string>();
let database: Database;
let places: Places;
let location: Location;
let mine: Site;
let other: Site;

type Site = { scope: Scope; companyId: string; lobby: ResponseLocation };

async function makeSite(): Promise<Site> {
  const id = randomUUID();
  await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  const scope: Scope = {
    organizationId: id,
    homeOrganizationId: id,
    tokenId: 'token',
    trackingId: 'track',
    role: 'fullAdmin',
    scopes: new Set(),
  };
  const site = await places.createLocation(scope, {
    name: 'Dallas HQ',
    timeZone: 'America/Chicago',
    preferredLanguage: 'en_us',
    announcementLanguage: 'en_us',
    address: { address1: '12 Main St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
  });
  await places.createBuilding(scope, site.id, { alertingEmail: 'desk@example.com' });
  const lobby = await places.createResponseLocation(scope, {
    locationId: site.id,
    name: 'Lobby',
    detail: { LOC: 'Lobby' },
  });
  const companyId = randomUUID();
  companies.set(companyId, id);
  return { scope, companyId, lobby };
}

before(async () => {
  database = await openMigratedDatabase(logger);
  const audit = createAudit({ database, clock });
  const metrics = createMetrics({ processMetrics: false });
  places = createPlaces({
    database,
    audit,
    clock,
    logger,
    snapshotFolder: undefined,
    addresses,
  });
  mine = await makeSite();
  other = await makeSite();
  location = createLocation({
    database,
    audit,
    clock,
    logger,
    metrics,
    snapshotFolder: undefined,
    accounts: {
      heldCredentials(companyId) {
        const organizationId = companies.get(companyId);
        if (organizationId === undefined) return undefined;
        return {
          organizationId,
          secretHash: '',
          previousSecretHash: undefined,
          secretRequired: false,
          certificates: new Set(),
        };
      },
    },
    addresses,
    addressRetentionMs: 180 * DAY_MS,
    places,
    findMemberTarget: () => undefined,
    members: { findEmergencyPlace: () => undefined, placeOfNumberAddress: () => undefined },
    publicUrl: () => 'https://lis.example.com',
  });
  await refresh();
});

after(() => database.close());

async function refresh(): Promise<void> {
  const changes: Change[] = [];
  for (const { organizationId } of [mine.scope, other.scope]) {
    for (const kind of ['devices', 'wire-map', 'places', 'locations'] as const) {
      changes.push({ sequence: 0, kind, organizationId });
    }
  }
  for (const snapshot of [...places.snapshots, ...location.snapshots]) {
    await snapshot.loadFromDatabase();
    await snapshot.apply(changes);
  }
}

function held(site: Site, inner: string, sourceAddress: string): HeldHttpAnswer {
  const body = `<locationRequest xmlns="urn:ietf:params:xml:ns:geopriv:held"><locationType>any</locationType>${inner}</locationRequest>`;
  return location.held.handleHeld({
    method: 'POST',
    companyId: site.companyId,
    headers: {},
    body: Buffer.from(body),
    sourceAddress,
  });
}

function device(inner: string): string {
  return `<device xmlns="urn:ietf:params:xml:ns:geopriv:held:id">${inner}</device>`;
}

const softphone = device('<uri>sip:+1-214-555-0199@example.com</uri><ip v="4">192.168.1.7</ip>');

async function problemOf(promise: Promise<unknown>): Promise<ProblemError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ProblemError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'no problem was thrown' });
}

const HOUSE = { address1: '350 5th Ave', city: 'New York', state: 'NY', postalCode: '10118', country: 'US' };

test('an address is registered for a network, used there, asked for elsewhere, changed, and forgotten', async () => {
  const { scope } = mine;
  assert.match(held(mine, softphone, HOME).body, /locationUnknown/);
  const asked = await location.findDeviceAddress(scope, DEVICE, {}, HOME);
  assert.deepEqual(asked, { deviceId: DEVICE, needsAddress: true, address: null });

  const first = await location.registerDeviceAddress(scope, 'sip:+12145550199@example.com', { address: HOUSE }, HOME);
  assert.equal(first.addressCheck.level, 'postal');
  await refresh();
  const answer = held(mine, softphone, HOME).body;
  assert.match(answer, /350/);
  assert.match(answer, /<method>Manual<\/method>/);
  const uri = /<locationURI>([^<]+)</.exec(answer)?.[1] ?? '';
  const resolved = location.resolveLocationUri(uri, clock.nowMs());
  assert.ok(resolved.found);
  assert.deepEqual(
    [resolved.target.kind, resolved.target.id, resolved.places.locationId, resolved.rule],
    ['device-address', first.id, null, 'device-address'],
  );
  assert.match(held(other, softphone, HOME).body, /locationUnknown/, 'another organization knows nothing of it');
  assert.match(held(mine, softphone, '198.51.100.1').body, /locationUnknown.*its address must be asked/s);

  const moved = await location.registerDeviceAddress(
    scope,
    DEVICE,
    { address: { ...HOUSE, address1: '1 Wall St', postalCode: '10005' } },
    HOME,
  );
  assert.equal(moved.id, first.id, 'the same network');
  await location.registerDeviceAddress(
    scope,
    DEVICE,
    {
      address: HOUSE,
      network: { publicAddress: null, bssids: ['EE-EE-EE-EE-EE-01'], gatewayMac: 'ee:ee:ee:ee:ee:02' },
    },
    HOME,
  );
  await refresh();
  const view = await location.getDevice(scope, DEVICE);
  assert.equal(view.addresses.length, 2);
  assert.match(held(mine, softphone, HOME).body, /Wall/);
  assert.equal((await location.listDevices(scope, { text: '0199' })).total, 1);

  await location.removeDeviceAddress(scope, DEVICE, first.id);
  await location.purgeDevice(scope, DEVICE);
  await refresh();
  assert.equal((await problemOf(location.getDevice(scope, DEVICE))).kind, 'not-found');
  assert.equal((await problemOf(location.purgeDevice(scope, DEVICE))).kind, 'not-found');
  assert.equal(location.resolveLocationUri(uri, clock.nowMs()).found, false);
  const trail = JSON.stringify(await createAudit({ database, clock }).list(scope.organizationId, { max: 100 }));
  assert.match(trail, /device\.purged/);
  assert.doesNotMatch(trail, /5th Ave|Wall St/, 'the trail would outlive the purge');
});

test('what cannot be registered names its field', async () => {
  const { scope } = mine;
  const cases: readonly [() => Promise<unknown>, string][] = [
    [() => location.registerDeviceAddress(scope, DEVICE, { address: { address1: '1 Main St' } }, HOME), 'address.city'],
    [() => location.registerDeviceAddress(scope, DEVICE, { address: HOUSE }, '10.0.0.1'), 'network'],
    [
      () => location.registerDeviceAddress(scope, DEVICE, { address: HOUSE, network: { bssids: ['x'] } }, HOME),
      'network.bssids.0',
    ],
    [() => location.registerDeviceAddress(scope, 'x'.repeat(200), { address: HOUSE }, HOME), 'deviceId'],
    [() => location.setDeviceOverride(scope, DEVICE, { responseLocationId: other.lobby.id }), 'responseLocationId'],
    [
      () => location.setDeviceOverride(scope, DEVICE, { responseLocationId: mine.lobby.id, expiresAt: 'soon' }),
      'expiresAt',
    ],
    [
      () =>
        location.setDeviceOverride(scope, DEVICE, {
          responseLocationId: mine.lobby.id,
          expiresAt: '2000-01-01T00:00:00Z',
        }),
      'expiresAt',
    ],
  ];
  for (const [attempt, path] of cases) {
    const problem = await problemOf(attempt());
    assert.equal(problem.kind, 'invalid');
    assert.ok(
      problem.fields.some((field) => field.path === path),
      `${path}: ${JSON.stringify(problem.fields)}`,
    );
  }
  assert.equal((await location.listDevices(scope, {})).total, 0);
});

test('an override wins over everything until it expires or is taken away', async () => {
  const { scope, lobby } = mine;
  const expiresAt = new Date(clock.nowMs() + DAY_MS).toISOString();
  await location.setDeviceOverride(scope, 'CC-CC-CC-CC-CC-01', { responseLocationId: lobby.id, expiresAt });
  await refresh();
  const phone = device('<mac>cc:cc:cc:cc:cc:01</mac>');
  assert.match(held(mine, phone, HOME).body, /Lobby/);
  clock.advance(DAY_MS);
  assert.match(held(mine, phone, HOME).body, /locationUnknown/);
  await location.setDeviceOverride(scope, 'CC-CC-CC-CC-CC-01', { responseLocationId: lobby.id });
  await refresh();
  assert.match(held(mine, phone, HOME).body, /Lobby/);
  assert.equal((await problemOf(places.removeResponseLocation(scope, lobby.id))).kind, 'conflict');
  await location.removeDeviceOverride(scope, 'cc:cc:cc:cc:cc:01');
  await refresh();
  assert.match(held(mine, phone, HOME).body, /locationUnknown/);
  assert.equal((await problemOf(location.removeDeviceOverride(scope, 'cc:cc:cc:cc:cc:01'))).kind, 'not-found');
});

test('twenty networks of a device are kept, the one used longest ago makes room', async () => {
  const { scope } = mine;
  for (let place = 1; place <= 21; place += 1) {
    clock.advance(1_000);
    await location.registerDeviceAddress(scope, DEVICE, { address: HOUSE }, `198.51.100.${place}`);
  }
  const { addresses: kept } = await location.getDevice(scope, DEVICE);
  assert.equal(kept.length, 20);
  assert.equal(
    kept.some(({ network }) => network.publicAddress === '198.51.100.1'),
    false,
  );
  await location.purgeDevice(scope, DEVICE);
});

test('who asks why a device is where it is keeps its address from nothing', async () => {
  const { scope } = mine;
  const at = clock.nowMs();
  await location.registerDeviceAddress(scope, DEVICE, { address: HOUSE }, HOME);
  await refresh();
  clock.advance(100 * DAY_MS);
  const why = location.explainLocation({
    organizationId: scope.organizationId,
    devices: [
      { kind: 'uri', value: DEVICE },
      { kind: 'ip', version: 4, address: HOME },
    ],
    sourceAddress: HOME,
    nowMs: clock.nowMs(),
  });
  assert.equal(why.found && why.rule, 'device-address');
  await location.settleNotes();
  const lastUsed = async (): Promise<string | undefined> =>
    (await location.getDevice(scope, DEVICE)).addresses[0]?.lastUsedAt;
  assert.equal(await lastUsed(), new Date(at).toISOString());
  assert.match(held(mine, softphone, HOME).body, /350/);
  await location.settleNotes();
  assert.equal(await lastUsed(), new Date(clock.nowMs()).toISOString());
  await location.purgeDevice(scope, DEVICE);
  await refresh();
});

test('an address that is not used is forgotten after its retention, one that is used is not', async () => {
  const { scope } = mine;
  await location.registerDeviceAddress(scope, DEVICE, { address: HOUSE }, HOME);
  await location.registerDeviceAddress(scope, DEVICE, { address: HOUSE }, '198.51.100.1');
  await refresh();
  clock.advance(100 * DAY_MS);
  assert.match(held(mine, softphone, HOME).body, /350/);
  await location.settleNotes();
  clock.advance(100 * DAY_MS);
  await refresh();
  assert.match(held(mine, softphone, '198.51.100.1').body, /locationUnknown/, 'counts no more before it is forgotten');
  const end = location.startUpkeep();
  await location.settleNotes();
  end();
  const { addresses: kept } = await location.getDevice(scope, DEVICE);
  assert.deepEqual(
    kept.map(({ network }) => network.publicAddress),
    [HOME],
  );
  await location.purgeDevice(scope, DEVICE);
  await refresh();
});

const LLDP = (chassis: string, port: string): string =>
  '<measurements xmlns="urn:ietf:params:xml:ns:geopriv:lm"><lldp xmlns="urn:ietf:params:xml:ns:geopriv:lm:lldp">' +
  `<chassis type="7">${Buffer.from(chassis).toString('hex')}</chassis><port type="5">${Buffer.from(port).toString('hex')}</port>` +
  '</lldp></measurements>';

test('what matched nothing is offered to be mapped, counted, mapped in one step, or dismissed', async () => {
  const { scope, lobby } = mine;
  for (let time = 0; time < 3; time += 1) {
    held(mine, device('<mac>cc:cc:cc:cc:cc:09</mac>') + LLDP('closet 7', 'Gi1/0/7'), OFFICE);
    clock.advance(1_000);
  }
  held(mine, softphone, HOME);
  held(mine, device('<uri>sip:nobody@example.com</uri>'), HOME);
  await location.settleNotes();
  const { items, total } = await location.listUnmapped(scope, { kind: 'switch-port' });
  assert.equal(total, 1);
  const [port] = items;
  assert.ok(port);
  assert.deepEqual(
    [port.value, port.port, port.seenCount, port.sampleDevice, port.rule],
    ['closet 7', 'gi1/0/7', 3, 'cc:cc:cc:cc:cc:09', null],
  );
  const others = (await location.listUnmapped(scope, {})).items.filter(({ id }) => id !== port.id);
  assert.ok(others.some(({ kind, value }) => kind === 'ip-range' && value === HOME));
  assert.ok(others.some(({ kind, value }) => kind === 'device' && value === 'sip:nobody@example.com'));
  assert.equal((await location.listUnmapped(other.scope, {})).total, 0);
  assert.equal(
    (await problemOf(location.mapUnmapped(other.scope, port.id, { responseLocationId: other.lobby.id }))).kind,
    'not-found',
  );

  let csv = '';
  for await (const part of location.exportUnmapped(scope, { kind: 'switch-port' })) csv += part;
  assert.match(csv, /^kind,value,port,seenCount,.*\r\nswitch-port,closet 7,gi1\/0\/7,3,/);

  const mapped = await location.mapUnmapped(scope, port.id, { responseLocationId: lobby.id });
  assert.equal(mapped.element?.value, 'closet 7');
  const nobody = others.find(({ kind }) => kind === 'device');
  const override = await location.mapUnmapped(scope, nobody?.id ?? '', { responseLocationId: lobby.id });
  assert.equal(override.override?.responseLocationId, lobby.id);
  await refresh();
  assert.match(held(mine, LLDP('closet 7', 'Gi1/0/7'), OFFICE).body, /Lobby/);
  assert.match(held(mine, device('<uri>sip:nobody@example.com</uri>'), HOME).body, /Lobby/);

  const range = others.find(({ value }) => value === HOME);
  await location.dismissUnmapped(scope, range?.id ?? '');
  held(mine, softphone, HOME);
  await location.settleNotes();
  const left = await location.listUnmapped(scope, {});
  assert.deepEqual(
    left.items.map(({ value }) => value),
    ['198.51.100.1'],
    'from the test before',
  );
  assert.equal((await problemOf(location.dismissUnmapped(scope, range?.id ?? ''))).kind, 'not-found');
});

test('elements that locate nobody for a while are found', async () => {
  const { scope, lobby } = mine;
  await location.createElement(scope, { kind: 'mac', value: 'cc:cc:cc:cc:cc:33', responseLocationId: lobby.id });
  assert.equal((await location.listElements(scope, { unseenForDays: 30 })).items.length, 0, 'both are new');
  clock.advance(31 * DAY_MS);
  held(mine, LLDP('closet 7', 'Gi1/0/7'), OFFICE);
  await location.settleNotes();
  const { items } = await location.listElements(scope, { unseenForDays: 30 });
  assert.deepEqual(
    items.map(({ value }) => value),
    ['cc:cc:cc:cc:cc:33'],
  );
});

test('how often a location URI is followed', async () => {
  const { scope } = mine;
  const uri = /<locationURI>([^<]+)</.exec(held(mine, LLDP('closet 7', 'Gi1/0/7'), OFFICE).body)?.[1] ?? '';
  const follow = () =>
    location.held.handleDereference({
      method: 'GET',
      reference: uri.split('/').at(-1) ?? '',
      headers: {},
      body: new Uint8Array(),
    });
  assert.match(follow().body, /Lobby/);
  follow();
  await location.settleNotes();
  follow();
  await location.settleNotes();
  const told = await location.describeLocationUri(scope, uri);
  assert.deepEqual([told.useCount, told.rule, told.target.kind], [3, 'switch-port', 'erl']);
  assert.equal((await problemOf(location.describeLocationUri(other.scope, uri))).kind, 'not-found');
});
