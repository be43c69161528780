import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createChangeFeed, readFeedPosition } from './change-feed.ts';
import type { Database } from './database.ts';
import { forgetOldRemovals } from './kept-removals.ts';
import { pruneChangeFeed } from './prune-change-feed.ts';
import type { Snapshot } from './snapshot.ts';

/** Where the snapshots come from right now. */
export type SnapshotSource = 'database' | 'disk' | 'nothing';

/** Loads every snapshot, keeps it fresh, saves it to disk; with the database away, from the last saved copies. */
export type SnapshotKeeper = {
  /**
   * Applies migrations and loads from the database; after `patienceMs` without it, from disk (where nothing is on disk, after
   * `emptyPatienceMs` more: a node that knows nothing can only send calls to the relay centre), and goes on trying
   * beside. Resolves when the snapshots can be used. Rejects only when nothing could be loaded from anywhere and
   * `database` says that waiting is pointless.
   */
  start(): Promise<SnapshotSource>;
  source(): SnapshotSource;
  /** Whether changes in the database arrive here. */
  following(): boolean;
  /** Runs once, when the database has been reached for the first time; its failure is logged and retried. */
  whenDatabaseIsThere(action: () => Promise<void>): void;
  /** Resolves when changes committed before the call are in the snapshots; rejects while the database is away. */
  catchUp(): Promise<void>;
  /**
   * For whoever wrote something and waits until it is in force: resolves as `catchUp` does, or after a second. Never rejects: a slow
   * or absent feed does not hold up the answer.
   */
  catchUpBriefly(): Promise<void>;
  stop(): Promise<void>;
};

const RETRY_MS = 2_000;
const SAVE_DELAY_MS = 1_000;
const CATCH_UP_LIMIT_MS = 1_000;
const PRUNE_EVERY_MS = 3_600_000;

/** Whether `work` takes longer than `patienceMs`; rejects when it does. */
async function isLate(work: Promise<void>, patienceMs: number): Promise<boolean> {
  let cancel: () => void = () => undefined;
  const patience = new Promise<boolean>((resolve) => {
    // Not the injected clock: a start has to end also where a test's clock stands still.
    const timer = setTimeout(() => resolve(true), patienceMs);
    cancel = () => clearTimeout(timer);
  });
  try {
    return await Promise.race([work.then(() => false), patience]);
  } finally {
    cancel();
  }
}

export function createSnapshotKeeper(deps: {
  database: Database;
  snapshots: readonly Snapshot<unknown>[];
  clock: Clock;
  logger: Logger;
  /** How long the start waits for the database before it takes the saved copies. */
  patienceMs: number;
  /** How much longer it waits when there are no saved copies: a first start, which sets everything up. */
  emptyPatienceMs: number;
}): SnapshotKeeper {
  const { database, snapshots, clock, logger } = deps;
  const feed = createChangeFeed({ database, logger, readAnew: loadSnapshots });
  const actions: (() => Promise<void>)[] = [];
  let source: SnapshotSource = 'nothing';
  let stopped = false;
  let cancelRetry: (() => void) | undefined;
  let cancelSave: (() => void) | undefined;
  let cancelPrune: (() => void) | undefined;
  let saving: Promise<void> = Promise.resolve();
  let pruning: Promise<void> = Promise.resolve();
  let connecting: Promise<void> | undefined;

  function save(): Promise<void> {
    saving = saving.then(async () => {
      for (const snapshot of snapshots) {
        try {
          await snapshot.save();
        } catch (error) {
          logger.error({ err: errorText(error), snapshot: snapshot.name }, 'a snapshot could not be saved to disk');
        }
      }
    });
    return saving;
  }

  function saveSoon(): void {
    if (cancelSave || stopped) return;
    cancelSave = clock.after(SAVE_DELAY_MS, () => {
      cancelSave = undefined;
      save().catch((error: unknown) => logger.error({ err: errorText(error) }, 'saving snapshots'));
    });
  }

  feed.subscribe(async (changes) => {
    for (const snapshot of snapshots) await snapshot.apply(changes);
    saveSoon();
  });

  async function prune(): Promise<void> {
    try {
      const forgotten = await pruneChangeFeed(database.db);
      if (forgotten > 0) logger.info({ forgotten }, 'old changes left the change feed');
      await forgetOldRemovals(database.db, new Date(clock.nowMs()));
    } catch (error) {
      logger.warn(
        { err: errorText(error) },
        'old changes and removals could not be forgotten; the next round tries again',
      );
    }
    try {
      // The net under changes that name what they touched: nothing that one of them did not name stays wrong for longer.
      for (const snapshot of snapshots) await snapshot.readFollowed?.();
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'what changed could not be read as a whole; the next round tries again');
    }
    pruneLater();
  }

  function pruneLater(): void {
    cancelPrune?.();
    if (stopped) return;
    cancelPrune = clock.after(PRUNE_EVERY_MS, () => {
      pruning = prune();
    });
  }

  async function loadSnapshots(): Promise<void> {
    for (const snapshot of snapshots) await snapshot.loadFromDatabase();
    saveSoon();
  }

  async function loadFromDatabase(): Promise<void> {
    await database.migrate();
    // Read before the rows: a change in between is then applied twice, never missed.
    const position = await readFeedPosition(database.db);
    await loadSnapshots();
    source = 'database';
    feed.start(position);
    pruneLater();
  }

  async function runActions(): Promise<void> {
    for (let action = actions[0]; action; action = actions[0]) {
      await action();
      actions.shift();
    }
  }

  function tryAgain(reason: unknown): void {
    if (stopped) return;
    logger.warn({ err: errorText(reason), retryMs: RETRY_MS }, 'the database cannot be used now; trying again');
    cancelRetry = clock.after(RETRY_MS, () => {
      connecting = connect().catch(tryAgain);
    });
  }

  async function connect(): Promise<void> {
    if (source !== 'database') await loadFromDatabase();
    await runActions();
  }

  async function loadFromDisk(): Promise<SnapshotSource> {
    const loaded = await Promise.all(snapshots.map((snapshot) => snapshot.loadFromDisk()));
    return loaded.some(Boolean) ? 'disk' : 'nothing';
  }

  return {
    async start() {
      const first = loadFromDatabase();
      try {
        if (await isLate(first, deps.patienceMs)) {
          const onDisk = await loadFromDisk();
          const stillLate = onDisk === 'disk' || (await isLate(first, deps.emptyPatienceMs));
          // The database may have come back meanwhile: what it says counts.
          if (stillLate && source !== 'database') source = onDisk;
        }
        connecting = first.then(runActions).catch(tryAgain);
      } catch (error) {
        source = await loadFromDisk();
        tryAgain(error);
      }
      return source;
    },
    source: () => source,
    following: () => source === 'database' && feed.following(),
    whenDatabaseIsThere(action) {
      actions.push(action);
    },
    catchUp: () => feed.catchUp(),
    async catchUpBriefly() {
      let cancel: () => void = () => undefined;
      const limit = new Promise<void>((resolve) => {
        cancel = clock.after(CATCH_UP_LIMIT_MS, resolve);
      });
      try {
        await Promise.race([feed.catchUp().catch(() => undefined), limit]);
      } finally {
        cancel();
      }
    },
    async stop() {
      stopped = true;
      cancelRetry?.();
      cancelSave?.();
      cancelPrune?.();
      await pruning;
      await feed.stop();
      await connecting;
      await save();
      for (const snapshot of snapshots) await snapshot.stop?.();
    },
  };
}
