import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogger } from '../support/logger.ts';
import type { Change } from './change-feed.ts';
import { createSnapshot } from './snapshot.ts';

type Rows = { names: string[] };

async function withSnapshot(play: (scene: ReturnType<typeof openSnapshot> & { path: string }) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-snapshot-'));
  try {
    await play({ ...openSnapshot(folder), path: join(folder, 'names.json') });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function openSnapshot(folder: string) {
  const stored = new Map<string, Rows>();
  const read: string[] = [];
  const snapshot = createSnapshot<Rows, string[]>(
    { folder, logger: createLogger('silent') },
    {
      name: 'names',
      version: 2,
      kinds: ['members'],
      loadAll: () => Promise.resolve(new Map(stored)),
      loadOne: (key) => {
        read.push(`all of ${key}`);
        return Promise.resolve(stored.get(key) ?? null);
      },
      loadTouched: (key, touched, { index }) => {
        read.push(`${[...touched].join(' ')} of ${key}`);
        if (touched.has('unreadable')) return Promise.resolve(undefined);
        const names = stored.get(key)?.names ?? [];
        return Promise.resolve(() => {
          const kept = index.filter((name) => !touched.has(name));
          index.splice(0, index.length, ...new Set([...kept, ...names]));
          return names.length === 0 ? null : { names };
        });
      },
      build: (rows) => [...rows.values()].flatMap(({ names }) => names.map((name) => name.trim())).sort(),
    },
  );
  return { stored, snapshot, read };
}

test('what was saved is loaded; what the database said is not replaced by it', () =>
  withSnapshot(async ({ stored, snapshot, path }) => {
    await writeFile(path, JSON.stringify({ version: 2, rows: [['a', { names: ['old'] }]] }));
    assert.equal(await snapshot.loadFromDisk(), true);
    assert.deepEqual(snapshot.current(), ['old']);
    stored.set('a', { names: ['new'] });
    await snapshot.loadFromDatabase();
    assert.equal(await snapshot.loadFromDisk(), true);
    assert.deepEqual(snapshot.current(), ['new']);
  }));

for (const [what, content] of Object.entries({
  'torn file': '{"version":2,"rows":[["a",{"na',
  'binary noise': '\0\u0001\uFFFD',
  'other version': '{"version":1,"rows":[["a",{"names":["old"]}]]}',
  'other shape': '{"version":2,"rows":[["a",{"names":[7]}]]}',
  null: 'null',
  nothing: '',
})) {
  test(`a saved copy that cannot be used changes nothing: ${what}`, () =>
    withSnapshot(async ({ stored, snapshot, path }) => {
      await writeFile(path, content);
      assert.equal(await snapshot.loadFromDisk(), false);
      assert.deepEqual(snapshot.current(), []);
      stored.set('b', { names: ['fresh'] });
      await snapshot.apply([{ sequence: 1, kind: 'members', organizationId: 'b' }]);
      assert.deepEqual(snapshot.current(), ['fresh'], 'and changes still come in');
    }));
}

test('where changes name what they touched, only that is read, unless another change touched anything', () =>
  withSnapshot(async ({ stored, snapshot, read }) => {
    const change = (organizationId: string, touched: string[] | null): Change => ({
      sequence: 1,
      kind: 'members',
      organizationId,
      touched,
    });
    stored.set('a', { names: ['first'] });
    await snapshot.apply([change('a', ['first']), change('a', ['second'])]);
    assert.deepEqual(read.splice(0), ['first second of a']);
    assert.deepEqual(snapshot.current(), ['first']);
    await snapshot.apply([change('a', ['first']), change('a', null), change('a', ['second'])]);
    assert.deepEqual(read.splice(0), ['all of a']);
    stored.set('b', { names: ['other'] });
    await snapshot.apply([change('a', ['unreadable']), change('b', ['other'])]);
    assert.deepEqual(read.splice(0), ['unreadable of a', 'other of b', 'all of a']);
    assert.deepEqual(snapshot.current(), ['first', 'other']);
    stored.delete('b');
    await snapshot.apply([change('b', ['other'])]);
    assert.deepEqual(snapshot.current(), ['first'], 'what has nothing left is gone');
  }));

test('a change that was read before everything was loaded does not undo the load', () =>
  withSnapshot(async ({ stored, snapshot }) => {
    stored.set('a', { names: ['first'] });
    const applied = snapshot.apply([{ sequence: 1, kind: 'members', organizationId: 'a' }]);
    stored.set('b', { names: ['second'] });
    await Promise.all([applied, snapshot.loadFromDatabase()]);
    assert.deepEqual(snapshot.current(), ['first', 'second']);
  }));

test('a copy that could not be saved is saved at the next occasion', () =>
  withSnapshot(async ({ stored, snapshot, path }) => {
    stored.set('a', { names: ['kept'] });
    await snapshot.loadFromDatabase();
    await mkdir(path);
    await assert.rejects(snapshot.save());
    await rm(path, { recursive: true });
    await snapshot.save();
    assert.match(await readFile(path, 'utf8'), /kept/);
  }));

test('what changes were read of in part is read as a whole when asked, once', () =>
  withSnapshot(async ({ stored, snapshot, read }) => {
    stored.set('a', { names: ['one'] });
    stored.set('b', { names: ['two'] });
    await snapshot.loadFromDatabase();
    await snapshot.apply([{ sequence: 1, kind: 'members', organizationId: 'a', touched: ['none'] }]);
    // Of something else than what was touched, as a change would that does not name all.
    stored.set('b', { names: ['three'] });
    await snapshot.apply([{ sequence: 2, kind: 'members', organizationId: 'b', touched: ['unnamed'] }]);
    assert.deepEqual(snapshot.current(), ['one', 'two', 'three']);
    read.length = 0;
    await snapshot.readFollowed?.();
    assert.deepEqual(read, ['all of a', 'all of b']);
    assert.deepEqual(snapshot.current(), ['one', 'three']);
    await snapshot.readFollowed?.();
    assert.equal(read.length, 2);
  }));
