import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createColumnsWriter, type ElementChange, packWireMap } from './wire-map-block.ts';
import { type BlockBuilder, createWireMapCompactor, type WireMapCompactor } from './wire-map-compactor.ts';
import { isElementKind } from './wire-map-element.ts';
import { createWireMapFiles, type RevisionName, type SavedBlock, type SavedChanges } from './wire-map-files.ts';
import {
  type ChangeableWireMapIndex,
  createWireMapIndex,
  type FoundRange,
  switchPortKey,
  type WireMapIndex,
} from './wire-map-index.ts';
import { readElementTargets, selectAddressRanges } from './wire-map-records.ts';
import {
  selectChangedKeys,
  selectNewestRevision,
  selectNewestRevisions,
  selectRevision,
} from './wire-map-revision-records.ts';

/** The wire map of every organization, each with an index of its own: no lookup can leave its organization. */
export type WireMaps = ReadonlyMap<string, WireMapIndex>;

/** What the wire map needs beside what every snapshot does. */
export type WireMapSnapshot = Snapshot<WireMaps> & {
  /** An organization's block and what is laid over it; undefined when it has none. */
  state(organizationId: string): { block: Uint32Array; changes: ElementChange[] } | undefined;
};

/** Changes that are laid over a block before a new one is made. */
const MOST_OVERLAID = 2_048;
/** More changes at once than this are not laid over: the organization is read anew. */
const MOST_AT_ONCE = 4_096;
/** More organizations than this without a usable block are read in one go through the table. */
const FEW_ORGANIZATIONS = 64;
/** Organizations that are read side by side. */
const READ_AT_ONCE = 3;
/** How long a change of one wire map may hold up what else changed. */
const PATIENCE_MS = 1_000;
const RETRY_MS = 2_000;

const NOTHING: RevisionName = { revision: 0, revisionId: '' };

/** An organization in memory: its index, the revision the index stands at, and the one its block was made of. */
type Held = { index: ChangeableWireMapIndex; at: RevisionName; base: RevisionName };

function isSame(a: RevisionName, b: RevisionName): boolean {
  return a.revision === b.revision && a.revisionId === b.revisionId;
}

function keyOf({ kind, value, port }: { kind: string; value: string; port: string }): string {
  return kind === 'switch-port' ? switchPortKey(value, port) : value;
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The wire maps in memory (decision 17): an immutable block for each organization with what changed since laid over it. A
 * change reads only the elements that changed; blocks are made anew in a thread of their own and kept on disk as they are.
 */
export function createWireMapSnapshot(deps: {
  database: Database;
  logger: Logger;
  folder: string | undefined;
  compactor?: WireMapCompactor;
}): WireMapSnapshot {
  const { logger, compactor = createWireMapCompactor() } = deps;
  const { db } = deps.database;
  const files = deps.folder === undefined ? undefined : createWireMapFiles(deps.folder);
  const held = new Map<string, Held>();
  const maps = new Map<string, WireMapIndex>();
  const turns = new Map<string, Promise<void>>();
  const compacting = new Set<string>();
  const stale = new Set<string>();
  let blocksDirty = false;
  let changesDirty = false;
  let isFromDatabase = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  function put(organizationId: string, next: Held): void {
    held.set(organizationId, next);
    maps.set(organizationId, next.index);
  }

  function putBlock(organizationId: string, block: Uint32Array, at: RevisionName, ranges: readonly FoundRange[]): void {
    put(organizationId, { index: createWireMapIndex(block, ranges), at, base: at });
    blocksDirty = true;
  }

  function drop(organizationId: string): void {
    held.delete(organizationId);
    maps.delete(organizationId);
    blocksDirty = true;
  }

  /** Changes of one organization take turns. */
  function inTurn(organizationId: string, work: () => Promise<void>): Promise<void> {
    const mine = (turns.get(organizationId) ?? Promise.resolve()).then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    turns.set(organizationId, settled);
    void settled.then(() => {
      if (turns.get(organizationId) === settled) turns.delete(organizationId);
    });
    return mine;
  }

  async function readRanges(organizationId: string): Promise<FoundRange[]> {
    const rows = await selectAddressRanges(db, organizationId);
    return rows.map(({ range, locationId }) => ({ range, locationId }));
  }

  async function readAnew(organizationId: string, at: RevisionName, ranges: readonly FoundRange[]): Promise<void> {
    const builder = compactor.build();
    try {
      for await (const texts of readElementTargets(db, organizationId)) {
        if (stopped) throw new Error('the platform ends');
        builder.append(texts);
      }
    } catch (error) {
      builder.abandon();
      throw error;
    }
    putBlock(organizationId, await builder.finish(), at, ranges);
  }

  async function descendsFrom(organizationId: string, at: RevisionName): Promise<boolean> {
    if (at.revision === 0) return true;
    return (await selectRevision(db, organizationId, at.revision))?.id === at.revisionId;
  }

  /** Brings one organization to its newest revision. */
  async function refresh(organizationId: string): Promise<void> {
    // Before the rows: what is committed in between is then read twice, never missed.
    const newest = await selectNewestRevision(db, organizationId);
    const ranges = await readRanges(organizationId);
    const at = newest === undefined ? NOTHING : { revision: newest.revision, revisionId: newest.id };
    if (newest === undefined && ranges.length === 0) return drop(organizationId);
    const before = held.get(organizationId);
    changesDirty = true;
    if (before !== undefined && isSame(before.at, at)) {
      before.index.setOwnRanges(ranges);
      return;
    }
    if (before !== undefined && before.at.revision < at.revision && (await descendsFrom(organizationId, before.at))) {
      const since = { after: before.at.revision, newest: at.revision };
      const changed = await selectChangedKeys(db, organizationId, since, MOST_AT_ONCE + 1);
      if (changed.length <= MOST_AT_ONCE) {
        const changes: ElementChange[] = [];
        for (const { kind, value, port, responseLocationId } of changed) {
          if (isElementKind(kind)) changes.push({ kind, key: keyOf({ kind, value, port }), responseLocationId });
        }
        // The index may have been made anew meanwhile.
        const now = held.get(organizationId) ?? before;
        now.index.change(changes);
        now.index.setOwnRanges(ranges);
        put(organizationId, { ...now, at });
        if (now.index.overlaySize > MOST_OVERLAID) compact(organizationId);
        return;
      }
    }
    await readAnew(organizationId, at, ranges);
  }

  /** Makes a new block beside; what changes meanwhile is laid over that one. */
  function compact(organizationId: string): void {
    const start = held.get(organizationId);
    if (start === undefined || compacting.has(organizationId) || stopped) return;
    compacting.add(organizationId);
    const { index, at } = start;
    const worked = index.overlay();
    const into = compactor.merge(index.block, worked).then((block) => {
      const now = held.get(organizationId);
      // Read anew meanwhile: that block is newer.
      if (now === undefined || now.index !== index) return;
      const known = new Map(worked.map((one) => [`${one.kind}\n${one.key}`, one.responseLocationId]));
      const later = index.overlay().filter((one) => known.get(`${one.kind}\n${one.key}`) !== one.responseLocationId);
      put(organizationId, { index: createWireMapIndex(block, index.ownRanges, later), at: now.at, base: at });
      blocksDirty = true;
    });
    into
      .catch((error: unknown) => {
        if (!stopped) logger.error({ err: errorText(error), organizationId }, 'a wire map could not be packed');
      })
      .finally(() => compacting.delete(organizationId));
  }

  async function follow(organizationId: string): Promise<void> {
    try {
      await inTurn(organizationId, () => refresh(organizationId));
      stale.delete(organizationId);
    } catch (error) {
      stale.add(organizationId);
      retryLater();
      throw error;
    }
  }

  /** A few at a time: connections are for those who ask, too. Rejects as the first that failed, when all are done. */
  async function followAll(organizations: Iterable<string>): Promise<void> {
    const waiting = [...organizations];
    const failures: unknown[] = [];
    async function work(): Promise<void> {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        if (stopped) return;
        await follow(next).catch((error: unknown) => failures.push(error));
      }
    }
    await Promise.all(Array.from({ length: READ_AT_ONCE }, work));
    if (failures.length > 0) throw failures[0];
  }

  /** For changes that took longer than the feed waits: nobody else would try them again. */
  function retryLater(): void {
    if (retry !== undefined || stopped) return;
    retry = setTimeout(() => {
      retry = undefined;
      followAll(stale).catch((error: unknown) =>
        logger.warn({ err: errorText(error) }, 'a wire map could not be read; trying again'),
      );
    }, RETRY_MS);
    retry.unref();
  }

  /** Through the whole table, organization by organization. */
  async function readEverything(newest: ReadonlyMap<string, RevisionName>, ranges: AllRanges): Promise<void> {
    let current: { organizationId: string; builder: BlockBuilder } | undefined;
    const finish = async (): Promise<void> => {
      if (current === undefined) return;
      const { organizationId, builder } = current;
      const block = await builder.finish();
      putBlock(organizationId, block, newest.get(organizationId) ?? NOTHING, ranges.get(organizationId) ?? []);
    };
    try {
      for await (const page of readElementTargets(db)) {
        if (stopped) throw new Error('the platform ends');
        for (const texts of page) {
          const { organizationId } = texts;
          if (organizationId !== current?.organizationId) {
            await finish();
            current = { organizationId, builder: compactor.build() };
          }
          current.builder.append([texts]);
        }
        await nextTurn();
      }
      await finish();
    } catch (error) {
      current?.builder.abandon();
      throw error;
    }
  }

  async function readFiles(): Promise<Map<string, Held>> {
    const found = new Map<string, Held>();
    if (files === undefined) return found;
    try {
      const blocks = await files.readBlocks();
      const changes = await files.readChanges();
      for (const [organizationId, saved] of blocks) {
        const later = changes.get(organizationId);
        const base = { revision: saved.revision, revisionId: saved.revisionId };
        const fits = later !== undefined && isSame(later.base, base);
        const at = fits ? { revision: later.revision, revisionId: later.revisionId } : base;
        const index = createWireMapIndex(saved.block, fits ? later.ranges : saved.ranges, fits ? later.changes : []);
        found.set(organizationId, { index, at, base });
      }
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'saved wire maps cannot be used');
      found.clear();
    }
    return found;
  }

  /** What was saved never replaces what is known already: that is as new, or came from the database meanwhile. */
  function putSaved(found: ReadonlyMap<string, Held>): void {
    for (const [organizationId, one] of found) if (!held.has(organizationId)) put(organizationId, one);
  }

  return {
    name: 'wire-map',
    current: () => maps,
    state(organizationId) {
      const one = held.get(organizationId);
      return one && { block: one.index.block, changes: one.index.overlay() };
    },
    async loadFromDatabase() {
      if (held.size === 0) putSaved(await readFiles());
      const newest = new Map<string, RevisionName>();
      for (const { organizationId, revision, id } of await selectNewestRevisions(db)) {
        newest.set(organizationId, { revision, revisionId: id });
      }
      const ranges: AllRanges = new Map();
      for (const { organizationId, range, locationId } of await selectAddressRanges(db)) {
        const own = ranges.get(organizationId) ?? [];
        own.push({ range, locationId });
        ranges.set(organizationId, own);
      }
      const dropUnknown = (): void => {
        for (const organizationId of held.keys()) {
          if (!newest.has(organizationId) && !ranges.has(organizationId)) drop(organizationId);
        }
      };
      dropUnknown();
      for (const [organizationId, own] of ranges) {
        if (!newest.has(organizationId))
          putBlock(organizationId, packWireMap(createColumnsWriter().columns, 0), NOTHING, own);
      }
      const behind: string[] = [];
      let unknown = 0;
      for (const [organizationId, at] of newest) {
        const one = held.get(organizationId);
        if (one !== undefined && isSame(one.at, at)) one.index.setOwnRanges(ranges.get(organizationId) ?? []);
        else behind.push(organizationId);
        if (one === undefined) unknown += 1;
      }
      if (unknown > FEW_ORGANIZATIONS) {
        await readEverything(newest, ranges);
        // Of some nothing is left but revisions.
        for (const organizationId of behind) {
          if (!held.has(organizationId)) await follow(organizationId);
        }
      } else {
        for (const organizationId of behind) await follow(organizationId);
      }
      // Files that were read beside may have brought some back.
      dropUnknown();
      isFromDatabase = true;
      changesDirty = true;
    },
    async loadFromDisk() {
      const found = await readFiles();
      // A database that answered while the files were read knows better; whether there were files is another question.
      if (!isFromDatabase) putSaved(found);
      return found.size > 0;
    },
    async apply(changes) {
      const organizations = new Set<string>();
      for (const { kind, organizationId } of changes) {
        if (kind === 'wire-map' && organizationId !== null) organizations.add(organizationId);
      }
      if (organizations.size === 0) return;
      const work = followAll(organizations);
      work.catch((error: unknown) => logger.warn({ err: errorText(error) }, 'a wire map could not be read'));
      await within(work, PATIENCE_MS);
    },
    async save() {
      if (files === undefined) return;
      const withBlocks = blocksDirty;
      if (!withBlocks && !changesDirty) return;
      blocksDirty = false;
      changesDirty = false;
      const blocks = new Map<string, SavedBlock>();
      const later = new Map<string, SavedChanges>();
      for (const [organizationId, { index, at, base }] of held) {
        blocks.set(organizationId, { ...base, block: index.block, ranges: index.ownRanges });
        if (!isSame(at, base) || !withBlocks) {
          later.set(organizationId, { ...at, base, changes: index.overlay(), ranges: index.ownRanges });
        }
      }
      try {
        if (withBlocks) await files.writeBlocks(blocks);
        await files.writeChanges(later);
      } catch (error) {
        // A disk that was full once is written to again at the next occasion.
        blocksDirty ||= withBlocks;
        changesDirty = true;
        throw error;
      }
    },
    async stop() {
      stopped = true;
      clearTimeout(retry);
      await compactor.stop();
      await Promise.all(turns.values());
    },
  };
}

type AllRanges = Map<string, FoundRange[]>;
