import { join } from 'node:path';
import type { CallRecord } from '../domain/call-record.ts';
import { createBreather } from '../support/breather.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { type JournalFile, type JournalFiles, journalFiles } from './journal-files.ts';
import { decodeLine, encodeLines, type JournalLine, type Mark, markLine, recordLine } from './journal-line.ts';
import { createLingerQueue } from './transactions/linger-queue.ts';

/** `durable`: on disk. `late`: not yet within the deadline, or the disk cannot be written; the call goes on all the same. */
export type AppendOutcome = 'durable' | 'late';

/** A call that the journal holds and the database may not have. */
export type ReplayedCall = {
  record: CallRecord;
  /** Its essential alert went out before (decision 18). */
  isAlerted: boolean;
};

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
type Segment = { path: string; number: number; ino: number; bytes: number; openedMs: number };

const SEGMENT = /^calls-(\d{8})\.journal$/;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** A segment whose calls are all in the database is dropped when it has grown to this, or become so old. */
const TIDY_SEGMENT_BYTES = 1024 * 1024;
const TIDY_SEGMENT_MS = 3_600_000;
/** All segments together. The database is away for a long time before a journal gets so large. */
const MAX_JOURNAL_BYTES = 1024 * 1024 * 1024;
/** What waits in memory for a disk that does not take it. */
const MAX_WAITING_BYTES = 32 * 1024 * 1024;
/** Replayed at once; a long outage of the database leaves more than memory should hold. */
const MAX_REPLAYED = 20_000;
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

class JournalFullError extends Error {}

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
  let opening: Promise<JournalFile> | undefined;
  /** Calls whose newest lines went unwritten, because too many waited. */
  const dropped = new Set<string>();
  let file: JournalFile | undefined;
  let current: Segment | undefined;
  let nextNumber = 1;
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
  /** Per segment, the calls in it that the database may not have. */
  const pendingBySegment = new Map<Segment, Set<string>>();
  /** Newest version per call that is not known to be committed. */
  const newestVersion = new Map<string, number>();

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

  function totalBytes(): number {
    let total = 0;
    for (const { bytes } of pendingBySegment.keys()) total += bytes;
    return total;
  }

  /** One at a time: two at once would write to one file and sync the other. */
  async function openSegment(): Promise<JournalFile> {
    if (!opening && file && current && !isFull(current)) return file;
    opening ??= beginSegment().finally(() => {
      opening = undefined;
    });
    return opening;
  }

  async function beginSegment(): Promise<JournalFile> {
    await whenSynced();
    await closeSegment();
    if (totalBytes() >= maxBytes) throw new JournalFullError(`the journal holds ${totalBytes()} bytes`);
    await files.makeFolder(folder);
    const number = nextNumber++;
    const path = join(folder, `calls-${String(number).padStart(8, '0')}.journal`);
    const created = await files.create(path);
    const { ino } = await created.stat();
    file = created;
    current = { path, number, ino, bytes: 0, openedMs: clock.monotonicMs() };
    pendingBySegment.set(current, new Set());
    await files.syncFolder(folder);
    return created;
  }

  function isFull(segment: Segment): boolean {
    if (segment.bytes >= Math.min(MAX_SEGMENT_BYTES, maxBytes)) return true;
    return segment.bytes >= TIDY_SEGMENT_BYTES && isDone(segment);
  }

  function isDone(segment: Segment): boolean {
    return (pendingBySegment.get(segment)?.size ?? 0) === 0;
  }

  async function closeSegment(): Promise<void> {
    const closing = file;
    const segment = current;
    file = undefined;
    current = undefined;
    await closing
      ?.close()
      .catch((error: unknown) => logger.warn({ err: errorText(error) }, 'calls: closing the journal'));
    if (segment) dropIfDone(segment);
  }

  function dropIfDone(segment: Segment): void {
    // Of a disk that hangs nothing more is asked; it is looked at again when it answers.
    if (segment === current || isHung || !pendingBySegment.has(segment) || !isDone(segment)) return;
    pendingBySegment.delete(segment);
    files.remove(segment.path).catch((error: unknown) => {
      logger.warn({ err: errorText(error), path: segment.path }, 'calls: a journal segment cannot be removed');
    });
  }

  /** False when the segment failed meanwhile: the lines must go to the next one. */
  async function writeBatch(batch: readonly Line[]): Promise<boolean> {
    const handle = await openSegment();
    const segment = current;
    const bytes = encodeLines(batch.map(({ line }) => line));
    for (let written = 0; written < bytes.length; ) {
      written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
    }
    if (!segment || segment !== current) return false;
    segment.bytes += bytes.length;
    const pending = pendingBySegment.get(segment);
    for (const { callId, version } of batch) {
      if (callId !== null && version <= (newestVersion.get(callId) ?? 0)) pending?.add(callId);
    }
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
    for (let handle = file; handle && unsynced.length > 0; handle = file) {
      const batch = unsynced;
      unsynced = [];
      const syncedHandle = handle;
      try {
        const gone = await timed('sync', () => syncKept(syncedHandle));
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
  async function syncKept(handle: JournalFile): Promise<readonly Segment[]> {
    // Side by side, because calls wait for it.
    const [{ nlink }] = await Promise.all([handle.stat(), handle.datasync()]);
    return nlink === 0 ? goneSegments() : [];
  }

  function startSync(): void {
    syncing ??= sync().finally(() => {
      syncing = undefined;
      if (unsynced.length > 0 && file) startSync();
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
    await closeSegment();
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
      const handle = await timed('write', openSegment);
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
    return callId === null || version === newestVersion.get(callId);
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
    newestVersion.set(id, version);
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
    for (const segment of pendingBySegment.keys()) dropIfDone(segment);
    checking = checkFiles(nowMs)
      .catch((error: unknown) => {
        failureCount.inc();
        logger.error({ err: errorText(error) }, 'calls: the files of the journal could not be checked');
      })
      .finally(() => {
        checking = undefined;
      });
  }

  /** Those whose files are not there any more, or are others. */
  async function goneSegments(): Promise<Segment[]> {
    const gone: Segment[] = [];
    for (const segment of pendingBySegment.keys()) {
      // A file that cannot be looked at may be there all the same: writing will tell.
      const found = await files.stat(segment.path).catch((error: unknown) => (isMissing(error) ? null : segment));
      if (found?.ino !== segment.ino && pendingBySegment.has(segment)) gone.push(segment);
    }
    return gone;
  }

  async function lose(gone: readonly Segment[]): Promise<void> {
    const lost = gone.filter((segment) => pendingBySegment.delete(segment));
    if (lost.length === 0) return;
    failureCount.inc();
    setState('failing', 'files of the journal were taken away');
    if (current && lost.includes(current)) {
      putBack(unsynced.splice(0));
      await closeSegment();
    }
    tellLost(null);
  }

  async function checkFiles(nowMs: number): Promise<void> {
    const gone = await goneSegments();
    if (gone.length > 0) {
      await lose(gone);
      if (queue.length > 0) startFlush();
      else await probe();
    } else if (current && current.bytes > 0 && isDone(current) && nowMs - current.openedMs >= TIDY_SEGMENT_MS) {
      await whenWritten();
      await whenSynced();
      if (isDone(current)) await closeSegment();
      await probe();
    }
  }

  function isMissing(error: unknown): boolean {
    return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
  }

  async function readSegment(
    segment: Segment,
    replayed: Map<string, ReplayedCall>,
    alerted: Set<string>,
  ): Promise<void> {
    const bytes = await files.read(segment.path);
    segment.bytes = bytes.length;
    segment.ino = (await files.stat(segment.path)).ino;
    const calls = new Set<string>();
    let unreadable = 0;
    for (const line of linesOf(bytes)) {
      const entry = decodeLine(line);
      if (!entry) unreadable++;
      else if (entry.kind === 'call') {
        const { record } = entry;
        calls.add(record.id);
        if ((newestVersion.get(record.id) ?? 0) >= record.version) continue;
        newestVersion.set(record.id, record.version);
        if (replayed.size < MAX_REPLAYED || replayed.has(record.id))
          replayed.set(record.id, { record, isAlerted: false });
      } else {
        alerted.add(entry.id);
        if (entry.kind === 'committed' && entry.version >= (newestVersion.get(entry.id) ?? 0)) {
          replayed.delete(entry.id);
          newestVersion.delete(entry.id);
        }
      }
    }
    // The last line may be torn by the crash that this is the recovery from.
    if (unreadable > 0) logger.warn({ path: segment.path, unreadable }, 'calls: unreadable lines in the journal');
    pendingBySegment.set(segment, calls);
  }

  async function takeUp(isKnown: (id: string) => boolean, max: number): Promise<CallRecord[]> {
    const found = new Map<string, CallRecord>();
    /** Whose newest version no file has: it was dropped while the disk was bad. */
    const earlier = new Map<string, CallRecord>();
    const breathe = createBreather();
    for (const [segment, calls] of pendingBySegment) {
      if (found.size >= max) return [...found.values()];
      const wanted = new Set<string>();
      for (const id of calls) if (!isKnown(id) && !found.has(id)) wanted.add(id);
      if (wanted.size === 0) continue;
      const bytes = await files.read(segment.path).catch((error: unknown) => {
        logger.error({ err: errorText(error), path: segment.path }, 'calls: a journal segment cannot be read');
      });
      for (const line of linesOf(bytes ?? Buffer.alloc(0))) {
        await breathe();
        const entry = decodeLine(line);
        if (entry?.kind !== 'call' || !wanted.has(entry.record.id)) continue;
        const { id, version } = entry.record;
        if (version === newestVersion.get(id)) found.set(id, entry.record);
        else if (version > (earlier.get(id)?.version ?? 0) && earlier.size < max) earlier.set(id, entry.record);
        if (found.size >= max) break;
      }
    }
    if (found.size > 0) return [...found.values()];
    for (const [id, { version }] of earlier) newestVersion.set(id, version);
    return [...earlier.values()];
  }

  return {
    takeUp,
    async open() {
      const replayed = new Map<string, ReplayedCall>();
      const alerted = new Set<string>();
      try {
        await files.makeFolder(folder);
        const segments: Segment[] = [];
        for (const name of await files.list(folder)) {
          const number = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN);
          if (Number.isNaN(number)) continue;
          segments.push({ path: join(folder, name), number, ino: 0, bytes: 0, openedMs: clock.monotonicMs() });
        }
        segments.sort((a, b) => a.number - b.number);
        nextNumber = (segments.at(-1)?.number ?? 0) + 1;
        for (const segment of segments) {
          try {
            await readSegment(segment, replayed, alerted);
          } catch (error) {
            logger.error({ err: errorText(error), path: segment.path }, 'calls: a journal segment cannot be read');
          }
        }
        for (const [segment, calls] of pendingBySegment) {
          for (const id of calls) if (!newestVersion.has(id)) calls.delete(id);
          dropIfDone(segment);
        }
      } catch (error) {
        failureCount.inc();
        logger.error({ err: errorText(error), folder }, 'calls: the journal cannot be read; calls go on without it');
      }
      stopLooking = clock.after(LOOK_EVERY_MS, look);
      try {
        // Now, so that the first call does not wait for it.
        await timed('write', openSegment);
      } catch (error) {
        await fail(error, []);
      }
      return [...replayed.values()].map(({ record }) => ({ record, isAlerted: alerted.has(record.id) }));
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
      if ((newestVersion.get(id) ?? 0) > version) return;
      newestVersion.delete(id);
      dropped.delete(id);
      for (const [segment, calls] of pendingBySegment) {
        if (calls.delete(id) && calls.size === 0) dropIfDone(segment);
      }
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
        await closeSegment();
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

function* linesOf(bytes: Buffer): Generator<string> {
  let start = 0;
  for (let end = bytes.indexOf(10); start < bytes.length; end = bytes.indexOf(10, start)) {
    const stop = end === -1 ? bytes.length : end;
    if (stop > start) yield bytes.toString('utf8', start, stop);
    start = stop + 1;
  }
}
