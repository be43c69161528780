import type { CallRecord } from '../domain/call-record.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { ChurningMap } from '../support/churning-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { AppendOutcome, CallJournal } from './call-journal.ts';
import { upsertCalls } from './call-records.ts';
import { type EncodedRecord, encodeRecord } from './encode-record.ts';
import { type AlertedEntry, createEssentialAlerts, type EssentialSender } from './essential-alerts.ts';

/** What the write path needs of alerts/. */
export type CallAlerts = EssentialSender & {
  /**
   * Enqueues what is to be told of these calls and test calls in the caller's transaction. `previous` holds, by call, the version
   * that the database had, of which people were told; a call that is not there is new.
   */
  enqueueCallAlerts(
    tx: Transaction,
    records: readonly CallRecord[],
    previous: ReadonlyMap<string, CallRecord>,
  ): Promise<() => void>;
};

/** What the write path needs of callbacks/. */
export type CallElins = {
  /** Stores which ELINs these calls were lent. Comes last in the transaction: it announces a change. */
  store(tx: Transaction, records: readonly CallRecord[]): Promise<void>;
  /** Takes up the ELIN of a call that an earlier run left in the journal. */
  bindFrom(record: CallRecord): unknown;
};

/**
 * The one write path of calls: journal, then database (record and alert jobs in one transaction), retried for as long as it
 * takes, idempotent by call id. No call waits for the database.
 */
export type CallRecorder = {
  /** Takes up what an earlier run left in the journal. */
  start(): Promise<void>;
  /** Resolves when the journal has the record or its deadline has passed; rejects when a record cannot be written. */
  save(record: CallRecord): Promise<AppendOutcome>;
  /**
   * Takes a later version, for which nobody waits; of several within a moment the newest is written. `before` is the version
   * that it replaces.
   */
  update(record: CallRecord, before?: CallRecord): void;
  /** Calls of which people are told later than promised: there is no room for their alerts in memory, or they wait in the journal alone. */
  alertsWaiting(): number;
  /** Resolves when nothing waits for the database any more; for tests and for draining. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

/** A record that the database does not have in this version. */
type Pending = AlertedEntry & {
  /** The record as JSON, or an earlier version of it; null until it is needed. */
  encoded: EncodedRecord | null;
  /** When it is to be written, on the monotonic clock: until then further versions take its place. */
  dueMs: number;
  /** The journal does not have this version yet. */
  isUnjournaled: boolean;
};

/** Some twenty kilobytes each. Beyond, the oldest wait in the journal alone, as long as that takes records. */
const MAX_PENDING = 20_000;
const MAX_PENDING_WITHOUT_JOURNAL = 40_000;
/** Of what waits in the journal alone so many are taken up at once, when fewer than these wait here. */
const TAKE_UP = 2_000;
const FORGOTTEN_LOG_MS = 1_000;
const MAX_BATCH = 200;
const ANEW_AT_ONCE = 200;
const ANEW_EVERY_MS = 10;
/** A call that is answered at once has three versions in this time; each would cost as much to write as the first. */
const MERGE_MS = 50;
/** Between two commits, so that a busy time makes few large ones: each costs as much as ten records. */
const COMMIT_EVERY_MS = 50;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A transaction that hangs is given up and tried again; that is safe, because it is idempotent. */
const COMMIT_TIMEOUT_MS = 10_000;
/** How long an orderly end waits for the database to take what is there. */
const DRAIN_MS = 2_500;
const ABORT_MS = 500;
/** One may be the fault of a single record, two in a row are the database's. */
const FAILURES_TO_GIVE_UP = 2;
/** A database that took records within this time is behind, not away. */
const BEHIND_MS = 500;

export function createCallRecorder(deps: {
  database: Pick<Database, 'db'>;
  journal: CallJournal;
  alerts: CallAlerts;
  elins: CallElins;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Decision 18. */
  essentialAlertMs: number;
  /** Records in memory while the journal takes them; 20,000 unless told. */
  maxPending?: number | undefined;
}): CallRecorder {
  const { database, journal, alerts, elins, clock, logger, essentialAlertMs, maxPending = MAX_PENDING } = deps;
  const takenUpAtOnce = Math.min(TAKE_UP, Math.ceil(maxPending / 2));
  const forgottenCount = deps.metrics.counter(
    'waymark_calls_left_to_journal_total',
    'Call records that waited for the database in the journal alone, because too many waited in memory',
  );
  const untoldCount = deps.metrics.counter(
    'waymark_calls_untold_left_to_journal_total',
    'Of those, emergency calls of which nobody had been told: people learn of them when the database is back, or the process starts anew',
  );
  /** By call, in the order in which they are due. */
  const pending = new ChurningMap<string, Pending>();
  deps.metrics.reading(
    'waymark_calls_not_in_database',
    'Call records that the database does not have yet',
    () => pending.size,
  );
  deps.metrics.reading(
    'waymark_call_alerts_waiting',
    'Calls whose alerts wait without the database: no room in memory, or in the journal alone',
    alertsWaiting,
  );
  /** Those of which people were told without the database, in the order in which they were: the first to be left to the journal. */
  const told = new Set<string>();
  /** Calls of which nobody was told yet and that wait in the journal alone, with the version that the database has, as `Pending.stored`. */
  const untoldInJournal = new Map<string, CallRecord | null>();
  /** Those whose newest version the journal did not have when they were put here. */
  let unjournaled: Pending[] = [];
  let working: Promise<void> | undefined;
  let batchSize = MAX_BATCH;
  let retryMs = FIRST_RETRY_MS;
  let endPause = (): void => undefined;
  /** Failed commits in a row. */
  let failures = 0;
  /** The end is near: what waits is written at once. */
  let isHurried = false;
  let nextCommitMs = Number.NEGATIVE_INFINITY;
  let lastCommitMs = Number.NEGATIVE_INFINITY;
  /** The journal may hold records that are neither here nor in the database. */
  let hasForgotten = false;
  let forgottenLoggedMs = Number.NEGATIVE_INFINITY;
  const stopping = new AbortController();
  let whenDrained: (() => void)[] = [];

  const essential = createEssentialAlerts<Pending>({
    sender: alerts,
    clock,
    logger,
    afterMs: essentialAlertMs,
    find: (id) => pending.get(id),
    isBehind: () => failures === 0 && clock.monotonicMs() - lastCommitMs < BEHIND_MS,
    onTold(entry) {
      const { id } = entry.record;
      if (pending.get(id) === entry) told.add(id);
      journal.markAlerted(id);
    },
  });

  function add(
    record: CallRecord,
    encoded: EncodedRecord | null,
    isAlerted: boolean,
    stored: CallRecord | null = null,
  ): Pending {
    let entry = pending.get(record.id);
    if (entry) {
      entry.record = record;
      entry.encoded = encoded ?? entry.encoded;
      essential.noteVersion(entry);
    } else {
      const dueMs = clock.monotonicMs() + MERGE_MS;
      const isAlertDue = record.kind === '911' && !isAlerted;
      entry = { record, stored, encoded, dueMs, isUnjournaled: false, isAlerted, isAlertDue, told: null };
      if (isAlertDue) essential.await(entry);
      else essential.awaitNews(entry);
      pending.set(record.id, entry);
      const isJournaled = journal.state.condition === 'ok';
      if (pending.size > (isJournaled ? maxPending : Math.max(maxPending, MAX_PENDING_WITHOUT_JOURNAL))) forgetOldest();
    }
    work();
    return entry;
  }

  function toWritten(entry: Pending): EncodedRecord {
    if (entry.encoded?.record !== entry.record) entry.encoded = encodeRecord(entry.record, entry.encoded ?? undefined);
    return entry.encoded;
  }

  function journalLater(entry: Pending): void {
    if (entry.isUnjournaled) return;
    entry.isUnjournaled = true;
    unjournaled.push(entry);
    if (unjournaled.length === 1) clock.after(MERGE_MS, () => journalChanges(takeUnjournaled()));
  }

  function takeUnjournaled(): Pending[] {
    const entries = unjournaled;
    unjournaled = [];
    return entries;
  }

  function journalChanges(entries: readonly Pending[]): void {
    for (const entry of entries) {
      if (!entry.isUnjournaled) continue;
      entry.isUnjournaled = false;
      journal.appendLater(entry.record, toWritten(entry).json);
    }
  }

  /** What the journal lost and the database does not have is written again, a few records at a time. */
  function journalAnew(entries: Pending[]): void {
    for (const entry of entries.splice(0, ANEW_AT_ONCE)) {
      if (pending.get(entry.record.id) === entry) journal.appendLater(entry.record, toWritten(entry).json);
    }
    if (entries.length > 0) clock.after(ANEW_EVERY_MS, () => journalAnew(entries));
  }
  journal.onLost((calls) => {
    journalAnew(calls ? [...calls].flatMap((id) => pending.get(id) ?? []) : [...pending.values()]);
  });

  /** The journal still has it: it is taken up when the database has taken most of the others, or by the next start. */
  function forgetOldest(): void {
    const [toldId] = told;
    const [oldest] = pending.values();
    const entry = (toldId === undefined ? undefined : pending.get(toldId)) ?? oldest;
    if (entry === undefined) return;
    const { id } = entry.record;
    journalChanges([entry]);
    if (entry.isAlertDue) {
      untoldInJournal.set(id, entry.stored);
      untoldCount.inc();
    }
    entry.isAlertDue = false;
    pending.delete(id);
    essential.settle(id);
    told.delete(id);
    hasForgotten = true;
    forgottenCount.inc();
    const nowMs = clock.monotonicMs();
    if (nowMs - forgottenLoggedMs < FORGOTTEN_LOG_MS) return;
    forgottenLoggedMs = nowMs;
    logger.error(
      { call: id, untold: untoldInJournal.size },
      'calls: too many records wait for the database; those that people were told of, then the oldest, wait in the journal alone',
    );
  }

  async function takeUpForgotten(): Promise<void> {
    const records = await journal.takeUp((id) => pending.has(id), takenUpAtOnce);
    if (records.length === 0) {
      hasForgotten = journal.state.condition !== 'ok';
      if (!hasForgotten) untoldInJournal.clear();
    }
    for (const record of records) {
      if (pending.has(record.id)) continue;
      const stored = untoldInJournal.get(record.id) ?? null;
      // The database is there, and their alerts come with their records; should it go away again, the untold ones are due as before.
      const isUntold = untoldInJournal.delete(record.id);
      add(record, null, !isUntold, stored);
    }
  }

  function alertsWaiting(): number {
    return essential.waiting + untoldInJournal.size;
  }

  async function commit(batch: readonly Pending[]): Promise<void> {
    // The journal's mark says which of its versions the database has.
    journalChanges(batch);
    const versions = batch.map(toWritten);
    await within(
      database.db
        .transaction()
        .execute(async (tx) => {
          const previous = storedVersions(batch);
          const added = await upsertCalls(tx, versions, previous);
          for (const id of added) previous.delete(id);
          const told = versions.flatMap(({ record }) => (record.kind === 'callback' ? [] : [record]));
          const sendAlerts = told.length > 0 ? await alerts.enqueueCallAlerts(tx, told, previous) : undefined;
          await elins.store(
            tx,
            told.filter(({ id, kind }) => kind === '911' && added.has(id)),
          );
          return sendAlerts;
        })
        // Also where the commit comes later than was waited for.
        .then((sendAlerts) => sendAlerts?.()),
    );
    lastCommitMs = clock.monotonicMs();
    for (const [index, entry] of batch.entries()) {
      const { id, version } = versions[index]?.record ?? entry.record;
      entry.isAlertDue = false;
      essential.settle(id);
      untoldInJournal.delete(id);
      entry.stored = versions[index]?.record ?? entry.record;
      if (entry.told && entry.told.version <= version) entry.told = null;
      journal.markCommitted(id, version);
      if (entry.record.version !== version) {
        essential.awaitNews(entry);
        putLast(entry);
      } else if (pending.get(id) === entry) {
        pending.delete(id);
        told.delete(id);
      }
    }
  }

  function storedVersions(batch: readonly Pending[]): Map<string, CallRecord> {
    const versions = new Map<string, CallRecord>();
    for (const { record, stored } of batch) if (stored) versions.set(record.id, stored);
    return versions;
  }

  function putLast(entry: Pending): void {
    const { id } = entry.record;
    // It may have been forgotten, and come back as another, while the database was busy with it.
    if (pending.get(id) !== entry) return;
    pending.delete(id);
    entry.dueMs = clock.monotonicMs() + MERGE_MS;
    pending.set(id, entry);
  }

  async function orAfter(delayMs: number, work: Promise<void>): Promise<void> {
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      stop = clock.after(delayMs, resolve);
    });
    await Promise.race([work, late]);
    stop();
  }

  async function within(work: Promise<void>): Promise<void> {
    let stop = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      stop = clock.after(COMMIT_TIMEOUT_MS, () => reject(new Error(`no commit within ${COMMIT_TIMEOUT_MS} ms`)));
    });
    try {
      await Promise.race([work, late]);
    } finally {
      stop();
    }
  }

  async function commitAll(): Promise<void> {
    while ((pending.size > 0 || hasForgotten) && !stopping.signal.aborted) {
      if (hasForgotten && pending.size < takenUpAtOnce && failures === 0 && !isHurried) await takeUpForgotten();
      if (pending.size === 0) return;
      const waitMs = msUntilDue();
      if (waitMs > 0 && !isHurried) {
        await pause(waitMs);
        continue;
      }
      nextCommitMs = clock.monotonicMs() + COMMIT_EVERY_MS;
      const batch = takeDue();
      try {
        await commit(batch);
        if (failures > 0) logger.info('calls: the database takes records again');
        failures = 0;
        essential.databaseTook();
        retryMs = FIRST_RETRY_MS;
        batchSize = Math.min(batchSize * 2, MAX_BATCH);
      } catch (error) {
        if (failures === 0)
          logger.error({ err: errorText(error), waiting: pending.size }, 'calls: records cannot be stored now');
        failures++;
        essential.databaseRefused();
        // One record that cannot be stored must not hold up the others: they are tried one by one, it goes to the end.
        batchSize = 1;
        const [first] = batch;
        if (first) putLast(first);
        if (isHurried && failures < FAILURES_TO_GIVE_UP) continue;
        if (isHurried) settleDrained();
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
  }

  function takeDue(): Pending[] {
    const nowMs = clock.monotonicMs();
    const batch: Pending[] = [];
    for (const entry of pending.values()) {
      if (batch.length >= batchSize || (entry.dueMs > nowMs && !isHurried)) break;
      batch.push(entry);
    }
    return batch;
  }

  function msUntilDue(): number {
    const [first] = pending.values();
    const isCrowded = pending.size > MAX_BATCH;
    return Math.max(first?.dueMs ?? 0, isCrowded ? 0 : nextCommitMs) - clock.monotonicMs();
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  function work(): void {
    if (working || stopping.signal.aborted) return;
    working = commitAll().finally(() => {
      working = undefined;
      if (pending.size > 0) work();
      else settleDrained();
    });
  }

  function settleDrained(): void {
    for (const done of whenDrained) done();
    whenDrained = [];
  }

  function drained(): Promise<void> {
    if (pending.size === 0 && !working) return Promise.resolve();
    return new Promise((resolve) => whenDrained.push(resolve));
  }

  return {
    async start() {
      const replayed = await journal.open();
      if (replayed.length > 0) logger.info({ calls: replayed.length }, 'calls: records of an earlier run taken up');
      for (const { record, isAlerted } of replayed) {
        elins.bindFrom(record);
        const entry = add(record, null, isAlerted);
        if (entry.isAlertDue) essential.noteUntold(entry);
      }
      hasForgotten = replayed.length > 0;
    },
    async save(record) {
      const encoded = encodeRecord(record);
      const outcome = journal.append(record, encoded.json);
      add(record, encoded, false);
      return outcome;
    },
    update(record, before) {
      const stored = untoldInJournal.get(record.id);
      if (stored !== undefined && !pending.has(record.id)) {
        untoldInJournal.delete(record.id);
        journalLater(add(record, null, false, stored));
        return;
      }
      // Of another record that no longer waits the version before is in the database, its alerts with it.
      journalLater(add(record, null, true, before));
    },
    alertsWaiting,
    drained,
    async stop() {
      // The journal keeps what is left, but only for a start on this data folder.
      isHurried = true;
      if (failures === 0) {
        endPause();
        await orAfter(DRAIN_MS, drained());
      }
      stopping.abort();
      endPause();
      essential.close();
      for (const entry of pending.values()) entry.isAlertDue = false;
      // A commit that goes on after that does no harm: it is idempotent.
      if (working) await orAfter(ABORT_MS, working);
      journalChanges(takeUnjournaled());
      await journal.close();
    },
  };
}
