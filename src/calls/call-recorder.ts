import type { CallRecord } from '../domain/call-record.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import type { AppendOutcome, CallJournal } from './call-journal.ts';
import { claimAlerts, upsertCalls } from './call-records.ts';

/** What the write path needs of alerts/. */
export type CallAlerts = {
  enqueueCallAlerts(tx: Transaction, record: CallRecord): Promise<void>;
  sendEssential(record: CallRecord): Promise<void>;
};

/**
 * The one write path of calls: journal, then database (record and alert jobs in one transaction), retried for as long as it
 * takes, idempotent by call id. No call waits for the database.
 */
export type CallRecorder = {
  /** Takes up what an earlier run left in the journal. */
  start(): Promise<void>;
  /** Resolves when the journal has the record or its deadline has passed; never rejects. */
  save(record: CallRecord): Promise<AppendOutcome>;
  /** Resolves when nothing waits for the database any more; for tests and for draining. */
  drained(): Promise<void>;
  stop(): Promise<void>;
};

type Pending = {
  record: CallRecord;
  isAlerted: boolean;
  stopAlertTimer: () => void;
};

const MAX_PENDING = 100_000;
const MAX_BATCH = 200;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** A transaction that hangs is given up and tried again; that is safe, because it is idempotent. */
const COMMIT_TIMEOUT_MS = 10_000;
/** How long an orderly end waits for the database to take what is there. */
const DRAIN_MS = 2_500;
const ABORT_MS = 500;

export function createCallRecorder(deps: {
  database: Pick<Database, 'db'>;
  journal: CallJournal;
  alerts: CallAlerts;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Decision 18. */
  essentialAlertMs: number;
}): CallRecorder {
  const { database, journal, alerts, clock, logger, essentialAlertMs } = deps;
  const pendingGauge = deps.metrics.gauge(
    'waymark_calls_not_in_database',
    'Call records that the database does not have yet',
  );
  const pending = new Map<string, Pending>();
  let working: Promise<void> | undefined;
  let batchSize = MAX_BATCH;
  let retryMs = FIRST_RETRY_MS;
  let stopRetry: (() => void) | undefined;
  let isFailing = false;
  const stopping = new AbortController();
  let whenDrained: (() => void)[] = [];

  function add(record: CallRecord, isAlerted: boolean): void {
    const known = pending.get(record.id);
    if (known) {
      known.record = record;
    } else {
      const entry: Pending = { record, isAlerted, stopAlertTimer: () => undefined };
      if (record.kind === '911' && !isAlerted) startAlertTimer(entry);
      pending.set(record.id, entry);
      if (pending.size > MAX_PENDING) forgetOldest();
    }
    pendingGauge.set(pending.size);
    work();
  }

  /** The journal still has it: the next start takes it up. */
  function forgetOldest(): void {
    const [id] = pending.keys();
    if (id === undefined) return;
    pending.get(id)?.stopAlertTimer();
    pending.delete(id);
    logger.error({ call: id }, 'calls: too many records wait for the database; this one waits in the journal alone');
  }

  function startAlertTimer(entry: Pending): void {
    entry.stopAlertTimer = clock.after(essentialAlertMs, () => {
      logger.warn(
        { call: entry.record.id },
        'calls: not in the database in time; the essential alert goes out without it',
      );
      alerts.sendEssential(entry.record).then(
        () => {
          entry.isAlerted = true;
          journal.markAlerted(entry.record.id);
        },
        (error: unknown) => {
          logger.error(
            { err: errorText(error), call: entry.record.id },
            'calls: the essential alert could not be sent',
          );
        },
      );
    });
  }

  async function commit(batch: readonly Pending[]): Promise<void> {
    const records = batch.map(({ record }) => record);
    await within(
      database.db.transaction().execute(async (tx) => {
        await upsertCalls(tx, records);
        // Test calls are recorded, not alerted.
        const alertable = records.filter(({ kind }) => kind === '911');
        const claimed = await claimAlerts(
          tx,
          alertable.map(({ id }) => id),
        );
        for (const record of alertable) if (claimed.has(record.id)) await alerts.enqueueCallAlerts(tx, record);
      }),
    );
    for (const [index, entry] of batch.entries()) {
      const { id, version } = records[index] ?? entry.record;
      entry.stopAlertTimer();
      journal.markCommitted(id, version);
      if (entry.record.version === version) pending.delete(id);
    }
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
    while (pending.size > 0 && !stopping.signal.aborted) {
      const batch = oldest(batchSize);
      try {
        await commit(batch);
        if (isFailing) logger.info('calls: the database takes records again');
        isFailing = false;
        retryMs = FIRST_RETRY_MS;
        batchSize = Math.min(batchSize * 2, MAX_BATCH);
      } catch (error) {
        if (!isFailing)
          logger.error({ err: errorText(error), waiting: pending.size }, 'calls: records cannot be stored now');
        isFailing = true;
        // One record that cannot be stored must not hold up the others: they are tried one by one, it goes to the end.
        batchSize = 1;
        const [first] = batch;
        if (first && pending.delete(first.record.id)) pending.set(first.record.id, first);
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
      pendingGauge.set(pending.size);
    }
  }

  function oldest(count: number): Pending[] {
    const batch: Pending[] = [];
    for (const entry of pending.values()) {
      if (batch.length >= count) break;
      batch.push(entry);
    }
    return batch;
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      stopRetry = () => {
        cancel();
        resolve();
      };
    });
  }

  function work(): void {
    if (working || stopping.signal.aborted) return;
    working = commitAll().finally(() => {
      working = undefined;
      if (pending.size > 0) return work();
      for (const done of whenDrained) done();
      whenDrained = [];
    });
  }

  function drained(): Promise<void> {
    if (pending.size === 0 && !working) return Promise.resolve();
    return new Promise((resolve) => whenDrained.push(resolve));
  }

  return {
    async start() {
      const replayed = await journal.open();
      if (replayed.length > 0) logger.info({ calls: replayed.length }, 'calls: records of an earlier run taken up');
      for (const { record, isAlerted } of replayed) add(record, isAlerted);
    },
    async save(record) {
      const outcome = journal.append(record);
      // A later version of a record that no longer waits: the first one is in the database, its alerts with it.
      add(record, record.version > 1);
      return outcome;
    },
    drained,
    async stop() {
      // The journal keeps what is left, but only for a start on this data folder.
      if (!isFailing) await orAfter(DRAIN_MS, drained());
      stopping.abort();
      stopRetry?.();
      for (const { stopAlertTimer } of pending.values()) stopAlertTimer();
      // A commit that goes on after that does no harm: it is idempotent.
      if (working) await orAfter(ABORT_MS, working);
      await journal.close();
    },
  };
}
