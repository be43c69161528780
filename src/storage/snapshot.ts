import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../support/atomic-file.ts';
import { errorText } from '../support/error-text.ts';
import { jsonPieces } from '../support/json-pieces.ts';
import type { Logger } from '../support/logger.ts';
import type { Change, ChangeKind } from './change-feed.ts';

/** The key under which platform-wide rows (PSAPs, boundaries) stand. */
export const PLATFORM = 'platform';

/**
 * What a room must say to have its stored rows in memory.
 * `Rows` is what one organization has, JSON-serializable (dates as ISO text), so that it survives on disk.
 */
export type SnapshotDefinition<Rows, Index> = {
  /** File name and log name; kebab-case. */
  name: string;
  /** Raise it when the shape of Rows changes: a file of another version is not read. */
  version: number;
  kinds: readonly ChangeKind[];
  /** Everything, keyed by organization id (PLATFORM for platform-wide rows). */
  loadAll(): Promise<ReadonlyMap<string, Rows>>;
  /** One organization's rows; null when it has none. `key` is PLATFORM for platform-wide changes. */
  loadOne(key: string): Promise<Rows | null>;
  /** The index that hot paths read. `changed` lists the keys that differ from `previous`; undefined = all. */
  build(rows: ReadonlyMap<string, Rows>, previous?: Index, changed?: ReadonlySet<string>): Index;
  /**
   * Where changes name what they touched: reads only that. What it gives is called at once, changes `index` in place and answers
   * with the rows as they are then; undefined = all has to be read. Absent: changes are never read in part.
   */
  loadTouched?(
    key: string,
    touched: ReadonlySet<string>,
    former: { rows: Rows | undefined; index: Index },
  ): Promise<(() => Rows | null) | undefined>;
  /** How deep lists and objects are taken apart when they are saved, see `jsonPieces`. */
  savedDepth?: number;
};

export type Snapshot<Index> = {
  name: string;
  /** The index as of now; never blocks, never throws. */
  current(): Index;
  /** Loads everything from the database. */
  loadFromDatabase(): Promise<void>;
  /** Loads the last saved copy, unless the database has answered; false when there is none that can be used. */
  loadFromDisk(): Promise<boolean>;
  /** Applies changes of the feed. */
  apply(changes: readonly Change[]): Promise<void>;
  /** Reads as a whole what changes were read of in part only since it last was. Absent: nothing ever is. */
  readFollowed?(): Promise<void>;
  /** Writes a copy to disk if something changed since the last one. */
  save(): Promise<void>;
  /** Ends what it does beside, where it does something. */
  stop?(): Promise<void>;
};

/** `isLoaded`: whether it was ever loaded; until then `current` is that of no rows at all. */
export type RowSnapshot<Index> = Snapshot<Index> & { readonly isLoaded: boolean };

/** What an organization's changes touched, all of them together; null = anything. */
function touchedByKey<Rows, Index>(
  { kinds }: SnapshotDefinition<Rows, Index>,
  changes: readonly Change[],
): Map<string, Set<string> | null> {
  const byKey = new Map<string, Set<string> | null>();
  for (const { kind, organizationId, touched } of changes) {
    if (!kinds.includes(kind)) continue;
    const key = organizationId ?? PLATFORM;
    const before = byKey.get(key);
    if (!touched || before === null) byKey.set(key, null);
    else if (before === undefined) byKey.set(key, new Set(touched));
    else for (const id of touched) before.add(id);
  }
  return byKey;
}

/** An in-memory index over stored rows, rebuilt per organization or changed in part, kept on disk for starts without database. */
export function createSnapshot<Rows, Index>(
  deps: { folder: string | undefined; logger: Logger },
  definition: SnapshotDefinition<Rows, Index>,
): RowSnapshot<Index> {
  let rows = new Map<string, Rows>();
  let index = definition.build(rows);
  let dirty = false;
  let isFromDatabase = false;
  let isLoaded = false;
  const path = deps.folder === undefined ? undefined : join(deps.folder, `${definition.name}.json`);
  let turn: Promise<unknown> = Promise.resolve();
  /** Keys of which changes were read in part since they were read as a whole. */
  const followed = new Set<string>();

  /** Loading and changing take turns: a change that was read before a load must not be written after it. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  /** Reads what was touched, and nothing else; false when that cannot be. */
  async function follow(key: string, touched: ReadonlySet<string>): Promise<boolean> {
    const put = await definition.loadTouched?.(key, touched, { rows: rows.get(key), index });
    if (put === undefined) return false;
    const changed = put();
    if (changed === null) rows.delete(key);
    else rows.set(key, changed);
    followed.add(key);
    return true;
  }

  async function readWhole(keys: ReadonlySet<string>): Promise<void> {
    if (keys.size === 0) return;
    const next = new Map(rows);
    for (const key of keys) {
      const loaded = await definition.loadOne(key);
      if (loaded === null) next.delete(key);
      else next.set(key, loaded);
    }
    index = definition.build(next, index, keys);
    rows = next;
    for (const key of keys) followed.delete(key);
  }

  return {
    name: definition.name,
    current: () => index,
    get isLoaded() {
      return isLoaded;
    },
    loadFromDatabase: () =>
      inTurn(async () => {
        const loaded = new Map(await definition.loadAll());
        index = definition.build(loaded);
        rows = loaded;
        followed.clear();
        isFromDatabase = true;
        isLoaded = true;
        dirty = true;
      }),
    async loadFromDisk() {
      if (path === undefined) return false;
      try {
        const saved = JSON.parse(await readFile(path, 'utf8')) as { version: number; rows: [string, Rows][] };
        if (saved.version !== definition.version) return false;
        const loaded = new Map(saved.rows);
        const built = definition.build(loaded);
        // A database that answered while the file was read knows better.
        if (isFromDatabase) return true;
        rows = loaded;
        index = built;
        isLoaded = true;
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          deps.logger.warn({ err: errorText(error), snapshot: definition.name }, 'saved snapshot cannot be used');
        }
        return false;
      }
    },
    async apply(changes) {
      const touched = touchedByKey(definition, changes);
      if (touched.size === 0) return;
      await inTurn(async () => {
        dirty = true;
        const keys = new Set<string>();
        for (const [key, ids] of touched) if (ids === null || !(await follow(key, ids))) keys.add(key);
        await readWhole(keys);
      });
    },
    async readFollowed() {
      // Changes wait for one organization at most; what is followed meanwhile is for the next time.
      const keys = [...followed];
      for (const key of keys) {
        await inTurn(async () => {
          dirty = true;
          await readWhole(new Set([key]));
        });
      }
    },
    async save() {
      if (!dirty || path === undefined || deps.folder === undefined) return;
      dirty = false;
      try {
        await mkdir(deps.folder, { recursive: true, mode: 0o700 });
        await writeFileAtomically(
          path,
          jsonPieces({ version: definition.version, rows: [...rows] }, definition.savedDepth),
        );
      } catch (error) {
        // A disk that was full once is written to again at the next occasion.
        dirty = true;
        throw error;
      }
    },
  };
}
