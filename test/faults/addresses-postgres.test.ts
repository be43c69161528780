/** Address data on a real PostgreSQL: two nodes see a switch, an undo, overrides; what places show follows every review. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type AddressData, createAddressData, type LayerVersion } from '../../src/addresses/address-data.ts';
import { deleteUnmet } from '../../src/addresses/address-review-records.ts';
import { type Addresses, createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import type { PostalAddress } from '../../src/domain/postal-address.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';
import { type NewAddressCheck, rewriteAddressChecks } from '../../src/storage/rewrite-address-checks.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { addOrganization, silentLogger } from '../support/alerts-fixture.ts';
import { skipWithout } from '../support/parts.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';

const skip = skipWithout('postgresql');
const FIXTURE = fileURLToPath(new URL('../../src/addresses/testing/fixture-layer.json', import.meta.url));
const MAIN: PostalAddress = {
  address1: '1500 Main St',
  city: 'Dallas',
  state: 'TX',
  postalCode: '75201',
  country: 'US',
};
const PAGE = { start: 0, max: 10 };
const clock = createManualClock();

type Node = { database: Database; data: AddressData; addresses: Addresses; places: Places };

let cluster: PostgresCluster;
let folder: string;
let here: Node;
let there: Node;
let scope: Scope;
let other: Scope;
let locationId: string;
let buildingId: string;

async function openNode(url: string, name: string): Promise<Node> {
  const database = await openDatabase({ url, embeddedDir: undefined }, silentLogger);
  await database.migrate();
  const audit = createAudit({ database, clock });
  const node: Partial<Node> = { database };
  node.data = createAddressData({
    database,
    audit,
    clock,
    logger: silentLogger,
    snapshotFolder: join(folder, name, 'snapshots'),
    importFolder: join(folder, name, 'imports'),
    validate: (address, organizationId) => (node as Node).addresses.validateAddress(address, organizationId),
    async *storedAddresses() {
      await follow(node as Node);
      yield* (node as Node).places.storedAddresses();
    },
  });
  node.addresses = createAddresses(node.data);
  node.places = createPlaces({
    database,
    clock,
    logger: silentLogger,
    snapshotFolder: undefined,
    audit,
    addresses: node.addresses,
  });
  return node as Node;
}

/** What a node does when the feed tells of changes. */
async function follow(node: Node): Promise<void> {
  for (const one of [...node.data.snapshots, ...node.places.snapshots]) await one.loadFromDatabase();
}

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'waymark-addresses-postgres-'));
  cluster = await startPostgresCluster();
  const url = await cluster.createDatabase();
  here = await openNode(url, 'here');
  there = await openNode(url, 'there');
  scope = await addOrganization(here.database);
  other = await addOrganization(here.database);
  const about = { timeZone: 'America/Chicago', preferredLanguage: 'en_us', announcementLanguage: 'en_us' };
  locationId = (await here.places.createLocation(scope, { name: 'Main', ...about, address: MAIN })).id;
  const own = {
    addressLine1: '250 Elm St',
    city: 'Dallas',
    stateOrProvince: 'TX',
    zipOrPostalCode: '75201',
    country: 'US',
  };
  buildingId = (await here.places.createBuilding(scope, locationId, { alertingEmail: 'a@example.com', address: own }))
    .id;
  await here.places.setEmergencyAddress(scope, locationId, MAIN);
});

after(async () => {
  if (skip) return;
  for (const node of [here, there]) {
    await node.data.stop();
    await node.database.close();
  }
  cluster.remove();
  await rm(folder, { recursive: true });
});

async function imported(node: Node): Promise<LayerVersion> {
  const source = createReadStream(FIXTURE);
  const { id } = await node.data.startLayerImport(scope, source, {
    layer: 'texas',
    fileName: 'texas.json',
    apply: true,
  });
  for (let waits = 0; waits < 1_000; waits += 1) {
    const version = await node.data.getLayerVersion(id);
    if (version.state !== 'reading' && version.state !== 'applying') return version;
    await pause(10);
  }
  throw new Error('the import did not end');
}

/** At least `count` reviews have begun, and all have ended well. */
async function reviewed(count: number): Promise<void> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const reviews = await here.data.listReviews({ start: 0, max: 50 });
    if (reviews.length >= count && reviews.every(({ state }) => state !== 'running')) {
      assert.deepEqual(new Set(reviews.map(({ state }) => state)), new Set(['done']));
      return;
    }
    await pause(10);
  }
  throw new Error('the reviews did not end');
}

/** The levels that a node shows. */
async function shown({ places }: Node): Promise<(string | null | undefined)[]> {
  const location = await places.getLocation(scope, locationId);
  const building = await places.getBuildingById(scope, buildingId);
  const { emergencyAddress } = await places.readLocationAddresses(scope, locationId);
  return [location.addressCheck?.level, building.addressCheck?.level, emergencyAddress?.addressCheck.level];
}

async function statuses(node: Node): Promise<Record<string, [string, string | null]>> {
  const { items } = await node.data.listAddressStatuses(scope, {}, PAGE);
  return Object.fromEntries(items.map(({ kind, status, previousStatus }) => [kind, [status, previousStatus]]));
}

test('an import is in force on both nodes, and what places show follows it there and back', { skip }, async () => {
  await here.data.startReview('first');
  await reviewed(1);
  assert.deepEqual(await shown(here), ['postal', 'postal', 'postal']);
  clock.advance(1_000);
  const version = await imported(here);
  assert.equal(version.state, 'active', JSON.stringify(version.problem));
  await reviewed(2);
  await follow(there);
  assert.equal((await there.addresses.validateAddress(MAIN)).level, 'point');
  assert.deepEqual(await shown(there), ['point', 'street', 'point']);
  assert.deepEqual(await statuses(there), {
    location: ['point', 'postal'],
    building: ['street', 'postal'],
    'location-emergency-address': ['point', 'postal'],
  });
  const { addressCheck } = await there.places.getLocation(scope, locationId);
  assert.match(addressCheck?.source ?? '', /texas/);
  assert.equal(addressCheck?.checkedAt, new Date(clock.nowMs()).toISOString());

  clock.advance(1_000);
  assert.equal((await there.data.undoLayer(scope, 'texas')).active, null, 'undone by the other node');
  await reviewed(3);
  await follow(here);
  assert.equal((await here.addresses.validateAddress(MAIN)).level, 'postal');
  assert.deepEqual(await shown(here), ['postal', 'postal', 'postal']);

  clock.advance(1_000);
  await Promise.all([here.data.applyLayerVersion(scope, version.id), there.data.applyLayerVersion(scope, version.id)]);
  assert.equal((await here.data.listAddressLayers()).length, 1);
  await reviewed(4);
});

test('reviews on two nodes at once lose no status', { skip }, async () => {
  await follow(here);
  await follow(there);
  const { length } = await here.data.listReviews({ start: 0, max: 50 });
  await Promise.all([here, there, here, there].map((node) => node.data.startReview('at once')));
  await reviewed(length + 4);
  assert.deepEqual(Object.keys(await statuses(here)).sort(), ['building', 'location', 'location-emergency-address']);
});

test('a review that ends leaves what another has met since it began', { skip }, async () => {
  const before = await statuses(here);
  const began = new Date(clock.nowMs());
  clock.advance(1_000);
  await there.data.startReview('later');
  const { length } = await here.data.listReviews({ start: 0, max: 50 });
  await reviewed(length);
  await deleteUnmet(here.database.db, '00000000-0000-4000-8000-000000000000', began);
  assert.deepEqual(Object.keys(await statuses(here)), Object.keys(before));
  await deleteUnmet(here.database.db, '00000000-0000-4000-8000-000000000000', new Date(clock.nowMs() + 1_000));
  assert.deepEqual(await statuses(here), {});
});

test('an address that is changed while it is looked at keeps the check of what it is now', { skip }, async () => {
  const changed = { ...MAIN, address1: '5100 Main St' };
  await follow(here);
  const stored = [...here.places.storedAddresses()].find(({ kind }) => kind === 'location');
  assert.equal(stored?.address.address1, '1500 Main St');
  await here.places.updateLocation(scope, locationId, { address: changed });
  await rewriteAddressChecks(here.database, [
    {
      organizationId: scope.organizationId,
      kind: 'location',
      subjectId: locationId,
      address: MAIN,
      check: { level: 'point' },
    },
  ]);
  await follow(here);
  assert.equal((await here.places.getLocation(scope, locationId)).addressCheck?.level, 'postal');
});

test('the checks of numbers and devices are written anew where they say otherwise, of that organization alone', {
  skip,
}, async () => {
  const { db } = here.database;
  const at = new Date(clock.nowMs());
  const old = { level: 'postal', checkedAt: 'before' };
  const row = {
    organizationId: scope.organizationId,
    address: JSON.stringify(MAIN),
    addressCheck: JSON.stringify(old),
  };
  const number = '+12145550100';
  const device = randomUUID();
  const stamps = { createdAt: at, updatedAt: at };
  const standing = { memberId: null, isPrimary: false, active: true, isMain: false };
  await db
    .insertInto('memberNumbers')
    .values({ number, organizationId: scope.organizationId, locationId, ...standing })
    .execute();
  await db
    .insertInto('numberEmergencyAddresses')
    .values({ ...row, ...stamps, id: randomUUID(), number, locationId })
    .execute();
  const used = { registeredAt: at, lastUsedAt: at };
  await db
    .insertInto('deviceAddresses')
    .values({ ...row, ...used, id: device, deviceId: 'd', network: '{}' })
    .execute();
  const found = (organizationId: string, check: object): NewAddressCheck[] => [
    { organizationId, kind: 'number-emergency-address', subjectId: number, address: MAIN, check },
    { organizationId, kind: 'device', subjectId: device, address: MAIN, check },
  ];
  const stored = async (): Promise<unknown[]> => [
    (await db.selectFrom('numberEmergencyAddresses').select('addressCheck').executeTakeFirst())?.addressCheck,
    (await db.selectFrom('deviceAddresses').select('addressCheck').executeTakeFirst())?.addressCheck,
  ];
  const point = { level: 'point', checkedAt: 'now' };
  await rewriteAddressChecks(here.database, found(other.organizationId, point));
  assert.deepEqual(await stored(), [old, old]);
  await rewriteAddressChecks(here.database, found(scope.organizationId, { ...old, checkedAt: 'now' }));
  assert.deepEqual(await stored(), [old, old], 'the same is not written and announced to every node');
  await rewriteAddressChecks(here.database, found(scope.organizationId, point));
  assert.deepEqual(await stored(), [point, point]);
});

test('one override of an address wins on two nodes, counts on both, and for nobody else', { skip }, async () => {
  const address = { ...MAIN, address1: '1777 Main St' };
  const results = await Promise.allSettled(
    [here, there].map((node) => node.data.addAddressOverride(scope, { address, reason: 'new building' })),
  );
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const lost = results.find((one) => one.status === 'rejected');
  assert.equal(lost?.status === 'rejected' && (lost.reason as { kind?: string }).kind, 'conflict');
  for (const node of [here, there]) {
    await follow(node);
    const found = await node.addresses.validateAddress(address, scope.organizationId);
    assert.deepEqual([found.level, found.override?.reason], ['postal', 'new building']);
    assert.equal((await node.addresses.validateAddress(address, other.organizationId)).override, undefined);
  }
  const [made] = await there.data.listAddressOverrides(scope);
  assert.ok(made);
  await assert.rejects(there.data.removeAddressOverride(other, made.id), { kind: 'not-found' });
  await there.data.removeAddressOverride(scope, made.id);
  await follow(here);
  assert.equal((await here.addresses.validateAddress(address, scope.organizationId)).override, undefined);
});
