/** Address layers in the database: imports, versions, undo, what is kept on disk; overrides and reviews. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openMigratedDatabase } from '../../test/support/embedded-template.ts';
import { createAudit } from '../audit/audit.ts';
import type { PostalAddress } from '../domain/postal-address.ts';
import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { createLogger } from '../support/logger.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type AddressData, createAddressData, type LayerVersion, type StoredAddress } from './address-data.ts';
import { type Addresses, createAddresses } from './addresses.ts';
import { FIXTURE_LAYER } from './testing/fixture-layers.ts';

const logger = createLogger('silent');
const clock = createManualClock();
let database: Database;
let folder: string;
let stored: StoredAddress[] = [];

type World = { data: AddressData; addresses: Addresses };

function openWorld(snapshotFolder = join(folder, 'snapshots')): World {
  const world: Partial<World> = {};
  const data = createAddressData({
    database,
    audit: createAudit({ database, clock }),
    clock,
    logger,
    snapshotFolder,
    importFolder: join(folder, 'imports'),
    validate: (address, organizationId) => {
      assert.ok(world.addresses);
      return world.addresses.validateAddress(address, organizationId);
    },
    async *storedAddresses() {
      yield* await Promise.resolve(stored);
    },
  });
  world.data = data;
  world.addresses = createAddresses(data);
  return { data, addresses: world.addresses };
}

let world: World;

async function newScope(): Promise<Scope> {
  const id = randomUUID();
  await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
  return {
    organizationId: id,
    homeOrganizationId: id,
    tokenId: 'token',
    trackingId: 'track',
    role: 'operator',
    scopes: new Set(),
  };
}

before(async () => {
  database = await openMigratedDatabase(logger);
  folder = await mkdtemp(join(tmpdir(), 'waymark-address-data-'));
  world = openWorld();
});

after(async () => {
  await world.data.stop();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function ended(id: string): Promise<LayerVersion> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const version = await world.data.getLayerVersion(id);
    if (version.state !== 'reading' && version.state !== 'applying') return version;
    await pause(10);
  }
  throw new Error('the import did not end');
}

async function importFile(path: string, scope: Scope, apply: boolean, layer = 'fixture'): Promise<LayerVersion> {
  const started = await world.data.startLayerImport(scope, createReadStream(path), {
    layer,
    fileName: 'fixture.json',
    apply,
  });
  return ended(started.id);
}

async function reviewed(): Promise<void> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const reviews = await world.data.listReviews({ start: 0, max: 10 });
    if (reviews.every(({ state }) => state !== 'running')) {
      assert.ok(
        reviews.every(({ state }) => state === 'done'),
        JSON.stringify(reviews),
      );
      return;
    }
    await pause(10);
  }
  throw new Error('the review did not end');
}

/** Waits for the reviews that a change started by itself. */
async function reviewedFor(reason: string, times = 1): Promise<void> {
  for (let waits = 0; waits < 1_000; waits += 1) {
    const reviews = await world.data.listReviews({ start: 0, max: 100 });
    if (reviews.filter((one) => one.reason === reason && one.state === 'done').length >= times) return reviewed();
    await pause(10);
  }
  throw new Error(`no review for ${reason} ended`);
}

const apply = (): Promise<unknown> => Promise.all(world.data.snapshots.map((one) => one.loadFromDatabase()));

async function changedFile(): Promise<string> {
  const document = JSON.parse(await readFile(FIXTURE_LAYER, 'utf8')) as {
    features: { properties: Record<string, unknown> }[];
  };
  const features = document.features.filter(
    ({ properties }) => properties['NGUID'] !== 'p1' && properties['NGUID'] !== 'd1',
  );
  const path = join(folder, 'changed.json');
  await writeFile(path, JSON.stringify({ ...document, features }));
  return path;
}

const MAIN: PostalAddress = {
  address1: '1500 Main St',
  city: 'Dallas',
  state: 'TX',
  postalCode: '75201',
  country: 'US',
};
const levelOf = async (address: PostalAddress): Promise<string | null> =>
  (await world.addresses.validateAddress(address)).level;

test('a layer is read, looked at, put in force, undone, and taken away', async () => {
  const scope = await newScope();
  assert.equal(await levelOf(MAIN), 'postal');
  const checked = await importFile(FIXTURE_LAYER, scope, false);
  assert.equal(checked.state, 'checked', JSON.stringify(checked.problem));
  assert.deepEqual(
    { percent: checked.percent, counts: checked.report?.diff.counts },
    { percent: 100, counts: { added: 43, changed: 0, removed: 0, unchanged: 0 } },
  );
  await apply();
  assert.equal(await levelOf(MAIN), 'postal', 'nothing is in force by being looked at');

  assert.equal((await world.data.applyLayerVersion(scope, checked.id)).state, 'active');
  await apply();
  assert.equal(await levelOf(MAIN), 'point');
  assert.match((await world.addresses.validateAddress(MAIN)).source, /fixture \(fixture\.json, /);

  clock.advance(1_000);
  const second = await importFile(await changedFile(), scope, true);
  assert.deepEqual(
    { state: second.state, removed: second.report?.diff.removed },
    { state: 'active', removed: ['d1', 'p1'] },
  );
  await apply();
  assert.equal(await levelOf(MAIN), 'postal', 'the house is no longer in the data');
  assert.equal((await world.data.getLayerVersion(checked.id)).state, 'former');

  assert.equal((await world.data.undoLayer(scope, 'fixture')).active?.id, checked.id);
  await apply();
  assert.equal(await levelOf(MAIN), 'point');
  assert.equal((await world.data.undoLayer(scope, 'fixture')).active, null, 'before the first there was nothing');
  await apply();
  assert.equal(await levelOf(MAIN), 'postal');
  await assert.rejects(world.data.undoLayer(scope, 'fixture'), { kind: 'not-found' });

  await world.data.applyLayerVersion(scope, checked.id);
  assert.deepEqual(
    (await world.data.listAddressLayers()).map(({ id }) => id),
    [checked.id],
  );
  assert.equal((await world.data.listLayerVersions({ layer: 'fixture' }, { start: 0, max: 10 })).total, 2);
  await world.data.removeLayer(scope, 'fixture');
  assert.deepEqual(await world.data.listAddressLayers(), []);
  await world.data.applyLayerVersion(scope, checked.id);
  await apply();
  const entries = await createAudit({ database, clock }).list(scope.organizationId, { max: 100 });
  const actions = entries.filter(({ action }) => action.startsWith('address-layer.'));
  assert.equal(actions.length, 7);
  await reviewed();
});

test('a node starts with the layers that it kept on disk; a damaged file is read again from the database', async () => {
  for (const snapshot of world.data.snapshots) await snapshot.save();
  const kept = join(folder, 'snapshots', 'address-layers');
  const [file] = (await readdir(kept)).filter((name) => name.endsWith('.bin'));
  assert.ok(file);
  const other = openWorld();
  const [layers] = other.data.snapshots;
  assert.equal(await layers?.loadFromDisk(), true);
  assert.equal((await other.addresses.validateAddress(MAIN)).level, 'point');

  const bytes = await readFile(join(kept, file));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
  await writeFile(join(kept, file), bytes);
  const third = openWorld();
  assert.equal(await third.data.snapshots[0]?.loadFromDisk(), false);
  await third.data.snapshots[0]?.loadFromDatabase();
  assert.equal((await third.addresses.validateAddress(MAIN)).level, 'point');
  await other.data.stop();
  await third.data.stop();
});

test('a file that cannot be read changes nothing, and says why', async () => {
  const scope = await newScope();
  const path = join(folder, 'torn.json');
  await writeFile(path, '{"type":"FeatureCollection","features":[');
  const failed = await importFile(path, scope, true);
  assert.deepEqual({ state: failed.state, kind: failed.problem?.kind }, { state: 'failed', kind: 'malformed' });
  assert.equal((await world.data.listAddressLayers()).length, 1);
  await assert.rejects(world.data.applyLayerVersion(scope, failed.id), { kind: 'conflict' });
  await assert.rejects(world.data.applyLayerVersion(scope, randomUUID()), { kind: 'not-found' });
  const empty = world.data.startLayerImport(scope, createReadStream('/dev/null'), { layer: 'empty' });
  await assert.rejects(empty, { kind: 'malformed' });
  for (const wanted of [
    { layer: '../x' },
    { layer: 'x', mapping: { nonsense: 'a' } },
    { layer: 'x', defaults: { A1: 'Bavaria' } },
  ]) {
    await assert.rejects(
      world.data.startLayerImport(scope, createReadStream(path), wanted),
      (error: unknown) => error instanceof ProblemError && error.kind === 'invalid' && error.fields.length > 0,
    );
  }
});

test('an override is told beside the level and never raises it; other organizations do not see it', async () => {
  const scope = await newScope();
  const other = await newScope();
  const address = { ...MAIN, address1: '1777 Main St' };
  const made = await world.data.addAddressOverride(scope, { address, reason: 'new building, permit 4711' });
  await apply();
  const found = await world.addresses.validateAddress(
    { ...address, address1: '1777 MAIN STREET' },
    scope.organizationId,
  );
  assert.equal(found.level, 'postal');
  assert.deepEqual(
    { by: found.override?.madeBy, reason: found.override?.reason },
    { by: 'token', reason: 'new building, permit 4711' },
  );
  assert.ok(found.errors.some(({ kind }) => kind === 'house-number-unknown'));
  assert.equal((await world.addresses.validateAddress(address, other.organizationId)).override, undefined);
  assert.equal(
    (await world.addresses.validateAddress({ ...address, address1: '1779 Main St' }, scope.organizationId)).override,
    undefined,
  );
  await assert.rejects(world.data.addAddressOverride(scope, { address, reason: 'again' }), { kind: 'conflict' });
  await assert.rejects(
    world.data.addAddressOverride(scope, { address: { ...MAIN, address1: 'PO Box 4' }, reason: 'x' }),
    { kind: 'invalid' },
  );
  await assert.rejects(world.data.addAddressOverride(scope, { address: { city: 'Dallas' }, reason: 'x' }), {
    kind: 'invalid',
  });
  await assert.rejects(world.data.addAddressOverride(scope, { address, reason: ' ' }), { kind: 'invalid' });
  // A street that the data would correct, and somebody knows better.
  const renamed = { ...MAIN, address1: '1500 Main Ave' };
  const better = await world.data.addAddressOverride(scope, { address: renamed, reason: 'renamed in May' });
  await apply();
  const corrected = await world.addresses.validateAddress(renamed, scope.organizationId);
  assert.deepEqual([corrected.override?.reason, corrected.address.address1], ['renamed in May', '1500 Main Street']);
  assert.equal((await world.addresses.validateAddress(MAIN, scope.organizationId)).override, undefined);
  await world.data.removeAddressOverride(scope, better.id);
  assert.deepEqual(await world.data.listAddressOverrides(other), []);
  await assert.rejects(world.data.removeAddressOverride(other, made.id), { kind: 'not-found' });
  await world.data.removeAddressOverride(scope, made.id);
  await apply();
  assert.equal((await world.addresses.validateAddress(address, scope.organizationId)).override, undefined);
});

test('after other data are in force, stored addresses are looked at again, and those whose status flipped are listed', async () => {
  const scope = await newScope();
  const { organizationId } = scope;
  const page = { start: 0, max: 10 };
  stored = [
    { organizationId, kind: 'location', subjectId: 'a', address: MAIN },
    {
      organizationId,
      kind: 'number-emergency-address',
      subjectId: '+12145550100',
      address: { ...MAIN, address1: '250 Elm St' },
    },
    { organizationId, kind: 'device', subjectId: 'd', address: { ...MAIN, address1: '1500 Main Ave' } },
  ];
  await world.data.startReview('first');
  await reviewed();
  const first = await world.data.listAddressStatuses(scope, {}, page);
  assert.deepEqual(
    first.items.map(({ subjectId, status, flippedAt }) => [subjectId, status, flippedAt]),
    // As entered: the street would have to be corrected first.
    [
      ['d', 'postal', null],
      ['a', 'point', null],
      ['+12145550100', 'street', null],
    ],
  );
  clock.advance(60_000);
  const since = new Date(clock.nowMs());
  await importFile(await changedFile(), scope, true);
  await apply();
  await world.data.startReview('second');
  await reviewed();
  const flipped = await world.data.listAddressStatuses(scope, { flippedSince: since }, page);
  assert.deepEqual(
    flipped.items.map(({ subjectId, status, previousStatus }) => ({ subjectId, status, previousStatus })),
    [{ subjectId: 'a', status: 'postal', previousStatus: 'point' }],
  );
  assert.ok((flipped.items[0]?.detail.errors.length ?? 0) > 0);

  // Somebody vouches for it, and it moves: another address has no history.
  stored = stored.slice(0, 1);
  clock.advance(1_000);
  const { id } = await world.data.addAddressOverride(scope, { address: MAIN, reason: 'seen with my own eyes' });
  await reviewedFor(`address overrides of ${organizationId}`);
  const third = await world.data.listAddressStatuses(scope, {}, page);
  assert.deepEqual(
    third.items.map(({ status }) => status),
    ['override'],
    'what is no longer stored is no longer listed',
  );
  clock.advance(1_000);
  await world.data.removeAddressOverride(scope, id);
  await reviewedFor(`address overrides of ${organizationId}`, 2);
  const fourth = await world.data.listAddressStatuses(scope, {}, page);
  assert.deepEqual(
    fourth.items.map(({ status, previousStatus }) => [status, previousStatus]),
    [['postal', 'override']],
  );
  assert.equal((await world.data.listAddressStatuses(await newScope(), {}, page)).total, 0);
  await assert.rejects(world.data.getReview(randomUUID()), { kind: 'not-found' });
  stored = [];
});
