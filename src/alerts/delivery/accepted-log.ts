import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFileAtomically } from '../../support/atomic-file.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { AlertMessage } from '../alert-message.ts';

/** A message that the other side took. */
export type AcceptedMessage = Pick<
  AlertMessage,
  'key' | 'kind' | 'severity' | 'organizationId' | 'callId' | 'incidentId' | 'recipientId' | 'label' | 'reasons'
> & {
  channel: AlertChannel;
  /** ISO 8601. */
  at: string;
  /** The server's words. */
  response: string;
};

/** Which mails were taken, kept in a local file that survives a crash and needs no database (decision 18). */
export type AcceptedLog = {
  /** Reads the file; safe to call again. */
  load(): Promise<void>;
  find(key: string): AcceptedMessage | undefined;
  ofCall(callId: string): readonly AcceptedMessage[];
  /** Remembers at once, and resolves when the line is on the disk; a disk that refuses is logged, not thrown. */
  add(mail: AcceptedMessage): Promise<void>;
};

const KEEP_MS = 7 * 24 * 60 * 60 * 1_000;
const KEEP_AT_MOST = 100_000;
/**
 * Between two syncs, in real time, so that a burst makes few large ones: the journal, for which calls wait, syncs on the same
 * disk. What was taken since the last one is sent again, under the same `Message-ID`, should the process be killed.
 */
const SYNC_EVERY_MS = 20;
/** While there is always more to write, the file is opened anew so often: somebody may have moved or removed it. */
const OPEN_FOR_MS = 1_000;

/** Lines of the time when there were only mails about calls that started, and other mails. */
function readFirstForm(entry: Partial<AcceptedMessage> & { recipient?: unknown }): AcceptedMessage | undefined {
  const { callId = null, kind, recipient, ...rest } = entry;
  if (typeof recipient !== 'string') return undefined;
  const isAlert = kind === 'call-alert';
  return {
    ...(rest as AcceptedMessage),
    callId,
    kind: isAlert ? 'call-started' : String(kind),
    severity: isAlert ? 'emergency' : 'info',
    incidentId: callId,
    recipientId: null,
    label: recipient,
    channel: 'email',
  };
}

const TEXTS = ['key', 'at', 'response', 'kind'] as const;

/** A line that is none would keep every receipt that is stored with it from being stored. */
function readLine(line: string): AcceptedMessage | undefined {
  try {
    const entry = JSON.parse(line) as Partial<AcceptedMessage> | null;
    if (!entry || TEXTS.some((name) => typeof entry[name] !== 'string')) return undefined;
    if (Number.isNaN(Date.parse(entry.at ?? '')) || !Array.isArray(entry.reasons)) return undefined;
    if (entry.label !== undefined) return entry as AcceptedMessage;
    return readFirstForm(entry);
  } catch {
    // A crash can tear the last line; its mail is then sent once more under the same Message-ID.
    return undefined;
  }
}

export function createAcceptedLog(deps: { path: string | undefined; clock: Clock; logger: Logger }): AcceptedLog {
  const { path, clock, logger } = deps;
  const byKey = new Map<string, AcceptedMessage>();
  const byCall = new Map<string, AcceptedMessage[]>();
  let loading: Promise<void> | undefined;
  /** What is written together, next. */
  let next: { lines: string[]; written: PromiseWithResolvers<void> } | undefined;
  let isWriting = false;
  let linesInFile = 0;
  let torn = false;
  let kept: { handle: FileHandle; openedMs: number } | undefined;
  let syncedMs = Number.NEGATIVE_INFINITY;

  function remember(mail: AcceptedMessage): void {
    if (byKey.has(mail.key)) return;
    byKey.set(mail.key, mail);
    if (mail.callId === null) return;
    const ofCall = byCall.get(mail.callId);
    if (ofCall) ofCall.push(mail);
    else byCall.set(mail.callId, [mail]);
  }

  /** Forgets what is too old or too much; entries stand in the order in which they came. */
  function forgetOld(): void {
    const oldest = clock.nowMs() - KEEP_MS;
    for (const [key, mail] of byKey) {
      if (byKey.size <= KEEP_AT_MOST && Date.parse(mail.at) >= oldest) return;
      byKey.delete(key);
      if (mail.callId === null) continue;
      const rest = byCall.get(mail.callId)?.filter((other) => other.key !== key) ?? [];
      if (rest.length > 0) byCall.set(mail.callId, rest);
      else byCall.delete(mail.callId);
    }
  }

  async function compact(file: string): Promise<void> {
    forgetOld();
    await writeFileAtomically(file, [...byKey.values()].map((mail) => `${JSON.stringify(mail)}\n`).join(''));
    linesInFile = byKey.size;
    torn = false;
  }

  async function readAll(file: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    let content: string;
    try {
      content = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    const lines = content.split('\n');
    torn = lines.pop() !== '';
    for (const line of lines) {
      const mail = readLine(line);
      if (mail) remember(mail);
    }
    linesInFile = lines.length;
    forgetOld();
    if (torn || linesInFile > byKey.size) await compact(file);
  }

  async function opened(file: string): Promise<FileHandle> {
    if (kept && performance.now() - kept.openedMs > OPEN_FOR_MS) await letGo();
    kept ??= { handle: await open(file, 'a', 0o600), openedMs: performance.now() };
    return kept.handle;
  }

  async function letGo(): Promise<void> {
    const handle = kept?.handle;
    kept = undefined;
    // What was written is synced already.
    await handle?.close().catch((error: unknown) => {
      logger.warn({ err: errorText(error) }, 'the log of accepted mails could not be closed');
    });
  }

  async function append(file: string, lines: readonly string[]): Promise<void> {
    try {
      const handle = await opened(file);
      // A torn line must not swallow the next one.
      await handle.appendFile((torn ? '\n' : '') + lines.join(''));
      torn = false;
      await handle.datasync();
    } catch (error) {
      torn = true;
      await letGo();
      throw error;
    }
    linesInFile += lines.length;
    if (linesInFile <= 2 * KEEP_AT_MOST) return;
    await letGo();
    await compact(file);
  }

  async function writeNext(file: string): Promise<void> {
    const waitMs = syncedMs + SYNC_EVERY_MS - performance.now();
    if (waitMs > 0) await delay(waitMs);
    const batch = next;
    next = undefined;
    if (!batch) return;
    try {
      await append(file, batch.lines);
    } catch (error) {
      logger.error({ err: errorText(error), mails: batch.lines.length }, 'accepted mails could not be noted on disk');
    }
    syncedMs = performance.now();
    batch.written.resolve();
  }

  /** Writes what waits, all of it in one go, until nothing does. */
  async function drain(file: string): Promise<void> {
    isWriting = true;
    while (next) {
      await writeNext(file);
      if (!next) await letGo();
    }
    isWriting = false;
  }

  const log: AcceptedLog = {
    load() {
      loading ??= path === undefined ? Promise.resolve() : readAll(path);
      // A disk that cannot be read now may be readable later; until then this process remembers by itself.
      return loading.catch((error: unknown) => {
        loading = undefined;
        logger.error({ err: errorText(error) }, 'the log of accepted mails cannot be read');
      });
    },
    find: (key) => byKey.get(key),
    ofCall: (callId) => byCall.get(callId) ?? [],
    async add(mail) {
      remember(mail);
      if (path === undefined) return;
      next ??= { lines: [], written: Promise.withResolvers() };
      next.lines.push(`${JSON.stringify(mail)}\n`);
      const { written } = next;
      if (!isWriting) void drain(path);
      await written.promise;
    },
  };
  return log;
}
