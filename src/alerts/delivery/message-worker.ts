import type { Database } from '../../storage/database.ts';
import { type Clock, wait } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AcceptedMessage } from './accepted-log.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { MessageDelivery } from './deliver-message.ts';
import type { MessageAttempt, MessageQueue, MessageQueueName } from './message-queue.ts';
import { findReceiptState, noteAccepted, noteFailure } from './receipt-records.ts';

const POLL_MS = 500;
const HURRIED_POLL_MS = 25;
const HURRY_MS = 400;
const BACK_OFF_MS = 2_000;
const STOP_AFTER_MS = 5_000;

/** Takes the jobs of one queue and sends their mails, several at a time, so that one that hangs delays no other. */
export type MessageWorker = {
  start(): void;
  /** Jobs are about to be committed: look more often for a moment. */
  hurry(): void;
  /** Takes no more jobs; resolves when those under way are settled, or after 5 s: the rest is attempted again later. */
  stop(): Promise<void>;
};

export function createMessageWorker(deps: {
  queueName: MessageQueueName;
  concurrency: number;
  queue: MessageQueue;
  delivery: MessageDelivery;
  database: Database;
  metrics: AlertMetrics;
  clock: Clock;
  logger: Logger;
}): MessageWorker {
  const { queueName, concurrency, queue, delivery, database, metrics, clock, logger } = deps;
  const underWay = new Set<Promise<void>>();
  let stopping = false;
  let running: Promise<void> | undefined;
  let hurriedUntilMs = 0;
  let wake: () => void = () => undefined;
  let failing = false;

  /** Another node may have sent it by the essential path. A database that does not answer says no: better twice than late. */
  async function isSent(key: string): Promise<boolean> {
    try {
      return (await findReceiptState(database.db, key)) === 'accepted';
    } catch (error) {
      logger.debug({ key: key, err: errorText(error) }, 'no receipt can be read; the mail is sent');
      return false;
    }
  }

  async function settle(attempt: MessageAttempt): Promise<void> {
    const { mail, isLast } = attempt;
    if (await isSent(mail.key)) {
      await queue.complete(queueName, attempt);
      return;
    }
    let accepted: AcceptedMessage;
    try {
      accepted = await delivery.deliver(mail, 'job');
    } catch (error) {
      const reason = errorText(error);
      logger.warn(
        { key: mail.key, callId: mail.callId, attempt: attempt.retryCount + 1, isLast, err: reason },
        'mail not sent',
      );
      if (isLast) metrics.exhausted(mail.kind);
      else metrics.failed(mail.kind);
      await noteFailure(database.db, mail.key, reason, isLast, new Date(clock.nowMs()));
      await queue.fail(queueName, attempt, reason);
      return;
    }
    await noteAccepted(database.db, accepted);
    await queue.complete(queueName, attempt);
  }

  function begin(attempt: MessageAttempt): void {
    const work = settle(attempt)
      // Unsettled, the job expires and is attempted again; the log of accepted mails then knows it.
      .catch((error: unknown) => {
        logger.warn({ key: attempt.mail.key, err: errorText(error) }, 'mail job could not be settled');
      })
      .finally(() => {
        underWay.delete(work);
        wake();
      });
    underWay.add(work);
  }

  function pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  /** How long to wait before looking again. */
  async function takeOnce(): Promise<number> {
    const free = concurrency - underWay.size;
    if (free <= 0) return POLL_MS;
    try {
      const attempts = await queue.take(queueName, free);
      for (const attempt of attempts) begin(attempt);
      if (failing) logger.info({ queue: queueName }, 'mail jobs are read again');
      failing = false;
      return clock.nowMs() < hurriedUntilMs ? HURRIED_POLL_MS : POLL_MS;
    } catch (error) {
      if (!failing) logger.warn({ queue: queueName, err: errorText(error) }, 'mail jobs cannot be read');
      failing = true;
      return BACK_OFF_MS;
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      if (stopping) break;
      const delayMs = await takeOnce();
      if (!stopping) await pause(delayMs);
    }
    await Promise.all(underWay);
  }

  return {
    start() {
      running ??= run();
    },
    hurry() {
      hurriedUntilMs = clock.nowMs() + HURRY_MS;
      wake();
    },
    async stop() {
      stopping = true;
      wake();
      await Promise.race([running, wait(clock, STOP_AFTER_MS)]);
    },
  };
}
