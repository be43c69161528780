/** The wire map on a real PostgreSQL: two nodes, two writers, imports and the way back. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '../../src/domain/scope.ts';
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts';
import { wholeText } from '../support/whole-text.ts';
import { openWireMapWorld, problemOf, type WireMapWorld } from '../support/wire-map-world.ts';

let cluster: PostgresCluster;
let world: WireMapWorld;
let scope: Scope;

before(async () => {
  cluster = await startPostgresCluster();
  world = await openWireMapWorld({ databaseUrl: await cluster.createDatabase() });
  scope = await world.organization();
});

after(async () => {
  await world.stopWireMapImports();
  await world.close();
  cluster.remove();
});

const rows = (count: number, erl: string): string =>
  `kind,value,erl\n${Array.from({ length: count }, (_, place) => `switch-port,closet ${place},${erl}\n`).join('')}`
    .replace('kind,value,erl', 'kind,value,port,erl')
    .replaceAll(/closet (\d+),/g, 'closet,$1,');

test('imports, changes and undo: what one node is told and what another reads anew are the same', async () => {
  const empty = await wholeText(world.exportWireMap(scope));
  await world.importWireMap(scope, rows(3_000, 'Floor 2'));
  const first = await wholeText(world.exportWireMap(scope));
  await world.follow(scope);
  const changed = await world.importWireMap(scope, rows(10, 'Floor 3'), { replace: true });
  assert.deepEqual(changed.counts, { added: 0, changed: 10, unchanged: 0, removed: 2_990, errors: 0 });
  await world.follow(scope);
  assert.equal(world.snapshot.current().get(scope.organizationId)?.size, 10);
  const other = await world.otherNode();
  await other.snapshot.loadFromDatabase();
  const find = (snapshot: typeof other.snapshot, port: number) =>
    snapshot.current().get(scope.organizationId)?.find('switch-port', `closet\n${port}`);
  for (const port of [0, 9, 10, 2_999]) assert.deepEqual(find(other.snapshot, port), find(world.snapshot, port));
  assert.deepEqual((await world.undoWireMap(scope)).counts, { added: 2_990, changed: 10, removed: 0 });
  assert.equal(await wholeText(world.exportWireMap(scope)), first);
  await other.snapshot.apply([{ sequence: 1, kind: 'wire-map', organizationId: scope.organizationId }]);
  assert.ok(find(other.snapshot, 2_999));
  await world.undoWireMap(scope, 0);
  assert.equal(await wholeText(world.exportWireMap(scope)), empty);
  await other.snapshot.stop?.();
  await other.close();
});

test('of two imports at once neither is lost: they take turns', async () => {
  const [one, two] = await Promise.all([
    world.importWireMap(scope, 'kind,value,erl\nmac,aa:aa:aa:aa:aa:01,Floor 2\n'),
    world.importWireMap(scope, 'kind,value,erl\nmac,aa:aa:aa:aa:aa:02,Floor 2\nmac,aa:aa:aa:aa:aa:01,Floor 3\n'),
  ]);
  assert.equal(one.counts.added + two.counts.added, 2);
  assert.equal(one.counts.changed + two.counts.changed, 1);
  const { items } = await world.listWireMapVersions(scope);
  assert.deepEqual(
    items.slice(0, 2).map(({ revision }) => revision),
    [items[0]?.revision, (items[0]?.revision ?? 0) - 1],
  );
});

test('a place that is gone refuses the whole import', async () => {
  const before = await wholeText(world.exportWireMap(scope));
  const { items } = await world.places.listResponseLocations(scope, { max: 10, name: 'Store' });
  const csv = `kind,value,erl\nmac,bb:bb:bb:bb:bb:01,Floor 2\nmac,bb:bb:bb:bb:bb:02,${items[0]?.id ?? ''}\n`;
  await world.places.removeResponseLocation(scope, items[0]?.id ?? '');
  const problem = await problemOf(world.importWireMap(scope, csv));
  assert.equal(problem.kind, 'invalid');
  assert.equal(await wholeText(world.exportWireMap(scope)), before);
});

test('what one node has checked another applies; of two imports at once the second is told who began when', async () => {
  const other = await world.otherNode();
  const upload = (csv: string) => Readable.from([Buffer.from(csv)]);
  async function ended(id: string): Promise<string> {
    for (let waits = 0; waits < 500; waits += 1) {
      // Asked of the node that does not work on it.
      const { state } = await other.getWireMapImport(scope, id);
      if (['checked', 'applied', 'failed'].includes(state)) return state;
      await pause(20);
    }
    throw new Error('the import did not end');
  }
  const exported = await wholeText(world.exportWireMap(scope));
  const { id } = await world.startWireMapImport(scope, upload(rows(2_500, 'Floor 3')));
  const second = await problemOf(other.startWireMapImport(scope, upload(rows(1, 'Floor 2'))));
  assert.equal(second.kind, 'locked');
  assert.match(second.message, /begun \d{4}-\d\d-\d\dT.* by token token/);
  assert.equal(await ended(id), 'checked');
  await other.stopWireMapImports();
  const third = await world.otherNode();
  const { state } = await third.applyWireMapImport(scope, id);
  assert.equal(state, 'applying');
  assert.equal((await problemOf(world.applyWireMapImport(scope, id))).kind, 'conflict');
  assert.equal(await ended(id), 'applied');
  assert.notEqual(await wholeText(world.exportWireMap(scope)), exported);
  await world.undoWireMap(scope);
  assert.equal(await wholeText(world.exportWireMap(scope)), exported);
  await third.stopWireMapImports();
  await third.close();
  await other.close();
});
