import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openWireMapWorld, problemOf } from '../../test/support/wire-map-world.ts';
import type { Scope } from '../domain/scope.ts';
import { readIpWords } from './ip-words.ts';
import type { WireMapSnapshot } from './wire-map-snapshot.ts';

async function open(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-wire-map-'));
  const world = await openWireMapWorld({ folder });
  t.after(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });
  const scope = await world.organization();
  const { items } = await world.places.listResponseLocations(scope, { max: 10 });
  const erl = (name: string): string => items.find((one) => one.name === name)?.id ?? '';
  return { world, folder, scope, erl };
}

function found(
  snapshot: WireMapSnapshot,
  { organizationId }: Scope,
  kind: 'mac' | 'bssid',
  key: string,
): string | undefined {
  return snapshot.current().get(organizationId)?.find(kind, key)?.responseLocationId;
}

const csvOf = (count: number, erl: string): string =>
  `kind,value,erl\n${Array.from({ length: count }, (_, place) => `mac,cc:cc:cc:cc:${(place >> 8).toString(16).padStart(2, '0')}:${(place & 255).toString(16).padStart(2, '0')},${erl}\n`).join('')}`;

test('a change is laid over what is there, without reading the rest', async (t) => {
  const { world, scope, erl } = await open(t);
  await world.importWireMap(scope, csvOf(100, 'Floor 2'));
  await world.follow(scope);
  const block = world.snapshot.state(scope.organizationId)?.block;
  const element = await world.createElement(scope, {
    kind: 'bssid',
    value: 'aa-bb-cc-dd-ee-f*',
    responseLocationId: erl('Floor 3'),
  });
  const range = await world.createElement(scope, {
    kind: 'ip-range',
    value: '10.1.2.0/24',
    responseLocationId: erl('Floor 2'),
  });
  await world.follow(scope);
  assert.equal(found(world.snapshot, scope, 'bssid', 'aa:bb:cc:dd:ee:f9'), erl('Floor 3'));
  const words = new Uint32Array(4);
  const version = readIpWords('10.1.2.3', words);
  const byAddress = () =>
    world.snapshot
      .current()
      .get(scope.organizationId)
      ?.findByAddress(version || 4, words);
  assert.equal(byAddress()?.key, '10.1.2.0/24');
  await world.updateElement(scope, element.id, { value: 'aa:bb:cc:dd:ee:**' });
  await world.updateElement(scope, range.id, { responseLocationId: erl('Floor 3') });
  await world.follow(scope);
  assert.equal(byAddress()?.responseLocationId, erl('Floor 3'));
  assert.equal(found(world.snapshot, scope, 'bssid', 'aa:bb:cc:dd:ee:09'), erl('Floor 3'));
  await world.removeElement(scope, element.id);
  await world.removeElement(scope, range.id);
  await world.follow(scope);
  assert.equal(found(world.snapshot, scope, 'bssid', 'aa:bb:cc:dd:ee:09'), undefined);
  assert.equal(byAddress(), undefined);
  assert.equal(world.snapshot.state(scope.organizationId)?.block, block);
  assert.equal(world.snapshot.current().get(scope.organizationId)?.size, 100);
});

test('many changes are packed into a new block; what is read anew and what was laid over answer alike', async (t) => {
  const { world, scope, erl } = await open(t);
  await world.importWireMap(scope, csvOf(2_000, 'Floor 2'));
  await world.follow(scope);
  const block = world.snapshot.state(scope.organizationId)?.block;
  await world.importWireMap(scope, csvOf(1_990, 'Floor 3'));
  await world.follow(scope);
  await world.importWireMap(
    scope,
    csvOf(1_990, 'Lobby')
      .replace('kind,value,erl', 'kind,value,erl')
      .replaceAll(',Lobby', ',Store')
      .replaceAll('cc:cc:cc', 'dd:dd:dd'),
  );
  await world.follow(scope);
  for (let waits = 0; world.snapshot.state(scope.organizationId)?.block === block && waits < 500; waits += 1)
    await pause(10);
  assert.notEqual(world.snapshot.state(scope.organizationId)?.block, block);
  const other = await world.otherNode();
  await other.snapshot.loadFromDatabase();
  for (const key of ['cc:cc:cc:cc:00:01', 'cc:cc:cc:cc:07:cf', 'dd:dd:dd:cc:00:07', 'dd:dd:dd:cc:07:ff']) {
    assert.equal(found(world.snapshot, scope, 'mac', key), found(other.snapshot, scope, 'mac', key), key);
  }
  assert.equal(found(other.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:01'), erl('Floor 3'));
  assert.equal(world.snapshot.current().get(scope.organizationId)?.size, 3_990);
  await other.snapshot.stop?.();
});

test('a node starts from its own disk, with what was laid over, and reads only what is newer', async (t) => {
  const { world, folder, scope, erl } = await open(t);
  await world.importWireMap(scope, csvOf(50, 'Floor 2'));
  await world.createAddressRange(scope, { range: '203.0.113.0/24' });
  await world.follow(scope);
  await world.snapshot.save();
  const element = await world.createElement(scope, {
    kind: 'mac',
    value: 'ee:ee:ee:ee:ee:01',
    responseLocationId: erl('Lobby'),
  });
  await world.follow(scope);
  await world.snapshot.save();

  const offline = await world.otherNode(folder);
  assert.equal(await offline.snapshot.loadFromDisk(), true);
  assert.equal(found(offline.snapshot, scope, 'mac', 'ee:ee:ee:ee:ee:01'), element.responseLocationId);
  assert.equal(found(offline.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:01'), erl('Floor 2'));
  const index = offline.snapshot.current().get(scope.organizationId);
  assert.equal(index?.findOwnRange('203.0.113.9')?.range, '203.0.113.0/24');

  await world.createElement(scope, { kind: 'mac', value: 'ee:ee:ee:ee:ee:02', responseLocationId: erl('Floor 3') });
  const started = await world.otherNode(folder);
  await started.snapshot.loadFromDatabase();
  assert.equal(found(started.snapshot, scope, 'mac', 'ee:ee:ee:ee:ee:02'), erl('Floor 3'));
  assert.equal(started.snapshot.state(scope.organizationId)?.changes.length, 2);
});

test('what was saved does not replace what the database said while the files were read', async (t) => {
  const { world, folder, scope, erl } = await open(t);
  await world.importWireMap(scope, csvOf(5, 'Floor 2'));
  await world.follow(scope);
  await world.snapshot.save();
  await world.importWireMap(scope, csvOf(5, 'Floor 3'));
  const started = await world.otherNode(folder);
  // The feed tells of a change before the whole was read, and the files come last.
  await started.snapshot.apply([{ sequence: 1, kind: 'wire-map', organizationId: scope.organizationId }]);
  assert.equal(await started.snapshot.loadFromDisk(), true);
  assert.equal(found(started.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:01'), erl('Floor 3'));
});

test('a damaged file, or one of another database, is not believed', async (t) => {
  const { world, folder, scope, erl } = await open(t);
  await world.importWireMap(scope, csvOf(50, 'Floor 2'));
  await world.follow(scope);
  await world.snapshot.save();
  // The same revision, made anew elsewhere: its name tells.
  await world.database.db.updateTable('wireMapRevisions').set({ id: '00000000-0000-4000-8000-000000000000' }).execute();
  await world.database.db.deleteFrom('wireMapElements').where('value', '=', 'cc:cc:cc:cc:00:01').execute();
  const elsewhere = await world.otherNode(folder);
  await elsewhere.snapshot.loadFromDatabase();
  assert.equal(found(elsewhere.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:01'), undefined);
  assert.equal(found(elsewhere.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:02'), erl('Floor 2'));

  const path = join(folder, 'wire-map.bin');
  const bytes = await readFile(path);
  for (const damage of [
    bytes.subarray(0, bytes.length - 8),
    Buffer.concat([bytes.subarray(0, -9), Buffer.alloc(9, 7)]),
    Buffer.from('x'),
  ]) {
    await writeFile(path, damage);
    const damaged = await world.otherNode(folder);
    assert.equal(await damaged.snapshot.loadFromDisk(), false);
    await damaged.snapshot.loadFromDatabase();
    assert.equal(found(damaged.snapshot, scope, 'mac', 'cc:cc:cc:cc:00:02'), erl('Floor 2'));
  }
});

test('a version that is no longer kept cannot be gone back to', async (t) => {
  const { world, scope } = await open(t);
  assert.equal((await problemOf(world.undoWireMap(scope))).kind, 'conflict');
  await world.importWireMap(scope, csvOf(5, 'Floor 2'));
  await world.importWireMap(scope, csvOf(5, 'Floor 3'));
  world.clock.advance(100 * 86_400_000);
  await world.importWireMap(scope, csvOf(6, 'Floor 3'));
  assert.equal((await problemOf(world.undoWireMap(scope, 1))).kind, 'gone');
  assert.equal((await problemOf(world.undoWireMap(scope, 9))).kind, 'invalid');
  assert.deepEqual((await world.undoWireMap(scope, 2)).counts, { added: 0, changed: 0, removed: 1 });
});

test('what came from the database is not taken for a saved copy: a slow first start waits for its end', async (t) => {
  const { world } = await open(t);
  const node = await world.otherNode();
  await node.snapshot.loadFromDatabase();
  assert.equal(await node.snapshot.loadFromDisk(), false);
  await node.snapshot.stop?.();
});
