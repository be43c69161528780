import type { CallRecord } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createLingerQueue } from './transactions/linger-queue.ts';

/** What alerts/ sends without the database. */
export type EssentialSender = {
  /** `previous`: the version of which people were told before; null: none. */
  sendEssential(record: CallRecord, previous: CallRecord | null): Promise<void>;
  /** Whether there is room for another: what it holds cannot be left to the database. */
  hasEssentialRoom(): boolean;
};

/** Of a record that waits for the database, what its alerts need. */
export type AlertedEntry = {
  record: CallRecord;
  /** The version that the database has; null: none, as far as is known. */
  stored: CallRecord | null;
  isAlerted: boolean;
  /** It gets its essential alert unless the database has it in time. */
  isAlertDue: boolean;
  /** The version that was last told without the database; null: none was. */
  told: CallRecord | null;
};

/** The alerts of calls that the database does not take in time (decision 18). */
export type EssentialAlerts<Entry extends AlertedEntry> = {
  /** The entry is alerted unless it is stored, or no longer due, in time. */
  await(entry: Entry): void;
  /** A new version came. News since an essential alert are told at once, others as by `awaitNews`. */
  noteVersion(entry: Entry): void;
  /** News since the version of which people were told get their essential alert unless the database has them in time. */
  awaitNews(entry: Entry): void;
  /** An untold call of an earlier run: it has waited for long, and waits for no more than one refusal of the database. */
  noteUntold(entry: Entry): void;
  databaseRefused(): void;
  databaseTook(): void;
  /** The call's alert is not due any more. */
  settle(id: string): void;
  /** How many wait for room. */
  readonly waiting: number;
  close(): void;
};

/**
 * While the database took records a moment ago it is behind, not away: records that wait in line then get their essential
 * alert a few at a time, because all of them at once would slow it further.
 */
const ESSENTIAL_WHILE_BEHIND = 8;
/** Each holds its mails until the mail server takes them. */
const MAX_ESSENTIAL = 5_000;
const LOOK_AGAIN_MS = 250;
const NO_ROOM_LOG_MS = 10_000;

/** Of what people hear at once, though they were told of the call before: a flag that was added, and an end without an answer. */
function hasNews({ flags, outcome }: CallRecord, known: CallRecord): boolean {
  const isUnheard = outcome !== known.outcome && (outcome === 'abandoned' || outcome === 'failed');
  return isUnheard || flags.some((flag) => !known.flags.includes(flag));
}

export function createEssentialAlerts<Entry extends AlertedEntry>(deps: {
  sender: EssentialSender;
  clock: Clock;
  logger: Logger;
  /** How long the database has. */
  afterMs: number;
  /** What waits for the database, by call. */
  find(id: string): Entry | undefined;
  /** The database is there, and merely behind. */
  isBehind(): boolean;
  /** People were told of it. */
  onTold(entry: Entry): void;
}): EssentialAlerts<Entry> {
  const { sender, clock, logger } = deps;
  /** By call, so that records which are stored in time are not kept until then. */
  const awaited = createLingerQueue<string>(clock, deps.afterMs, (id) => {
    if (!deps.find(id)?.isAlertDue) return;
    due.add(id);
    sendDue();
  });
  /** Calls whose essential alert waits for its turn, in their order. */
  const due = new Set<string>();
  const untold = new Set<string>();
  let underWay = 0;
  let stopLooking: (() => void) | undefined;
  let noRoomLoggedMs = Number.NEGATIVE_INFINITY;

  function sendDue(): void {
    if (stopLooking) return;
    for (const id of due) {
      const hasRoom = sender.hasEssentialRoom();
      if (!hasRoom) noteNoRoom();
      if (!hasRoom || underWay >= (deps.isBehind() ? ESSENTIAL_WHILE_BEHIND : MAX_ESSENTIAL)) {
        stopLooking = clock.after(LOOK_AGAIN_MS, () => {
          stopLooking = undefined;
          sendDue();
        });
        return;
      }
      due.delete(id);
      const entry = deps.find(id);
      if (entry?.isAlertDue) void send(entry);
    }
  }

  function noteNoRoom(): void {
    const nowMs = clock.monotonicMs();
    if (nowMs - noRoomLoggedMs < NO_ROOM_LOG_MS) return;
    noRoomLoggedMs = nowMs;
    logger.error(
      { waiting: due.size },
      'calls: database and mail server take nothing, and alerts fill their room in memory; further calls wait for theirs',
    );
  }

  async function send(entry: Entry): Promise<void> {
    const call = entry.record.id;
    const previous = entry.told ?? entry.stored;
    entry.isAlertDue = false;
    entry.told = entry.record;
    logger.warn({ call }, 'calls: not in the database in time; the essential alert goes out without it');
    underWay++;
    try {
      await sender.sendEssential(entry.record, previous);
      entry.isAlerted = true;
      deps.onTold(entry);
    } catch (error) {
      logger.error({ err: errorText(error), call }, 'calls: the essential alert could not be sent');
    } finally {
      underWay--;
    }
  }

  function awaitAlert(entry: Entry): void {
    entry.isAlertDue = true;
    awaited.add(entry.record.id);
  }

  function awaitNews(entry: Entry): void {
    const { record, stored, told } = entry;
    const known = told ?? stored;
    if (entry.isAlertDue || record.kind !== '911' || known === null || !hasNews(record, known)) return;
    awaitAlert(entry);
  }

  return {
    await: awaitAlert,
    awaitNews,
    noteVersion(entry) {
      const { record, told } = entry;
      if (!told || !hasNews(record, told)) return awaitNews(entry);
      // What came to light after the essential alert (the relay centre took the call, the caller hung up): those who are told for
      // its sake alone hear of it too.
      entry.isAlertDue = true;
      due.add(record.id);
      sendDue();
    },
    noteUntold: (entry) => void untold.add(entry.record.id),
    databaseRefused() {
      for (const id of untold) if (deps.find(id)?.isAlertDue) due.add(id);
      untold.clear();
      sendDue();
    },
    databaseTook: () => untold.clear(),
    settle: (id) => void due.delete(id),
    get waiting() {
      return due.size;
    },
    close() {
      awaited.close();
      stopLooking?.();
      untold.clear();
      due.clear();
    },
  };
}
