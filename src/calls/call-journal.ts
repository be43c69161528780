import { type FileHandle, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CallRecord } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';
import { createLingerQueue } from './transactions/linger-queue.ts';

/** `durable`: on disk. `late`: not yet within the deadline, or the disk cannot be written; the call goes on all the same. */
export type AppendOutcome = 'durable' | 'late';

/** A call that the journal holds and the database may not have. */
export type ReplayedCall = {
  record: CallRecord;
  /** Its essential alert went out before (decision 18). */
  isAlerted: boolean;
};

/** The local file that knows every call before it is forwarded (decision 16). Nothing here ever rejects. */
export type CallJournal = {
  /** Reads what earlier runs left behind, oldest call first, and begins a new segment. */
  open(): Promise<ReplayedCall[]>;
  /** Resolves when the record is on disk, at the latest after the deadline. `json` is the record as JSON. */
  append(record: CallRecord, json?: string): Promise<AppendOutcome>;
  /** Writes a later version of a record, for which nobody waits. */
  appendLater(record: CallRecord, json: string): void;
  /** The database has this version of the record: it need not be replayed. */
  markCommitted(id: string, version: number): void;
  /** The essential alert of this call went out. */
  markAlerted(id: string): void;
  /** Writes what waits and closes. */
  close(): Promise<void>;
};

type Mark = { kind: 'committed'; id: string; version: number } | { kind: 'alerted'; id: string };
type Entry = { kind: 'call'; record: CallRecord } | Mark;

type Line = { text: string; callId: string | null; version: number; settle: ((outcome: AppendOutcome) => void) | null };
type Segment = { path: string; number: number; bytes: number };

const SEGMENT = /^calls-(\d{8})\.journal$/;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** A segment whose calls are all in the database is dropped when it has grown to this. */
const TIDY_SEGMENT_BYTES = 1024 * 1024;
const MAX_QUEUED_LINES = 50_000;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;
/** A disk that is slow is slow for many calls at once: one of them is named, the others are counted. */
const LATE_LOG_MS = 1_000;

/** One line: CRC-32 of the JSON in eight hex digits, a space, the JSON. */
function encodeLine(json: string): string {
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

function decodeEntry(line: string): Entry | undefined {
  const json = line.slice(9);
  if (line.length < 11 || line[8] !== ' ' || Number.parseInt(line.slice(0, 8), 16) !== crc32(json)) return undefined;
  try {
    return JSON.parse(json) as Entry;
  } catch {
    return undefined;
  }
}

export function createCallJournal(deps: {
  /** Where the segments lie; made when it is missing. */
  folder: string;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** How long a call waits for the disk at most. */
  deadlineMs: number;
}): CallJournal {
  const { folder, clock, logger, deadlineMs } = deps;
  const lateCount = deps.metrics.counter(
    'waymark_call_journal_late_total',
    'Calls that went on before the journal had them',
  );
  const failureCount = deps.metrics.counter('waymark_call_journal_failures_total', 'Failed writes of the call journal');

  let queue: Line[] = [];
  /** Written, so that they survive the end of the process; not yet on the disk, so that a power loss takes them. */
  let unsynced: Line[] = [];
  let flushing: Promise<void> | undefined;
  let syncing: Promise<void> | undefined;
  let file: FileHandle | undefined;
  let current: Segment | undefined;
  let nextNumber = 1;
  let isFailing = false;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;
  /** What a call waits for: settled as late when the disk did not settle it before. */
  const deadlines = createLingerQueue<(outcome: AppendOutcome) => void>(clock, deadlineMs, (settle) => settle('late'));
  let lateLoggedMs = Number.NEGATIVE_INFINITY;
  let lateUnlogged = 0;
  /** Per segment, the calls in it that the database may not have. */
  const pendingBySegment = new Map<Segment, Set<string>>();
  /** Newest version per call that is not known to be committed. */
  const newestVersion = new Map<string, number>();

  async function openSegment(): Promise<FileHandle> {
    if (file && current && !isFull(current)) return file;
    await whenSynced();
    await closeSegment();
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const number = nextNumber++;
    const path = join(folder, `calls-${String(number).padStart(8, '0')}.journal`);
    file = await open(path, 'ax', 0o600);
    current = { path, number, bytes: 0 };
    pendingBySegment.set(current, new Set());
    await syncFolder();
    return file;
  }

  function isFull(segment: Segment): boolean {
    if (segment.bytes >= MAX_SEGMENT_BYTES) return true;
    return segment.bytes >= TIDY_SEGMENT_BYTES && pendingBySegment.get(segment)?.size === 0;
  }

  /** The name of a new segment must survive a power loss as its content does. */
  async function syncFolder(): Promise<void> {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
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
    if (segment === current || (pendingBySegment.get(segment)?.size ?? 0) > 0) return;
    pendingBySegment.delete(segment);
    unlink(segment.path).catch((error: unknown) => {
      logger.warn({ err: errorText(error), path: segment.path }, 'calls: a journal segment cannot be removed');
    });
  }

  /** False when the segment failed meanwhile: the lines must go to the next one. */
  async function writeBatch(batch: readonly Line[]): Promise<boolean> {
    const handle = await openSegment();
    const segment = current;
    const bytes = Buffer.from(batch.map(({ text }) => text).join(''), 'utf8');
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
    while (queue.length > 0 && !isFailing) {
      const batch = queue;
      queue = [];
      try {
        if (await writeBatch(batch)) {
          unsynced.push(...batch);
          startSync();
        } else queue = [...batch, ...queue];
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
      try {
        await handle.datasync();
        for (const { settle } of batch) settle?.('durable');
        retryMs = FIRST_RETRY_MS;
      } catch (error) {
        // What was written meanwhile lies in the same segment.
        await fail(error, [...batch, ...unsynced.splice(0)]);
      }
    }
  }

  function startSync(): void {
    syncing ??= sync().finally(() => {
      syncing = undefined;
      if (unsynced.length > 0 && file) startSync();
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

  /** The lines wait in memory and go to a new segment when the disk takes them again; no call waits for that. */
  async function fail(error: unknown, batch: readonly Line[]): Promise<void> {
    queue = [...batch, ...unsynced.splice(0), ...queue].slice(-MAX_QUEUED_LINES);
    for (const { settle } of batch) settle?.('late');
    failureCount.inc();
    if (isFailing) return;
    isFailing = true;
    logger.error({ err: errorText(error), retryMs }, 'calls: the journal cannot be written; calls go on without it');
    await closeSegment();
    clock.after(retryMs, () => {
      isFailing = false;
      startFlush();
    });
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  }

  function startFlush(): void {
    if (flushing || isFailing || queue.length === 0) return;
    flushing = flush().finally(() => {
      flushing = undefined;
      startFlush();
    });
  }

  function enqueue(line: Line): void {
    queue.push(line);
    if (queue.length > MAX_QUEUED_LINES) queue.shift()?.settle?.('late');
    startFlush();
  }

  function enqueueRecord({ id, version }: CallRecord, json: string, settle: Line['settle']): void {
    newestVersion.set(id, version);
    enqueue({ text: encodeLine(`{"kind":"call","record":${json}}`), callId: id, version, settle });
  }

  function enqueueMark(mark: Mark): void {
    enqueue({ text: encodeLine(JSON.stringify(mark)), callId: null, version: 0, settle: null });
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

  async function readSegment(
    segment: Segment,
    replayed: Map<string, ReplayedCall>,
    alerted: Set<string>,
  ): Promise<void> {
    const lines = (await readFile(segment.path, 'utf8')).split('\n');
    const calls = new Set<string>();
    let unreadable = 0;
    for (const line of lines) {
      if (line === '') continue;
      const entry = decodeEntry(line);
      if (!entry) unreadable++;
      else if (entry.kind === 'call') {
        const { record } = entry;
        calls.add(record.id);
        const known = replayed.get(record.id);
        if (known && known.record.version >= record.version) continue;
        replayed.set(record.id, { record, isAlerted: false });
        newestVersion.set(record.id, record.version);
      } else {
        const known = replayed.get(entry.id);
        alerted.add(entry.id);
        if (entry.kind === 'committed' && known && entry.version >= known.record.version) {
          replayed.delete(entry.id);
          newestVersion.delete(entry.id);
        }
      }
    }
    // The last line may be torn by the crash that this is the recovery from.
    if (unreadable > 0) logger.warn({ path: segment.path, unreadable }, 'calls: unreadable lines in the journal');
    pendingBySegment.set(segment, calls);
  }

  return {
    async open() {
      const replayed = new Map<string, ReplayedCall>();
      const alerted = new Set<string>();
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const segments: Segment[] = [];
        for (const name of await readdir(folder)) {
          const number = Number(SEGMENT.exec(name)?.[1] ?? Number.NaN);
          if (!Number.isNaN(number)) segments.push({ path: join(folder, name), number, bytes: 0 });
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
          for (const id of calls) if (!replayed.has(id)) calls.delete(id);
          dropIfDone(segment);
        }
      } catch (error) {
        failureCount.inc();
        logger.error({ err: errorText(error), folder }, 'calls: the journal cannot be read; calls go on without it');
      }
      try {
        // Now, so that the first call does not wait for it.
        await openSegment();
      } catch (error) {
        await fail(error, []);
      }
      return [...replayed.values()].map(({ record }) => ({ record, isAlerted: alerted.has(record.id) }));
    },
    append(record, json = JSON.stringify(record)) {
      const { promise, resolve } = Promise.withResolvers<AppendOutcome>();
      const isKnownBad = isFailing;
      enqueueRecord(record, json, resolve);
      // A disk that failed just now is not waited for again.
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
      for (const [segment, calls] of pendingBySegment) {
        if (calls.delete(id) && calls.size === 0) dropIfDone(segment);
      }
    },
    markAlerted(id) {
      if (!isClosed) enqueueMark({ kind: 'alerted', id });
    },
    async close() {
      isClosed = true;
      startFlush();
      await whenWritten();
      await whenSynced();
      await closeSegment();
    },
  };
}
