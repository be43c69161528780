/** The storage suite, the same on the embedded engine and on a real PostgreSQL. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { selectOrganizationsOfPartner } from '../src/accounts/organization-records.ts';
import {
  announceChange,
  type Change,
  type ChangeKind,
  createChangeFeed,
  readFeedPosition,
} from '../src/storage/change-feed.ts';
import { type Database, openDatabase } from '../src/storage/database.ts';
import { DirectoryLockedError } from '../src/storage/embedded/directory-lock.ts';
import { CHANGES_KEPT_HOURS, pruneChangeFeed } from '../src/storage/prune-change-feed.ts';
import { REMOVAL_KEPT_DAYS, recordRemoval, wasRemoved } from '../src/storage/removed-resources.ts';
import { createSnapshot, type Snapshot } from '../src/storage/snapshot.ts';
import { createSnapshotKeeper } from '../src/storage/snapshot-keeper.ts';
import { newId } from '../src/support/ids.ts';
import { createLogger } from '../src/support/logger.ts';
import { createManualClock } from '../src/support/manual-clock.ts';
import { nameOrder } from '../src/support/sort-order.ts';
import { type PostgresCluster, startPostgresCluster } from './support/postgres-cluster.ts';

const logger = createLogger('silent');
const folder = mkdtempSync(join(tmpdir(), 'waymark-storage-'));
let cluster: PostgresCluster;

before(async () => {
  cluster = await startPostgresCluster();
});
after(() => {
  cluster.remove();
  rmSync(folder, { recursive: true, force: true });
});

const engines = {
  embedded: () => openDatabase({ url: undefined, embeddedDir: join(folder, 'embedded') }, logger),
  postgres: async () => openDatabase({ url: await cluster.createDatabase(), embeddedDir: undefined }, logger),
} as const;

for (const [name, open] of Object.entries(engines)) {
  describe(`storage on ${name}`, () => {
    let database: Database;
    before(async () => {
      database = await open();
      await database.migrate();
    });
    after(async () => {
      await database.close();
    });

    test('migrations can be applied again without effect', async () => {
      await database.migrate();
      await database.ping();
    });

    test('names stand in the order that people expect, the same on both engines and in memory', async () => {
      const wanted = [
        '10 Main',
        'alpha',
        'Ärger',
        'beta',
        'Beta 2',
        'Émile',
        'eve',
        'lab b',
        'Lab-A',
        'Öl',
        'Ōsaka',
        'zeta',
        'Αθήνα',
        '東京',
      ];
      const names = [...wanted].toSorted();
      const organizations = names.map((one) => ({ id: newId(), name: `Order ${one}`, partnerId: null }));
      await database.db.insertInto('organizations').values(organizations).execute();
      const rows = await selectOrganizationsOfPartner(database.db, null, { text: 'Order ' });
      const inOrder = (list: readonly string[]) => list.map((one) => `Order ${one}`);
      const expected = inOrder(wanted.toSorted((one, other) => (nameOrder(one) < nameOrder(other) ? -1 : 1)));
      assert.deepEqual(
        rows.map((row) => row.name),
        expected,
      );
      assert.deepEqual(expected, inOrder(wanted));
      const pages = [];
      for (let start = 0; start < names.length; start += 3) {
        pages.push(...(await selectOrganizationsOfPartner(database.db, null, { text: 'Order ', start, max: 3 })));
      }
      assert.deepEqual(pages, rows);
    });

    test('values come back as they went in, with the same types on both engines', async () => {
      const id = newId();
      await database.db.transaction().execute(async (tx) => {
        await tx.insertInto('organizations').values({ id, name: 'Ünïcode & Söhne', partnerId: null }).execute();
        await tx
          .insertInto('auditEntries')
          .values({
            organizationId: id,
            at: new Date('2026-01-02T03:04:05.678Z'),
            actor: 'system',
            action: 'test',
            subject: 'x',
            detail: JSON.stringify({ snake_key: [1, null, 'a'] }),
            trackingId: null,
          })
          .execute();
      });
      const row = await database.db
        .selectFrom('auditEntries')
        .selectAll()
        .where('organizationId', '=', id)
        .executeTakeFirstOrThrow();
      assert.equal(typeof row.sequence, 'string');
      assert.deepEqual(row.at, new Date('2026-01-02T03:04:05.678Z'));
      assert.deepEqual(row.detail, { snake_key: [1, null, 'a'] });
      const organization = await database.db
        .selectFrom('organizations')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      assert.equal(organization.name, 'Ünïcode & Söhne');
      assert.ok(organization.createdAt instanceof Date);
    });

    test('a failed transaction leaves nothing behind', async () => {
      const id = newId();
      await assert.rejects(
        database.db.transaction().execute(async (tx) => {
          await tx.insertInto('organizations').values({ id, name: 'gone', partnerId: null }).execute();
          throw new Error('no');
        }),
        /no/,
      );
      const row = await database.db.selectFrom('organizations').select('id').where('id', '=', id).executeTakeFirst();
      assert.equal(row, undefined);
    });

    test('what was removed is known as removed, in its organization only, and forgotten after the stated time', async () => {
      const { db } = database;
      const [own, other] = [newId(), newId()];
      for (const id of [own, other])
        await db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
      const first = { organizationId: own, kind: 'location', id: newId() } as const;
      const second = { ...first, id: newId() };
      assert.equal(await wasRemoved(db, first), false);
      await db.transaction().execute((tx) => recordRemoval(tx, first));
      assert.equal(await wasRemoved(db, first), true);
      assert.equal(await wasRemoved(db, { ...first, kind: 'person' }), false);
      assert.equal(await wasRemoved(db, { ...first, organizationId: other }), false);
      for (const id of ['', 'x'.repeat(10_000), '\0']) assert.equal(await wasRemoved(db, { ...first, id }), false);
      const old = new Date(Date.now() - (REMOVAL_KEPT_DAYS + 1) * 86_400_000);
      await db.updateTable('removedResources').set({ removedAt: old }).where('id', '=', first.id).execute();
      assert.equal(await wasRemoved(db, first), false);
      await db.transaction().execute((tx) => recordRemoval(tx, second));
      const kept = await db.selectFrom('removedResources').select('id').where('organizationId', '=', own).execute();
      assert.deepEqual(kept, [{ id: second.id }]);
      // Removed, made again under its id (a number), and removed once more.
      await db.transaction().execute((tx) => recordRemoval(tx, second));
      assert.equal(await wasRemoved(db, second), true);
    });

    test('audit entries cannot be changed or removed', async () => {
      await assert.rejects(database.db.updateTable('auditEntries').set({ actor: 'x' }).execute(), /append-only/);
      await assert.rejects(database.db.deleteFrom('auditEntries').execute(), /append-only/);
    });

    test('a broken constraint names its SQLSTATE', async () => {
      const id = newId();
      await database.db.insertInto('organizations').values({ id, name: 'a', partnerId: null }).execute();
      await assert.rejects(
        database.db.insertInto('organizations').values({ id, name: 'b', partnerId: null }).execute(),
        (error: unknown) => (error as { code?: string }).code === '23505',
      );
    });

    test('the change feed delivers every committed change, in order, once', async () => {
      const feed = createChangeFeed({ database, logger, pollMs: 60_000 });
      const seen: Change[] = [];
      let wake: () => void = () => undefined;
      feed.subscribe((changes) => {
        seen.push(...changes);
        if (seen.length >= 20) wake();
        return Promise.resolve();
      });
      const all = new Promise<void>((resolve) => {
        wake = resolve;
      });
      feed.start(await readFeedPosition(database.db));
      const ids = Array.from({ length: 20 }, () => newId());
      await Promise.all(ids.map((id) => database.db.transaction().execute((tx) => announceChange(tx, 'places', id))));
      await feed.catchUp();
      await all;
      await feed.stop();
      assert.equal(seen.length, 20);
      assert.deepEqual(new Set(seen.map((change) => change.organizationId)), new Set(ids));
      assert.ok(seen.every((change, index) => index === 0 || change.sequence > (seen[index - 1]?.sequence ?? 0)));
    });

    test('a pruned feed still tells a follower that was away everything that changed since', async () => {
      const { db } = database;
      await db.deleteFrom('changeFeed').execute();
      const [first, second] = [newId(), newId()];
      const announce = (kind: ChangeKind, organizationId: string | null): Promise<void> =>
        db.transaction().execute((tx) => announceChange(tx, kind, organizationId));
      const position = await readFeedPosition(db);
      for (const organizationId of [first, second, null]) {
        for (let count = 0; count < 5; count += 1) await announce('places', organizationId);
        await announce('members', organizationId);
      }
      assert.equal(await pruneChangeFeed(db), 0, 'what is young stays');
      const old = new Date(Date.now() - (CHANGES_KEPT_HOURS + 1) * 3_600_000);
      await db.updateTable('changeFeed').set({ at: old }).execute();
      await announce('places', first);
      const newest = await readFeedPosition(db);
      assert.equal(
        await pruneChangeFeed(db),
        13,
        'of eighteen old ones: all that were followed by another of their kind',
      );
      assert.equal(await pruneChangeFeed(db), 0);
      assert.equal(await readFeedPosition(db), newest);
      const feed = createChangeFeed({ database, logger, pollMs: 3_600_000 });
      const seen: Change[] = [];
      feed.subscribe((changes) => {
        seen.push(...changes);
        return Promise.resolve();
      });
      feed.start(position);
      await feed.catchUp();
      await feed.stop();
      assert.deepEqual(
        new Set(seen.map((change) => `${change.kind} ${change.organizationId}`)),
        new Set([first, second, null].flatMap((id) => [`places ${id}`, `members ${id}`])),
      );
      assert.equal(seen.length, 6);
    });

    test('who was away for a forgotten change learns that anything may be touched; others go on learning what was', async () => {
      const { db } = database;
      await db.deleteFrom('changeFeed').execute();
      const [away, other] = [newId(), newId()];
      const announce = (kind: ChangeKind, organizationId: string, touched: string[]): Promise<void> =>
        db.transaction().execute((tx) => announceChange(tx, kind, organizationId, touched));
      await announce('places', away, [newId()]);
      await db
        .updateTable('changeFeed')
        .set({ at: new Date(Date.now() - (CHANGES_KEPT_HOURS + 1) * 3_600_000) })
        .execute();
      const [last, single, kind] = [newId(), newId(), newId()];
      await announce('places', away, [last]);
      await announce('places', other, [single]);
      await announce('locations', away, [kind]);
      const tooMany = Array.from({ length: 251 }, () => newId());
      await announce('members', away, tooMany);
      assert.equal(await pruneChangeFeed(db), 1);
      const rows = await db.selectFrom('changeFeed').select(['kind', 'touched']).orderBy('sequence').execute();
      assert.deepEqual(rows, [
        { kind: 'places', touched: null },
        { kind: 'places', touched: [single] },
        { kind: 'locations', touched: [kind] },
        { kind: 'members', touched: null },
      ]);
    });

    test('pruning lets others have the database in between, and forgets all the same', async () => {
      const { db } = database;
      await db.deleteFrom('changeFeed').execute();
      const old = new Date(Date.now() - (CHANGES_KEPT_HOURS + 1) * 3_600_000);
      const [first, second] = [newId(), newId()];
      const changes = Array.from({ length: 5_000 }, (_, index) => ({
        kind: 'places',
        organizationId: [first, second, null][index % 3] ?? null,
        at: old,
      }));
      await db.insertInto('changeFeed').values(changes).execute();
      const ended: string[] = [];
      const pruned = pruneChangeFeed(db).finally(() => ended.push('pruned'));
      await readFeedPosition(db).finally(() => ended.push('read'));
      assert.equal(await pruned, 4_997);
      // PostgreSQL has other connections for whoever reads; the embedded database has one session for all.
      if (database.engine === 'embedded') assert.deepEqual(ended, ['read', 'pruned']);
    });

    test('a notice wakes the feed without polling', async () => {
      const feed = createChangeFeed({ database, logger, pollMs: 3_600_000 });
      const woken = new Promise<readonly Change[]>((resolve) => {
        feed.subscribe((changes) => {
          resolve(changes);
          return Promise.resolve();
        });
      });
      feed.start(await readFeedPosition(database.db));
      const id = newId();
      await database.db.transaction().execute((tx) => announceChange(tx, 'members', id));
      const changes = await woken;
      await feed.stop();
      assert.equal(changes.at(-1)?.organizationId, id);
    });

    test('a database that is older than what was read of it has everything read anew, and hourly what was read in part', async () => {
      const { db } = database;
      const announce = (): Promise<void> => db.transaction().execute((tx) => announceChange(tx, 'places', newId(), []));
      const clock = createManualClock();
      let loads = 0;
      let applied = 0;
      let heldUp: Promise<void> | undefined;
      const wholly = Promise.withResolvers<void>();
      const snapshot: Snapshot<unknown> = {
        name: 'counted',
        current: () => undefined,
        loadFromDatabase: () => Promise.resolve(void loads++),
        loadFromDisk: () => Promise.resolve(false),
        async apply(changes) {
          await heldUp;
          applied += changes.length;
        },
        readFollowed: () => Promise.resolve(wholly.resolve()),
        save: () => Promise.resolve(),
      };
      const patience = { patienceMs: 60_000, emptyPatienceMs: 60_000 };
      const keeper = createSnapshotKeeper({ database, snapshots: [snapshot], clock, logger, ...patience });
      await announce();
      const kept = await readFeedPosition(db);
      try {
        await keeper.start();
        await announce();
        await keeper.catchUp();
        assert.deepEqual({ loads, applied }, { loads: 1, applied: 1 }, 'what goes on is followed');

        await db.deleteFrom('changeFeed').where('sequence', '>', String(kept)).execute();
        await keeper.catchUp();
        assert.deepEqual({ loads, applied }, { loads: 2, applied: 1 });
        await announce();
        await keeper.catchUp();
        await keeper.catchUp();
        assert.deepEqual({ loads, applied }, { loads: 2, applied: 2 }, 'and from there on changes again');

        const { promise, resolve } = Promise.withResolvers<void>();
        heldUp = promise;
        await announce();
        const brief = keeper.catchUpBriefly();
        clock.advance(1_000);
        await brief;
        assert.equal(applied, 2, 'whoever wrote is answered before a slow snapshot has it');
        resolve();
        await keeper.catchUpBriefly();
        assert.equal(applied, 3);

        clock.advance(3_600_000);
        await wholly.promise;
      } finally {
        await keeper.stop();
      }
    });

    test('a snapshot follows changes and survives on disk', async () => {
      const organization = newId();
      const stored = new Map<string, string[]>([[organization, ['a']]]);
      const definition = {
        name: `test-${name}`,
        version: 1,
        kinds: ['wire-map' as const],
        loadAll: () => Promise.resolve(new Map(stored)),
        loadOne: (key: string) => Promise.resolve(stored.get(key) ?? null),
        build: (rows: ReadonlyMap<string, string[]>) => new Map(rows),
      };
      const snapshot = createSnapshot({ folder: join(folder, 'snapshots'), logger }, definition);
      await snapshot.loadFromDatabase();
      assert.deepEqual(snapshot.current().get(organization), ['a']);
      stored.set(organization, ['a', 'b']);
      await snapshot.apply([{ sequence: 1, kind: 'wire-map', organizationId: organization }]);
      assert.deepEqual(snapshot.current().get(organization), ['a', 'b']);
      await snapshot.save();
      const restarted = createSnapshot({ folder: join(folder, 'snapshots'), logger }, definition);
      assert.ok(await restarted.loadFromDisk());
      assert.deepEqual(restarted.current().get(organization), ['a', 'b']);
      const newer = createSnapshot({ folder: join(folder, 'snapshots'), logger }, { ...definition, version: 2 });
      assert.equal(await newer.loadFromDisk(), false);
    });
  });
}

test('a second process on the same data folder is refused with the way out', async () => {
  const embeddedDir = join(folder, 'locked');
  const database = await openDatabase({ url: undefined, embeddedDir }, logger);
  try {
    await assert.rejects(openDatabase({ url: undefined, embeddedDir }, logger), DirectoryLockedError);
    const script = `import { lockDirectory } from ${JSON.stringify(new URL('../src/storage/embedded/directory-lock.ts', import.meta.url).href)};
      try { lockDirectory(${JSON.stringify(embeddedDir)}); } catch (error) { console.log(error.message); }`;
    const other = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    assert.match(other.stdout, new RegExp(`in use by process ${process.pid}\\b`));
    assert.match(other.stdout, /WAYMARK_DATABASE_URL/);
  } finally {
    await database.close();
  }
  const again = await openDatabase({ url: undefined, embeddedDir }, logger);
  await again.close();
});

test('PostgreSQL being away is an error of the query, never of the process, and heals', async () => {
  const url = await cluster.createDatabase();
  const database = await openDatabase({ url, embeddedDir: undefined }, logger);
  try {
    await database.migrate();
    cluster.stop();
    await assert.rejects(database.ping(2_000));
    cluster.start();
    await database.ping();
  } finally {
    cluster.start();
    await database.close();
  }
});
