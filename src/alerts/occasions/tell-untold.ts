import type { CallRecord } from '../../domain/call-record.ts';
import { BoundedMap } from '../../support/bounded-map.ts';
import type { Clock } from '../../support/clock.ts';
import { formatTime } from '../content/format-time.ts';
import { cutText, oneLine } from '../content/one-line.ts';

/** Tells the operator of emergency calls of which nobody else is told: whose they are is not known, or nobody is named for the place. */
export type UntoldTelling = {
  /** The same call again tells nothing. Never throws, waits for nothing. */
  tellUntold(records: readonly CallRecord[]): void;
};

export type UntoldTellingDeps = {
  /** `about`: the same mail is sent once. Never rejects. */
  tellOperator(subject: string, text: string, about: string): Promise<void>;
  /** Without a slash at the end. */
  publicUrl: string;
  clock: Pick<Clock, 'monotonicMs'>;
};

/** Whoever calls again and again must not fill a mailbox in which other alarms arrive. */
const MAX_MAILS = 20;
const WINDOW_MS = 10 * 60_000;
/** A transaction that is tried again asks again; messages are sent once by their key anyway. */
const REMEMBERED = 1_000;
const MAX_CALLER = 80;

export function createUntoldTelling(deps: UntoldTellingDeps): UntoldTelling {
  const { publicUrl, clock } = deps;
  const known = new BoundedMap<string, true>(REMEMBERED);
  let windowEndMs = Number.NEGATIVE_INFINITY;
  let mails = 0;

  function hasTurn(): boolean {
    const nowMs = clock.monotonicMs();
    if (nowMs >= windowEndMs) {
      windowEndMs = nowMs + WINDOW_MS;
      mails = 0;
    }
    mails++;
    return mails <= MAX_MAILS;
  }

  return {
    tellUntold(records) {
      for (const record of records) {
        if (known.get(record.id)) continue;
        known.set(record.id, true);
        if (!hasTurn()) continue;
        const { subject, text } = untoldMail(record, publicUrl);
        const more = `This is the last mail of its kind for up to ${WINDOW_MS / 60_000} minutes: see ${publicUrl}/calls for further calls.\n`;
        void deps.tellOperator(subject, mails === MAX_MAILS ? text + more : text, `untold:${record.id}`);
      }
    },
  };
}

function untoldMail(record: CallRecord, publicUrl: string): { subject: string; text: string } {
  const { caller, callback, location, destination } = record;
  const who = oneLine([caller.displayName, caller.number ?? caller.asserted].filter(Boolean).join(', ')) || 'unknown';
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
