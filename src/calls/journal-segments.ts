import { join } from 'node:path';
import type { CallRecord } from '../domain/call-record.ts';
import { createBreather } from '../support/breather.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { JournalFile, JournalFiles } from './journal-files.ts';
import { decodeLine } from './journal-line.ts';

/** A call that the journal holds and the database may not have. */
export type ReplayedCall = {
  record: CallRecord;
  /** Its essential alert went out before (decision 18). */
  isAlerted: boolean;
};

/** A file of the journal. */
export type Segment = { readonly path: string; readonly number: number; ino: number; bytes: number; openedMs: number };

/** The files together are as large as they may get, until the database has taken what they hold. */
export class JournalFullError extends Error {}

/**
 * The files of the journal, and which calls each of them is kept for: those that the database may not have. A file goes when it is
 * kept for none. Operations on files reject with the error of the file system.
 */
export type JournalSegments = {
  /** Reads what earlier runs left behind, oldest call first. Of very many calls the rest is `takeUp`'s. Rejects when the folder cannot be read. */
  read(): Promise<ReplayedCall[]>;
  /** Calls that are in the files and not in the database, without those that are known to whoever asks; oldest file first, at most `max`. */
  takeUp(isKnown: (id: string) => boolean, max: number): Promise<CallRecord[]>;
  /** The file to write to: a new one when there is none, or when that one is large enough. Rejects with JournalFullError. */
  open(): Promise<JournalFile>;
  /** The file that is written to. */
  readonly file: JournalFile | undefined;
  readonly current: Segment | undefined;
  closeCurrent(): Promise<void>;
  /** There is this version of a record that the database does not have. */
  note(id: string, version: number): void;
  /** Whether no later version is known, and the database does not have this one. */
  isNewest(id: string, version: number): boolean;
  /** The segment holds so many bytes more, of these calls' versions; lines of no call have null. */
  wrote(segment: Segment, bytes: number, versions: readonly { callId: string | null; version: number }[]): void;
  /** The database has this version of the record; false when a later one is known. */
  committed(id: string, version: number): boolean;
  /** Removes the files that are kept for no call. */
  tidy(): void;
  /** Nothing in the current file is needed, and it is old: `at` by the monotonic clock. */
  isIdle(at: number): boolean;
  /** Those whose files are not there any more, or are others. */
  findGone(): Promise<Segment[]>;
  /** Forgets them; gives those that were not forgotten before. */
  forget(gone: readonly Segment[]): Segment[];
};

const NAME = /^calls-(\d{8})\.journal$/;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** A segment whose calls are all in the database is dropped when it has grown to this, or become so old. */
const TIDY_SEGMENT_BYTES = 1024 * 1024;
const TIDY_SEGMENT_MS = 3_600_000;
/** Replayed at once; a long outage of the database leaves more than memory should hold. */
const MAX_REPLAYED = 20_000;

export function createJournalSegments(deps: {
  /** Where the segments lie; made when it is missing. */
  folder: string;
  files: JournalFiles;
  clock: Clock;
  logger: Logger;
  /** Bytes of all segments together. */
  maxBytes: number;
  /** Of a disk that hangs nothing is asked. */
  isDiskHung(): boolean;
  /** Resolves when nothing of the current file is being synced. */
  whenSynced(): Promise<void>;
}): JournalSegments {
  const { folder, files, clock, logger, maxBytes } = deps;
  /** Per segment, the calls in it that the database may not have. */
  const pendingBySegment = new Map<Segment, Set<string>>();
  /** Newest version per call that is not known to be committed. */
  const newestVersion = new Map<string, number>();
  let opening: Promise<JournalFile> | undefined;
  let file: JournalFile | undefined;
  let current: Segment | undefined;
  let nextNumber = 1;

  function totalBytes(): number {
    let total = 0;
    for (const { bytes } of pendingBySegment.keys()) total += bytes;
    return total;
  }

  async function begin(): Promise<JournalFile> {
    await deps.whenSynced();
    await closeCurrent();
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

  async function closeCurrent(): Promise<void> {
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
    // With a disk that hangs it is looked at again when it answers.
    if (segment === current || deps.isDiskHung() || !pendingBySegment.has(segment) || !isDone(segment)) return;
    pendingBySegment.delete(segment);
    files.remove(segment.path).catch((error: unknown) => {
      logger.warn({ err: errorText(error), path: segment.path }, 'calls: a journal segment cannot be removed');
    });
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

  async function listSegments(): Promise<Segment[]> {
    const segments: Segment[] = [];
    for (const name of await files.list(folder)) {
      const number = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(number)) continue;
      segments.push({ path: join(folder, name), number, ino: 0, bytes: 0, openedMs: clock.monotonicMs() });
    }
    return segments.sort((a, b) => a.number - b.number);
  }

  return {
    async read() {
      const replayed = new Map<string, ReplayedCall>();
      const alerted = new Set<string>();
      await files.makeFolder(folder);
      const segments = await listSegments();
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
      return [...replayed.values()].map(({ record }) => ({ record, isAlerted: alerted.has(record.id) }));
    },
    async takeUp(isKnown, max) {
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
    },
    // One at a time: two at once would write to one file and sync the other.
    async open() {
      if (!opening && file && current && !isFull(current)) return file;
      opening ??= begin().finally(() => {
        opening = undefined;
      });
      return opening;
    },
    get file() {
      return file;
    },
    get current() {
      return current;
    },
    closeCurrent,
    note: (id, version) => void newestVersion.set(id, version),
    isNewest: (id, version) => version === newestVersion.get(id),
    wrote(segment, bytes, versions) {
      segment.bytes += bytes;
      const pending = pendingBySegment.get(segment);
      for (const { callId, version } of versions) {
        if (callId !== null && version <= (newestVersion.get(callId) ?? 0)) pending?.add(callId);
      }
    },
    committed(id, version) {
      if ((newestVersion.get(id) ?? 0) > version) return false;
      newestVersion.delete(id);
      for (const [segment, calls] of pendingBySegment) {
        if (calls.delete(id) && calls.size === 0) dropIfDone(segment);
      }
      return true;
    },
    tidy() {
      for (const segment of pendingBySegment.keys()) dropIfDone(segment);
    },
    isIdle: (at) =>
      current !== undefined && current.bytes > 0 && isDone(current) && at - current.openedMs >= TIDY_SEGMENT_MS,
    async findGone() {
      const gone: Segment[] = [];
      for (const segment of pendingBySegment.keys()) {
        // A file that cannot be looked at may be there all the same: writing will tell.
        const found = await files.stat(segment.path).catch((error: unknown) => (isMissing(error) ? null : segment));
        if (found?.ino !== segment.ino && pendingBySegment.has(segment)) gone.push(segment);
      }
      return gone;
    },
    forget: (gone) => gone.filter((segment) => pendingBySegment.delete(segment)),
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

function* linesOf(bytes: Buffer): Generator<string> {
  let start = 0;
  for (let end = bytes.indexOf(10); start < bytes.length; end = bytes.indexOf(10, start)) {
    const stop = end === -1 ? bytes.length : end;
    if (stop > start) yield bytes.toString('utf8', start, stop);
    start = stop + 1;
  }
}
