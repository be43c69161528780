import type { CallRecord } from '../../domain/call-record.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import type { AlertMessage } from '../alert-message.ts';
import { formatTime } from '../content/format-time.ts';
import { cutText, oneLine } from '../content/one-line.ts';

/** Tells the operator of emergency calls of which nobody else is told: whose they are is not known, or nobody is named for the place. */
export type UntoldTelling = {
  /**
   * The mails that tell of these calls, to be stored or sent together with what else is told of them: as durable as that is. The same
   * call again gets the same mail. Of calls beyond those that get one each, one mail a minute tells. Never throws.
   */
  mailsAbout(records: readonly CallRecord[]): readonly AlertMessage[];
  /** Tells at once of the calls that wait to be summed up; resolves when that is stored or sent, or after a second. */
  stop(): Promise<void>;
};

export type UntoldTellingDeps = {
  /** `about`: the same mail is sent once. Never throws. */
  writeOperatorMail(subject: string, text: string, about: string): AlertMessage;
  /** In a transaction of its own, or from memory. Never rejects. */
  tellOperator(subject: string, text: string): Promise<void>;
  /** Without a slash at the end. */
  publicUrl: string;
  clock: Pick<Clock, 'monotonicMs' | 'after'>;
};

/** Whoever calls again and again must not fill a mailbox in which other alarms arrive. */
const MAX_MAILS = 20;
const WINDOW_MS = 10 * 60_000;
const SUM_UP_EVERY_MS = 60_000;
/** Calls that one mail names; the others it counts. */
const MAX_NAMED = 50;
/** A transaction that is tried again asks again; messages are sent once by their key anyway. */
const REMEMBERED = 1_000;
const MAX_CALLER = 80;
const MAX_LOCATION = 200;
const STOP_MS = 1_000;

export function createUntoldTelling(deps: UntoldTellingDeps): UntoldTelling {
  const { publicUrl, clock } = deps;
  /** By call; null: it is told of with others. */
  const known = new BoundedMap<string, AlertMessage | null>(REMEMBERED);
  let windowEndMs = Number.NEGATIVE_INFINITY;
  let mails = 0;
  let further = 0;
  let named: string[] = [];
  let stopWaiting: (() => void) | undefined;

  function hasTurn(): boolean {
    const nowMs = clock.monotonicMs();
    if (nowMs >= windowEndMs) {
      windowEndMs = nowMs + WINDOW_MS;
      mails = 0;
    }
    if (mails >= MAX_MAILS) return false;
    mails++;
    return true;
  }

  function writeMail(record: CallRecord): AlertMessage {
    const { subject, text } = untoldMail(record, publicUrl);
    const more = `Of further calls one mail a minute tells for up to ${WINDOW_MS / 60_000} minutes.\n`;
    return deps.writeOperatorMail(subject, mails === MAX_MAILS ? text + more : text, `untold:${record.id}`);
  }

  function sumUpLater(record: CallRecord): void {
    further++;
    if (named.length < MAX_NAMED) named.push(lineOf(record, publicUrl));
    stopWaiting ??= clock.after(SUM_UP_EVERY_MS, () => void sumUp());
  }

  async function sumUp(): Promise<void> {
    stopWaiting?.();
    stopWaiting = undefined;
    if (further === 0) return;
    const { subject, text } = furtherMail(further, named, publicUrl);
    further = 0;
    named = [];
    await deps.tellOperator(subject, text);
  }

  return {
    mailsAbout(records) {
      const found: AlertMessage[] = [];
      for (const record of records) {
        let mail = known.get(record.id);
        if (mail === undefined) {
          mail = hasTurn() ? writeMail(record) : null;
          if (mail === null) sumUpLater(record);
          known.set(record.id, mail);
        }
        if (mail !== null) found.push(mail);
      }
      return found;
    },
    async stop() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancel = clock.after(STOP_MS, resolve);
      await Promise.race([sumUp(), promise]);
      cancel();
    },
  };
}

function callerOf({ caller }: CallRecord): string {
  return oneLine([caller.displayName, caller.number ?? caller.asserted].filter(Boolean).join(', ')) || 'unknown';
}

function lineOf(record: CallRecord, publicUrl: string): string {
  const { id, startedAt, callback, location } = record;
  const facts = [
    formatTime('en-US', startedAt, undefined),
    cutText(callerOf(record), MAX_CALLER),
    `callback ${oneLine(callback.number ?? '') || 'unknown'}`,
    `location ${cutText(oneLine(location?.text ?? ''), MAX_LOCATION) || 'unknown'}`,
    `${publicUrl}/calls/${id}`,
  ];
  return `${facts.join('; ')}\n`;
}

function furtherMail(count: number, named: readonly string[], publicUrl: string): { subject: string; text: string } {
  const calls = count === 1 ? '1 further 911 call' : `${count} further 911 calls`;
  const rest = count - named.length;
  const more = rest === 0 ? '' : `\nand ${rest} more: ${publicUrl}/calls\n`;
  return {
    subject: `Waymark: ${calls} of which nobody else is told`,
    text: `${calls} of which nobody on site is told, within the last minute:\n\n${named.join('')}${more}`,
  };
}

function untoldMail(record: CallRecord, publicUrl: string): { subject: string; text: string } {
  const { callback, location, destination } = record;
  const who = callerOf(record);
  const why =
    record.organizationId === null
      ? 'It is not known whose call it is.'
      : 'Its organization has named nobody who is told of calls from there.';
  const lines = [
    ['Made', formatTime('en-US', record.startedAt, undefined)],
    ['Caller', who],
    ['Callback number', oneLine(callback.number ?? '') || 'unknown'],
    ['Location', oneLine(location?.text ?? '') || 'unknown'],
    ['Sent to', oneLine(destination.name)],
    ['Came from', oneLine(record.peer)],
    ['Organization', record.organizationId ?? 'unknown'],
    ['Call', `${publicUrl}/calls/${record.id}`],
  ];
  return {
    subject: `Waymark: a 911 call of which nobody else is told – ${cutText(who, MAX_CALLER)}`,
    text: `A 911 call was made, and nobody on site is told of it. ${why}\n\n${lines.map(([name, value]) => `${name}: ${value}\n`).join('')}\n`,
  };
}
