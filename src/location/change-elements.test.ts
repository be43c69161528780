import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openWireMapWorld, problemOf, type WireMapWorld } from '../../test/support/wire-map-world.ts';
import type { Scope } from '../domain/scope.ts';
import { newId } from '../support/ids.ts';

let world: WireMapWorld;

before(async () => {
  world = await openWireMapWorld();
});

after(async () => {
  await world.stopWireMapImports();
  await world.close();
});

const CSV = [
  'kind,value,port,location,erl,description',
  'switch-port,00:1b:00:00:00:01,gi1/0/1,Dallas HQ,Floor 2,desk',
  'switch-port,00:1b:00:00:00:01,gi1/0/2,Dallas HQ,Floor 2,desk',
  'bssid,aa:bb:cc:dd:ee:f*,,Dallas HQ,Floor 3,ceiling',
  'mac,02:00:5e:00:00:09,,Annex,Store,fax',
  '',
].join('\n');

type Fixture = { scope: Scope; ids: Record<string, string>; erl: (name: string) => string; locations: string[] };

async function filled(): Promise<Fixture> {
  const scope = await world.organization();
  await world.importWireMap(scope, CSV);
  await world.follow(scope);
  const { items } = await world.listElements(scope, {});
  const { items: places } = await world.places.listResponseLocations(scope, { max: 100 });
  const { items: sites } = await world.places.listLocations(scope, { max: 10 });
  return {
    scope,
    ids: Object.fromEntries(items.map((one) => [one.port || one.value, one.id])),
    erl: (name) => places.find((place) => place.name === name)?.id ?? '',
    locations: ['Dallas HQ', 'Annex'].map((name) => sites.find((site) => site.name === name)?.id ?? ''),
  };
}

const values = async (scope: Scope): Promise<string[]> =>
  (await world.listElements(scope, {})).items.map(
    ({ value, port, responseLocationName, locationName, description }) =>
      `${port || value} ${responseLocationName} ${locationName} ${description}`,
  );

test('elements are found by location and building, and by a hardware address in whatever spelling', async () => {
  const { scope, locations } = await filled();
  const count = async (filter: Parameters<typeof world.listElements>[1]) =>
    (await world.listElements(scope, filter)).items.length;
  assert.equal(await count({ locationId: locations[0] }), 3);
  assert.equal(await count({ locationId: locations[1] }), 1);
  assert.equal(await count({ locationId: newId() }), 0);
  const building = await world.places.getBuilding(scope, locations[1] ?? '');
  assert.equal(await count({ buildingId: building.id }), 1);
  assert.equal(await count({ buildingId: building.id, locationId: locations[0] }), 0);
  assert.equal(await count({ text: '001B.0000.0001' }), 2);
  assert.equal(await count({ text: 'AA-BB-CC-DD-EE-F7' }), 1, 'the mask that holds it');
  assert.equal(await count({ text: '001b' }), 0, 'a part is a part');
  assert.equal(await count({ text: '00:1B' }), 2);
});

test('many move at once: a dry run stores nothing and says which places are left without', async () => {
  const { scope, ids, erl } = await filled();
  const wanted = { ids: [ids['gi1/0/1'] ?? '', ids['gi1/0/2'] ?? ''], responseLocationId: erl('Store') };
  const before = await values(scope);
  const dry = await world.changeElements(scope, wanted, { dryRun: true });
  assert.deepEqual(dry.counts, { changed: 2, removed: 0, unchanged: 0 });
  assert.deepEqual([dry.applied, dry.revision, dry.leftWithout], [false, null, ['Floor 2']]);
  assert.deepEqual(await values(scope), before);

  const one = await world.changeElements(scope, { ...wanted, ids: wanted.ids.slice(0, 1) }, { dryRun: true });
  assert.deepEqual(one.leftWithout, [], 'another element still leads there');

  const done = await world.changeElements(scope, wanted);
  assert.deepEqual([done.applied, done.revision], [true, 2]);
  assert.ok((await values(scope)).includes('gi1/0/1 Store Annex desk'));
  const [entry] = await world.deps.audit.list(scope.organizationId, { max: 1 });
  assert.equal(entry?.action, 'wire-map.elements-updated');
  assert.deepEqual(entry.detail, { changed: 2, removed: 0, unchanged: 0 });

  const again = await world.changeElements(scope, wanted);
  assert.deepEqual(again.counts, { changed: 0, removed: 0, unchanged: 2 });
  assert.equal((await world.listWireMapVersions(scope)).items[0]?.revision, 2, 'nothing changed: no version');

  await world.undoWireMap(scope, 1);
  assert.deepEqual(await values(scope), before);
});

test('what a filter finds is removed, told as gone, and comes back by undo', async () => {
  const { scope, ids, locations } = await filled();
  const before = await values(scope);
  const gone = await world.changeElements(scope, { filter: { locationId: locations[0] }, remove: true });
  assert.deepEqual(gone.counts, { changed: 0, removed: 3, unchanged: 0 });
  assert.deepEqual(gone.leftWithout.sort(), ['Floor 2', 'Floor 3']);
  assert.equal((await problemOf(world.getElement(scope, ids['gi1/0/1'] ?? ''))).kind, 'gone');
  assert.equal((await values(scope)).length, 1);
  await world.undoWireMap(scope);
  assert.deepEqual(await values(scope), before);
});

test('what cannot be done is refused as a whole', async () => {
  const { scope, ids, erl } = await filled();
  const one = [ids['gi1/0/1'] ?? ''];
  const kinds = async (wanted: Parameters<typeof world.changeElements>[1], by = scope): Promise<string> =>
    (await problemOf(world.changeElements(by, wanted))).kind;
  assert.equal(await kinds({ ids: one }), 'invalid', 'nothing is to become of it');
  assert.equal(await kinds({ ids: one, remove: true, description: 'x' }), 'invalid', 'both');
  assert.equal(await kinds({ remove: true }), 'invalid', 'no elements are named');
  assert.equal(await kinds({ ids: one, filter: {}, remove: true }), 'invalid', 'named twice');
  assert.equal(await kinds({ ids: ['no id'], remove: true }), 'invalid');
  assert.equal(await kinds({ ids: [...one, newId()], remove: true }), 'conflict', 'one is not there');
  assert.equal(await kinds({ ids: one, responseLocationId: newId() }), 'invalid');
  const other = await world.organization();
  assert.equal(await kinds({ ids: one, remove: true }, other), 'conflict', 'others see nothing of it');
  assert.equal(await kinds({ ids: one, responseLocationId: erl('Store') }, other), 'invalid');
  assert.equal((await values(scope)).length, 4);

  const rows = Array.from(
    { length: 2_001 },
    (_, place) => `mac,02:cc:00:00:${hex(place >> 8)}:${hex(place & 255)},Store`,
  );
  await world.importWireMap(scope, `kind,value,erl\n${rows.join('\n')}\n`);
  assert.equal(await kinds({ filter: { kind: 'mac' }, remove: true }), 'too-large');
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
