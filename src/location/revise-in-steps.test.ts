import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { wholeText } from '../../test/support/whole-text.ts';
import { openWireMapWorld, problemOf, type WireMapWorld } from '../../test/support/wire-map-world.ts';
import type { Scope } from '../domain/scope.ts';
import { reviseInSteps, type Steps, tidyWireMaps } from './revise-in-steps.ts';
import { requireNoLease, whenNobodyWrites } from './wire-map-lease.ts';
import { readElementTargets, selectElements } from './wire-map-records.ts';
import { compareBatch, insertRevision, selectChangedKeys } from './wire-map-revision-records.ts';

let world: WireMapWorld;

before(async () => {
  world = await openWireMapWorld();
});

after(() => world.close());

const MAC = 'cc:cc:cc:cc:cc:01';
const OTHER = 'cc:cc:cc:cc:cc:02';

async function start(): Promise<{ scope: Scope; erl: (name: string) => string }> {
  const scope = await world.organization();
  const { items } = await world.places.listResponseLocations(scope, { max: 10 });
  await world.importWireMap(scope, `kind,value,erl\nmac,${MAC},Floor 2\n`);
  return { scope, erl: (name) => items.find((one) => one.name === name)?.id ?? '' };
}

/** Writes one element that changes and one that is new. */
async function writePart({ organizationId }: Scope, { step, newest, now }: Steps, erl: string): Promise<void> {
  const rows = [MAC, OTHER].map((value) => ({
    id: randomUUID(),
    kind: 'mac',
    value,
    port: '',
    erl,
    description: 'written',
  }));
  const json = JSON.stringify(rows);
  const found = await step((tx) => compareBatch(tx, { json }, { organizationId, newest, listed: 10, write: { now } }));
  assert.deepEqual([found.added, found.changed], [1, 1]);
}

const DONE = { result: 'done', entry: { subject: 'wire map' }, counts: { added: 1, changed: 1, removed: 0 } };
const ACTION = 'wire-map.imported';

async function values(scope: Scope): Promise<string[]> {
  const { items } = await world.listElements(scope, {});
  return items.map(({ value, description }) => `${value} ${description}`.trim());
}

test('what is written part by part is not in force before all of it is; others write in between', async () => {
  const { scope, erl } = await start();
  const exported = await wholeText(world.exportWireMap(scope));
  const [element] = (await world.listElements(scope, {})).items;
  await reviseInSteps(world.deps, scope, ACTION, async (steps) => {
    await writePart(scope, steps, erl('Floor 3'));
    // On the embedded database's only session: a part that held it would wait for itself here.
    assert.equal(await wholeText(world.exportWireMap(scope)), exported);
    await comparePages(scope);
    assert.deepEqual(await values(scope), [MAC]);
    assert.equal((await world.getElement(scope, element?.id ?? '')).description, '');
    const node = await world.otherNode();
    await node.snapshot.loadFromDatabase();
    assert.equal(node.snapshot.current().get(scope.organizationId)?.size, 1);
    await node.snapshot.stop?.();
    const stranger = await world.organization();
    await world.importWireMap(stranger, `kind,value,erl\nmac,${MAC},Floor 2\n`);
    return DONE;
  });
  assert.deepEqual(await values(scope), [`${MAC} written`, `${OTHER} written`]);
  assert.equal((await world.getElement(scope, element?.id ?? '')).description, 'written');
  await world.follow(scope);
  assert.equal(
    world.snapshot.current().get(scope.organizationId)?.find('mac', MAC)?.responseLocationId,
    erl('Floor 3'),
  );
  await world.undoWireMap(scope);
  assert.equal(await wholeText(world.exportWireMap(scope)), exported);
});

/** A page that begins at a key is the one that begins behind so many elements. */
async function comparePages({ organizationId }: Scope): Promise<void> {
  for (const sort of ['kind', '-kind', 'value', '-value'] as const) {
    for (const kind of [undefined, 'mac', 'switch-port'] as const) {
      for (let start = 0; start < 8; start += 1) {
        const page = (far: number) =>
          selectElements(world.database.db, organizationId, { kind, sort }, { start, max: 2 }, far);
        assert.deepEqual(await page(0), await page(Number.POSITIVE_INFINITY), `${sort} ${kind} from ${start}`);
      }
    }
  }
}

test('pages far into the list are the same, also while something is written and before what ended is moved', async () => {
  const { scope } = await changedNotMoved();
  await comparePages(scope);
  await tidyWireMaps(world.deps);
  await comparePages(scope);
  const rows = [
    'switch-port,00:1b:00:00:00:02,1,Floor 2',
    'switch-port,00:1b:00:00:00:02,2,Floor 2',
    'bssid,dd:dd:dd:dd:dd:02,,Floor 2',
  ];
  await world.importWireMap(scope, `kind,value,port,erl\n${rows.join('\n')}\n`);
  await comparePages(scope);
  const { items } = await world.listElements(scope, { start: 7 });
  assert.equal(items.length, 1);
});

test('meanwhile others wait, and are told who writes since when', async () => {
  const { scope, erl } = await start();
  let waiting: Promise<unknown> | undefined;
  await reviseInSteps(world.deps, scope, ACTION, async (steps) => {
    await writePart(scope, steps, erl('Floor 3'));
    const told = await problemOf(
      whenNobodyWrites(world.deps, scope, 0, () =>
        world.database.db.transaction().execute((tx) => requireNoLease(tx, scope.organizationId)),
      ),
    );
    assert.equal(told.kind, 'locked');
    assert.match(told.message, /wire-map\.imported by token token since \d{4}-/);
    waiting = world.createElement(scope, {
      kind: 'mac',
      value: 'cc:cc:cc:cc:cc:03',
      responseLocationId: erl('Floor 2'),
    });
    return DONE;
  });
  await waiting;
  assert.equal((await world.listElements(scope, {})).items.length, 3);
  const { items } = await world.listWireMapVersions(scope);
  assert.deepEqual(
    items.map(({ revision, action }) => `${revision} ${action}`),
    ['3 wire-map.element-created', '2 wire-map.imported', '1 wire-map.imported'],
  );
});

test('a change that fails is taken back, and so is what a node left behind that died', async () => {
  const { scope, erl } = await start();
  const exported = await wholeText(world.exportWireMap(scope));
  const failing = reviseInSteps(world.deps, scope, ACTION, async (steps) => {
    await writePart(scope, steps, erl('Floor 3'));
    throw new Error('the disk is full');
  });
  await assert.rejects(failing, /the disk is full/);
  assert.equal(await wholeText(world.exportWireMap(scope)), exported);
  const stored = () =>
    world.database.db
      .selectFrom('wireMapElements')
      .select(['value', 'revision'])
      .where('organizationId', '=', scope.organizationId)
      .execute();
  assert.deepEqual(await stored(), [{ value: MAC, revision: 1 }]);

  const died = reviseInSteps(world.deps, scope, ACTION, async (steps) => {
    await writePart(scope, steps, erl('Floor 3'));
    await world.database.db
      .updateTable('wireMapLeases')
      .set({ renewedAt: new Date(0) })
      .execute();
    const element = await world.createElement(scope, { kind: 'mac', value: OTHER, responseLocationId: erl('Lobby') });
    assert.equal(element.responseLocationId, erl('Lobby'));
    // It was not dead after all: what it writes now must not count.
    await steps.step(() => Promise.resolve());
    return DONE;
  });
  assert.equal((await problemOf(died)).kind, 'conflict');
  assert.deepEqual(
    (await stored()).sort((a, b) => a.revision - b.revision),
    [
      { value: MAC, revision: 1 },
      { value: OTHER, revision: 2 },
    ],
  );
});

test('what ended and was not moved before its node died is moved by the upkeep', async () => {
  const { scope, erl } = await start();
  await world.importWireMap(scope, `kind,value,erl\nmac,${MAC},Floor 3\n`);
  const history = world.database.db
    .selectFrom('wireMapHistory')
    .selectAll()
    .where('organizationId', '=', scope.organizationId);
  const [row] = await history.execute();
  assert.equal(row?.responseLocationId, erl('Floor 2'));
  await world.database.db.deleteFrom('wireMapHistory').where('organizationId', '=', scope.organizationId).execute();
  await world.database.db.insertInto('wireMapElements').values(row).execute();
  assert.equal((await world.listElements(scope, {})).items.length, 1);
  await tidyWireMaps(world.deps);
  assert.deepEqual(await history.execute(), [row]);
});

/** Elements as they stand right after a change of all of them: what each was before is not moved yet. */
async function changedNotMoved(): Promise<{ scope: Scope; erl: (name: string) => string; macs: string[] }> {
  const { scope, erl } = await start();
  const { organizationId } = scope;
  const macs = ['01', '02', '03', '04', '05'].map((last) => `dd:dd:dd:dd:dd:${last}`);
  await world.importWireMap(scope, `kind,value,erl\n${macs.map((mac) => `mac,${mac},Floor 2\n`).join('')}`, {
    replace: true,
  });
  const { db } = world.database;
  const elements = db.selectFrom('wireMapElements').selectAll().where('organizationId', '=', organizationId);
  const before = await elements.execute();
  const newest = Math.max(...before.map(({ revision }) => revision));
  await db
    .updateTable('wireMapElements')
    .set({ endedRevision: newest + 1 })
    .where('organizationId', '=', organizationId)
    .execute();
  const after = before.map((row) => ({ ...row, responseLocationId: erl('Floor 3'), revision: newest + 1 }));
  await db.insertInto('wireMapElements').values(after).execute();
  await db.transaction().execute((tx) =>
    insertRevision(tx, {
      organizationId,
      revision: newest + 1,
      id: randomUUID(),
      action: ACTION,
      added: 0,
      changed: macs.length,
      removed: 0,
      madeAt: new Date(0),
    }),
  );
  return { scope, erl, macs };
}

test('an index read anew holds every element, wherever a page ends between one and what it was before', async () => {
  const { scope, erl, macs } = await changedNotMoved();
  for (const only of [scope.organizationId, undefined]) {
    for (const rowsPerPage of [1, 2, 3, 4, 5, 7]) {
      const read: string[] = [];
      for await (const page of readElementTargets(world.database.db, only, rowsPerPage)) {
        for (const { organizationId, responseLocationId, lines } of page) {
          if (organizationId !== scope.organizationId) continue;
          assert.equal(responseLocationId, erl('Floor 3'));
          read.push(...lines.split('\n').map((line) => line.trim()));
        }
      }
      assert.deepEqual(read.sort(), macs, `${rowsPerPage} rows at a time`);
    }
  }
});

test('what changed again while a change is read is not taken for removed', async () => {
  const { scope, erl } = await start();
  const { organizationId } = scope;
  const [element] = (await world.listElements(scope, {})).items;
  await world.updateElement(scope, element?.id ?? '', { responseLocationId: erl('Floor 3') });
  await world.updateElement(scope, element?.id ?? '', { responseLocationId: erl('Lobby') });
  const { db } = world.database;
  const read = (after: number, newest: number) => selectChangedKeys(db, organizationId, { after, newest }, 10);
  assert.deepEqual(await read(1, 2), []);
  const key = { kind: 'mac', value: MAC, port: '' };
  assert.deepEqual(await read(2, 3), [{ ...key, responseLocationId: erl('Lobby') }]);
  await world.removeElement(scope, element?.id ?? '');
  assert.deepEqual(await read(3, 4), [{ ...key, responseLocationId: null }]);
});
