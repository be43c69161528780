import { sql } from 'kysely';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { CHANGE_CHANNEL, type Database, type Queryable, type Transaction } from './database.ts';

/** The kinds of stored things whose changes in-memory snapshots follow. */
export type ChangeKind =
  | 'accounts'
  | 'locations'
  | 'places'
  | 'emergency-addresses'
  | 'compliance'
  | 'members'
  | 'address-layers'
  | 'address-overrides'
  | 'routing'
  | 'wire-map'
  | 'location-uris'
  | 'devices'
  | 'notifications'
  | 'alert-connections'
  | 'alert-recipients'
  | 'alert-templates'
  | 'push-subscriptions'
  | 'trunks'
  | 'elin-bindings'
  | 'tokens';

/** One change; `organizationId` null = platform-wide. `touched`: ids of what it touched; null or absent = anything. */
export type Change = {
  sequence: number;
  kind: ChangeKind;
  organizationId: string | null;
  touched?: readonly string[] | null;
};

/** Who touches more than that is better read as a whole. */
const MOST_TOUCHED = 250;

// Appending takes this lock until commit: sequences are handed out before commit, and without the lock a reader could
// see 8 before 7 and never look back for 7.
const FEED_LOCK = 911_000_001;

/**
 * Announces a change in the transaction that makes it; call it last in the transaction. `touched` lets followers read only what
 * these ids are and lead to, instead of all that the organization has of the kind.
 */
export async function announceChange(
  tx: Transaction,
  kind: ChangeKind,
  organizationId: string | null,
  touched?: readonly string[],
): Promise<void> {
  await sql`select pg_advisory_xact_lock(${FEED_LOCK})`.execute(tx);
  const few = touched && touched.length <= MOST_TOUCHED ? [...touched] : null;
  await tx.insertInto('changeFeed').values({ kind, organizationId, touched: few }).execute();
  await sql`select pg_notify(${CHANGE_CHANNEL}, ${kind})`.execute(tx);
}

/** The newest sequence committed so far. */
export async function readFeedPosition(db: Queryable): Promise<number> {
  const row = await db
    .selectFrom('changeFeed')
    .select((eb) => eb.fn.max('sequence').as('newest'))
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
}

/**
 * The newest change of these kinds that an organization has, as far as the caller's transaction sees; null when the feed
 * knows of none. Equal positions mean equal rows: what was made of them then holds now.
 */
export async function readOrganizationPosition(
  db: Queryable,
  organizationId: string,
  kinds: readonly ChangeKind[],
): Promise<string | null> {
  // One step in the index for each kind, however many changes there are.
  const { rows } = await sql<{ position: string | null }>`
    select max(newest.sequence) as position from unnest(${kinds}::text[]) as wanted (kind), lateral (
      select sequence from change_feed
      where organization_id = ${organizationId} and kind = wanted.kind order by sequence desc limit 1
    ) as newest`.execute(db);
  return rows[0]?.position ?? null;
}

export type ChangeFeed = {
  /** Handlers run one after the other; a handler that throws is retried with the next round. */
  subscribe(handler: (changes: readonly Change[]) => Promise<void>): void;
  /** Starts after `position`. */
  start(position: number): void;
  /** Reads what is new right now; resolves when the handlers have seen it. */
  catchUp(): Promise<void>;
  /** Whether the last read worked: false while the database is away. */
  following(): boolean;
  stop(): Promise<void>;
};

/** One of them is where the page before ended. */
const PAGE = 1_001;

/** Follows the feed: a NOTIFY wakes it, polling every `pollMs` is the net. */
export function createChangeFeed(deps: {
  database: Database;
  logger: Logger;
  pollMs?: number;
  /** Reads everything; called when the feed does not go on from where it was read up to. Absent: what is there is followed. */
  readAnew?: () => Promise<void>;
}): ChangeFeed {
  const { database, logger, pollMs = 1_000, readAnew } = deps;
  const handlers: ((changes: readonly Change[]) => Promise<void>)[] = [];
  let position = 0;
  let running: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let stopNotices: (() => void) | undefined;
  let failing = false;

  async function readOnce(): Promise<void> {
    for (;;) {
      const rows = await database.db
        .selectFrom('changeFeed')
        .select(['sequence', 'kind', 'organizationId', 'touched'])
        .where('sequence', '>=', String(position))
        .orderBy('sequence')
        .limit(PAGE)
        .execute();
      const isGone = position > 0 && Number(rows[0]?.sequence) !== position;
      if (isGone && readAnew) {
        // A restored backup, a standby that had not everything, or days without the database: the newest change stays for ever.
        logger.warn({ position }, 'the change feed does not go on from here; everything is read anew');
        const newest = await readFeedPosition(database.db);
        await readAnew();
        position = newest;
        continue;
      }
      const fresh = rows.filter((row) => Number(row.sequence) > position);
      const last = fresh.at(-1);
      if (!last) return;
      const changes = fresh.map((row) => ({
        sequence: Number(row.sequence),
        kind: row.kind as ChangeKind,
        organizationId: row.organizationId,
        touched: row.touched,
      }));
      for (const handler of handlers) await handler(changes);
      position = Number(last.sequence);
    }
  }

  async function drain(): Promise<void> {
    try {
      do {
        again = false;
        await readOnce();
      } while (again);
    } finally {
      // At once, not in a later turn: whoever asks from now on must start a read of their own.
      running = undefined;
    }
  }

  function catchUp(): Promise<void> {
    if (running) {
      again = true;
      return running;
    }
    const draining = drain();
    running = draining;
    return draining;
  }

  function wake(): void {
    catchUp().then(
      () => {
        if (failing) logger.info('change feed follows again');
        failing = false;
      },
      (error: unknown) => {
        if (!failing) logger.warn({ err: errorText(error) }, 'change feed cannot be read; snapshots stay as they are');
        failing = true;
      },
    );
  }

  return {
    subscribe(handler) {
      handlers.push(handler);
    },
    start(from) {
      position = from;
      stopNotices = database.onChangeNotice(wake);
      timer = setInterval(wake, pollMs);
      timer.unref();
    },
    catchUp,
    following: () => !failing,
    async stop() {
      clearInterval(timer);
      stopNotices?.();
      await running?.catch((error: unknown) => logger.debug({ err: errorText(error) }, 'last feed read'));
    },
  };
}
