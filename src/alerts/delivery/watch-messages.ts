import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AcceptedLog } from './accepted-log.ts';
import type { MessageDelivery } from './deliver-message.ts';
import type { ReceiptState } from './receipt.ts';

/**
 * Keeps an eye on alerts whose jobs stand in the database until they are known to be sent: a database that goes away in
 * between must not keep them back, so they then go out without it (decision 18).
 */
export type MessageWatch = {
  add(mails: readonly AlertMessage[]): void;
  stop(): void;
};

const FIRST_LOOK_MS = 2_000;
const MAX_LOOK_MS = 60_000;
const WATCH_FOR_MS = 2 * 60 * 60 * 1_000;
const ANSWER_MS = 2_000;
const MAX_WATCHED = 50_000;

export function createMessageWatch(deps: {
  delivery: Pick<MessageDelivery, 'deliver'>;
  log: Pick<AcceptedLog, 'find'>;
  /** Rejects or stays silent while the database is away. */
  findState(key: string): Promise<ReceiptState | undefined>;
  clock: Clock;
  logger: Logger;
}): MessageWatch {
  const { delivery, log, clock, logger } = deps;
  const watched = new Map<string, () => void>();
  let isStopped = false;

  async function findState(key: string): Promise<ReceiptState | 'unknown' | 'away'> {
    let cancel = (): void => undefined;
    const silence = new Promise<'away'>((resolve) => {
      cancel = clock.after(ANSWER_MS, () => resolve('away'));
    });
    try {
      return (await Promise.race([deps.findState(key), silence])) ?? 'unknown';
    } catch (error) {
      logger.debug({ key: key, err: errorText(error) }, 'no receipt can be read');
      return 'away';
    } finally {
      cancel();
    }
  }

  /** Whether there is nothing left to watch. */
  async function look(mail: AlertMessage): Promise<boolean> {
    if (log.find(mail.key)) return true;
    const state = await findState(mail.key);
    if (state !== 'away') {
      // Without a receipt its transaction failed: whoever wanted the mail tries again and adds it again.
      return state === 'accepted' || state === 'exhausted' || state === 'unknown';
    }
    try {
      await delivery.deliver(mail, 'essential');
      logger.info({ callId: mail.callId, key: mail.key }, 'the database went away; alert sent without it');
      return true;
    } catch (error) {
      logger.warn({ callId: mail.callId, key: mail.key, err: errorText(error) }, 'alert not sent yet');
      return false;
    }
  }

  function lookAfter(mail: AlertMessage, delayMs: number, endMs: number): void {
    const cancel = clock.after(delayMs, () => {
      look(mail).then(
        (isDone) => {
          if (isStopped || isDone || clock.nowMs() > endMs) watched.delete(mail.key);
          else lookAfter(mail, Math.min(delayMs * 2, MAX_LOOK_MS), endMs);
        },
        (error: unknown) => {
          watched.delete(mail.key);
          logger.error({ key: mail.key, err: errorText(error) }, 'a mail cannot be watched');
        },
      );
    });
    watched.set(mail.key, cancel);
  }

  return {
    add(mails) {
      for (const mail of mails) {
        if (isStopped || watched.has(mail.key) || watched.size >= MAX_WATCHED) continue;
        lookAfter(mail, FIRST_LOOK_MS, clock.nowMs() + WATCH_FOR_MS);
      }
    },
    stop() {
      isStopped = true;
      for (const cancel of watched.values()) cancel();
      watched.clear();
    },
  };
}
