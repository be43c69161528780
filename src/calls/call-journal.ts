import type { CallRecord } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { type JournalFile, type JournalFiles, journalFiles } from './journal-files.ts';
import { encodeLines, type JournalLine, type Mark, markLine, recordLine } from './journal-line.ts';
import { createJournalSegments, JournalFullError, type ReplayedCall, type Segment } from './journal-segments.ts';
import { createLingerQueue } from './transactions/linger-queue.ts';

/** `durable`: on disk. `late`: not yet within the deadline, or the disk cannot be written; the call goes on all the same. */
export type AppendOutcome = 'durable' | 'late';

/**
 * How the journal does. `hung`: the disk does not answer. `failing`: it answers with errors. `full`: the journal is as large as it
 * may get. In each of them calls go on without it, and it takes them up again by itself.
 */
export type JournalState = {
  condition: 'ok' | 'hung' | 'failing' | 'full';
  /** ISO 8601; null while it is `ok`. */
  since: string | null;
  /** The error, as text; null when there was none. */
  detail: string | null;
};

/** The local file that knows every call before it is forwarded (decision 16). Nothing here ever rejects. */
export type CallJournal = {
  /** Reads what earlier runs left behind, oldest call first, and begins a new segment. Of very many the rest is `takeUp`'s. */
  open(): Promise<ReplayedCall[]>;
  /**
   * Calls that are here and not in the database, without those that are known to whoever asks; oldest segment first, at most
   * `max`. Empty: there are no more.
   */
  takeUp(isKnown: (id: string) => boolean, max: number): Promise<CallRecord[]>;
  /** Resolves when the record is on disk, at the latest after the deadline. `json` is the record as JSON. */
  append(record: CallRecord, json?: string): Promise<AppendOutcome>;
  /** Writes a later version of a record, for which nobody waits. */
  appendLater(record: CallRecord, json: string): void;
  /** The database has this version of the record: it need not be replayed. */
  markCommitted(id: string, version: number): void;
  /** The essential alert of this call went out. */
  markAlerted(id: string): void;
  readonly state: JournalState;
  /** Calls back when the condition changes. */
  onStateChange(handler: (state: JournalState) => void): void;
  /**
   * Calls back when the journal lacks calls that it took: files were taken away (null: all of them), or a disk that was bad for
   * long is good again. Those that are not in the database have to be appended again.
   */
  onLost(handler: (calls: ReadonlySet<string> | null) => void): void;
  /** Writes what waits, as far as the disk answers, and closes. */
  close(): Promise<void>;
};

type Line = {
  line: JournalLine;
  callId: string | null;
  version: number;
  settle: ((outcome: AppendOutcome) => void) | null;
};

/** All segments together. The database is away for a long time before a journal gets so large. */
const MAX_JOURNAL_BYTES = 1024 * 1024 * 1024;
/** What waits in memory for a disk that does not take it. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** Ids of calls whose lines were dropped. */
const MAX_DROPPED = 200_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** A disk that is slow is slow for many calls at once: one of them is named, the others are counted. */
const LATE_LOG_MS = 1_000;
const LOOK_EVERY_MS = 500;
/** An operation that takes longer counts as hung: nothing more is asked of the disk until it answers. */
const HUNG_MS = 1_000;
/** How long the end waits for a disk. */
const CLOSE_MS = 1_000;

export function createCallJournal(deps: {
  /** Where the segments lie; made when it is missing. */
  folder: string;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** How long a call waits for the disk at most. */
  deadlineMs: number;
  files?: JournalFiles | undefined;
  /** Bytes of all segments together; 1 GiB unless told. */
  maxBytes?: number | undefined;
}): CallJournal {
  const { folder, clock, logger, deadlineMs, files = journalFiles, maxBytes = MAX_JOURNAL_BYTES } = deps;
  const lateCount = deps.metrics.counter(
    'waymark_call_journal_late_total',
    'Calls that went on before the journal had them',
  );
  const failureCount = deps.metrics.counter('waymark_call_journal_failures_total', 'Failed writes of the call journal');
  const droppedCount = deps.metrics.counter(
    'waymark_call_journal_dropped_total',
    'Lines that waited for the disk until there were too many',
  );
  const degradedGauge = deps.metrics.gauge(
    'waymark_call_journal_degraded',
    '1 while calls go on without the journal, by what is wrong with it',
    ['condition'],
  );

  let queue: Line[] = [];
  let queuedBytes = 0;
  /** Written, so that they survive the end of the process; not yet on the disk, so that a power loss takes them. */
  let unsynced: Line[] = [];
  /** What the calls of one turn of the event loop append is written together: each operation on the file costs as much as a line. */
  let isFlushDue = false;
  let flushing: Promise<void> | undefined;
  let syncing: Promise<void> | undefined;
  /** Calls whose newest lines went unwritten, because too many waited. */
  const dropped = new Set<string>();
  let isFailing = false;
  let isHung = false;
  let silentLooks = 0;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;
  /** When the operations under way began, by the monotonic clock. */
  const begun: { write: number | null; sync: number | null } = { write: null, sync: null };
  let state: JournalState = { condition: 'ok', since: null, detail: null };
  const stateHandlers: ((state: JournalState) => void)[] = [];
  const lostHandlers: ((calls: ReadonlySet<string> | null) => void)[] = [];
  let stopLooking = (): void => undefined;
  let checking: Promise<void> | undefined;
  /** What a call waits for: settled as late when the disk did not settle it before. */
  const deadlines = createLingerQueue<(outcome: AppendOutcome) => void>(clock, deadlineMs, (settle) => settle('late'));
  let lateLoggedMs = Number.NEGATIVE_INFINITY;
  let lateUnlogged = 0;
  const segments = createJournalSegments({
    folder,
    files,
    clock,
    logger,
    maxBytes,
    isDiskHung: () => isHung,
    whenSynced,
  });

  function setState(condition: JournalState['condition'], detail: string | null): void {
    if (condition === state.condition) return;
    for (const name of ['hung', 'failing', 'full'] as const) degradedGauge.set({ condition: name }, 0);
    if (condition !== 'ok') degradedGauge.set({ condition }, 1);
    const since = condition === 'ok' ? null : (state.since ?? new Date(clock.nowMs()).toISOString());
    if (condition === 'ok') logger.info({ since: state.since }, 'calls: the journal takes calls again');
    else logger.error({ condition, err: detail }, 'calls: the journal cannot be written; calls go on without it');
    state = { condition, since, detail };
    for (const handler of stateHandlers) handler(state);
    if (condition !== 'ok' || dropped.size === 0) return;
    tellLost(new Set(dropped));
    dropped.clear();
  }

  function tellLost(calls: ReadonlySet<string> | null): void {
    for (const handler of lostHandlers) handler(calls);
  }

  async function timed<Value>(kind: 'write' | 'sync', operation: () => Promise<Value>): Promise<Value> {
    begun[kind] = clock.monotonicMs();
    try {
      return await operation();
    } finally {
      begun[kind] = null;
      isHung = isHung && (begun.write !== null || begun.sync !== null);
    }
  }

  /** False when the segment failed meanwhile: the lines must go to the next one. */
  async function writeBatch(batch: readonly Line[]): Promise<boolean> {
    const handle = await segments.open();
    const segment = segments.current;
    const bytes = encodeLines(batch.map(({ line }) => line));
    for (let written = 0; written < bytes.length; ) {
      written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    if (!segment || segment !== segments.current) return false;
    segments.wrote(segment, bytes.length, batch);
    return true;
  }

  /** Writes what comes at once, also while the disk is still busy with what came before. */
  async function flush(): Promise<void> {
    while (queue.length > 0 && !isFailing && !isHung) {
      const batch = queue;
      queue = [];
      queuedBytes = 0;
      try {
        if (await timed('write', () => writeBatch(batch))) {
          unsynced.push(...batch);
          startSync();
        } else putBack(batch);
      } catch (error) {
        await fail(error, batch);
      }
    }
  }

  /** One sync covers everything that was written before it. */
  async function sync(): Promise<void> {
    for (let { file } = segments; file && unsynced.length > 0; file = segments.file) {
      const batch = unsynced;
      unsynced = [];
      const syncedFile = file;
      try {
        const gone = await timed('sync', () => syncKept(syncedFile));
        if (gone.length > 0) {
          // Their calls go on waiting: the new file may still be in time.
          putBack([...batch, ...unsynced.splice(0)]);
          await lose(gone);
          continue;
        }
        for (const { settle } of batch) settle?.('durable');
        retryMs = FIRST_RETRY_MS;
        if (!isHung) setState('ok', null);
      } catch (error) {
        // What was written meanwhile lies in the same segment.
        await fail(error, [...batch, ...unsynced.splice(0)]);
      }
    }
  }

  /** The segments whose files were taken away, when that of the synced one was: what it holds survives no restart. */
  async function syncKept(synced: JournalFile): Promise<readonly Segment[]> {
    // Side by side, because calls wait for it.
    const [{ nlink }] = await Promise.all([synced.stat(), synced.datasync()]);
    return nlink === 0 ? segments.findGone() : [];
  }

  function startSync(): void {
    syncing ??= sync().finally(() => {
      syncing = undefined;
      if (unsynced.length > 0 && segments.file) startSync();
      startFlush();
    });
  }

  async function whenSynced(): Promise<void> {
    if (!syncing) return;
    await syncing;
    await whenSynced();
  }

  async function whenWritten(): Promise<void> {
    if (!flushing) return;
    await flushing;
    await whenWritten();
  }

  function putBack(lines: readonly Line[]): void {
    queue = [...lines, ...queue];
    queuedBytes = queue.reduce((sum, { line }) => sum + line.bytes, 0);
    if (queuedBytes > MAX_WAITING_BYTES) trimQueue();
  }

  /** The lines wait in memory and go to a new segment when the disk takes them again; no call waits for that. */
  async function fail(error: unknown, batch: readonly Line[]): Promise<void> {
    putBack([...batch, ...unsynced.splice(0)]);
    for (const { settle } of batch) settle?.('late');
    failureCount.inc();
    if (isFailing) return;
    isFailing = true;
    setState(error instanceof JournalFullError ? 'full' : 'failing', errorText(error));
    await segments.closeCurrent();
    if (isClosed) return;
    clock.after(retryMs, () => {
      isFailing = false;
      if (queue.length > 0) startFlush();
      else void probe();
    });
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }

  /** Nothing waits to be written: whether the disk is back is found out before the next call comes. */
  async function probe(): Promise<void> {
    try {
      const handle = await timed('write', () => segments.open());
      await timed('sync', () => handle.datasync());
      setState('ok', null);
    } catch (error) {
      await fail(error, []);
    }
  }

  function startFlush(): void {
    if (flushing || isFailing || isHung || queue.length === 0) return;
    flushing = flush().finally(() => {
      flushing = undefined;
      startFlush();
    });
  }

  /** Whether a line would be read again: not one of a call that the database has by now, nor an earlier version. */
  function isNeeded({ callId, version }: Line): boolean {
    return callId === null || segments.isNewest(callId, version);
  }

  /** Most of what waits is in the database by then; of the rest, which the recorder holds too, the oldest go. */
  function trimQueue(): void {
    const needed = queue.filter(isNeeded);
    let bytes = needed.reduce((sum, { line }) => sum + line.bytes, 0);
    let gone = 0;
    for (const { line } of needed) {
      if (bytes <= (MAX_WAITING_BYTES / 4) * 3) break;
      bytes -= line.bytes;
      gone++;
    }
    for (const line of queue) if (!isNeeded(line)) line.settle?.('late');
    for (const { callId, settle } of needed.splice(0, gone)) {
      settle?.('late');
      if (callId === null) continue;
      droppedCount.inc();
      if (dropped.size < MAX_DROPPED) dropped.add(callId);
    }
    queue = needed;
    queuedBytes = bytes;
  }

  function enqueue(waiting: Line): void {
    queue.push(waiting);
    queuedBytes += waiting.line.bytes;
    if (queuedBytes > MAX_WAITING_BYTES) trimQueue();
    if (isFlushDue) return;
    isFlushDue = true;
    process.nextTick(() => {
      isFlushDue = false;
      startFlush();
    });
  }

  function enqueueRecord({ id, version }: CallRecord, json: string, settle: Line['settle']): void {
    segments.note(id, version);
    enqueue({ line: recordLine(json), callId: id, version, settle });
  }

  function enqueueMark(mark: Mark): void {
    enqueue({ line: markLine(mark), callId: null, version: 0, settle: null });
  }

  function noteLate(call: string): void {
    lateCount.inc();
    const nowMs = clock.monotonicMs();
    if (nowMs - lateLoggedMs < LATE_LOG_MS) {
      lateUnlogged++;
      return;
    }
    logger.error(
      { call, deadlineMs, othersBefore: lateUnlogged },
      'calls: the journal did not take a call in time; the call goes on',
    );
    lateLoggedMs = nowMs;
    lateUnlogged = 0;
  }

  /** Whether the disk answers, the files are still there, and none is kept for longer than it has to be. */
  function look(): void {
    const nowMs = clock.monotonicMs();
    stopLooking = clock.after(LOOK_EVERY_MS, look);
    const sinceMs = Math.min(begun.write ?? nowMs, begun.sync ?? nowMs);
    silentLooks = nowMs - sinceMs >= HUNG_MS ? silentLooks + 1 : 0;
    // Twice: this process itself may have stood still.
    if (silentLooks > 0) {
      if (silentLooks < 2) return;
      isHung = true;
      setState('hung', `the disk has not answered for ${Math.round(nowMs - sinceMs)} ms`);
      return;
    }
    startFlush();
    if (isFailing || checking) return;
    segments.tidy();
    checking = checkFiles(nowMs)
      .catch((error: unknown) => {
        failureCount.inc();
        logger.error({ err: errorText(error) }, 'calls: the files of the journal could not be checked');
      })
      .finally(() => {
        checking = undefined;
      });
  }

  async function lose(gone: readonly Segment[]): Promise<void> {
    const lost = segments.forget(gone);
    if (lost.length === 0) return;
    failureCount.inc();
    setState('failing', 'files of the journal were taken away');
    if (segments.current && lost.includes(segments.current)) {
      putBack(unsynced.splice(0));
      await segments.closeCurrent();
    }
    tellLost(null);
  }

  async function checkFiles(nowMs: number): Promise<void> {
    const gone = await segments.findGone();
    if (gone.length > 0) {
      await lose(gone);
      if (queue.length > 0) startFlush();
      else await probe();
    } else if (segments.isIdle(nowMs)) {
      await whenWritten();
      await whenSynced();
      if (segments.isIdle(nowMs)) await segments.closeCurrent();
      await probe();
    }
  }

  return {
    takeUp: (isKnown, max) => segments.takeUp(isKnown, max),
    async open() {
      let replayed: ReplayedCall[] = [];
      try {
        replayed = await segments.read();
      } catch (error) {
        failureCount.inc();
        logger.error({ err: errorText(error), folder }, 'calls: the journal cannot be read; calls go on without it');
      }
      stopLooking = clock.after(LOOK_EVERY_MS, look);
      try {
        // Now, so that the first call does not wait for it.
        await timed('write', () => segments.open());
      } catch (error) {
        await fail(error, []);
      }
      return replayed;
    },
    append(record, json = JSON.stringify(record)) {
      const { promise, resolve } = Promise.withResolvers<AppendOutcome>();
      const isKnownBad = isFailing || isHung;
      enqueueRecord(record, json, resolve);
      // A disk that failed just now, or does not answer, is not waited for again.
      if (isKnownBad) {
        lateCount.inc();
        return Promise.resolve('late');
      }
      deadlines.add(resolve);
      return promise.then((outcome) => {
        if (outcome === 'late') noteLate(record.id);
        return outcome;
      });
    },
    appendLater: (record, json) => enqueueRecord(record, json, null),
    markCommitted(id, version) {
      if (isClosed) return;
      enqueueMark({ kind: 'committed', id, version });
      if (segments.committed(id, version)) dropped.delete(id);
    },
    markAlerted(id) {
      if (!isClosed) enqueueMark({ kind: 'alerted', id });
    },
    get state() {
      return state;
    },
    onStateChange: (handler) => void stateHandlers.push(handler),
    onLost: (handler) => void lostHandlers.push(handler),
    async close() {
      isClosed = true;
      stopLooking();
      startFlush();
      const written = (async () => {
        await whenWritten();
        await whenSynced();
        await segments.closeCurrent();
      })();
      let stopWaiting = (): void => undefined;
      const late = new Promise<void>((resolve) => {
        stopWaiting = clock.after(CLOSE_MS, resolve);
      });
      await Promise.race([written, late]);
      stopWaiting();
    },
  };
}
