import type { Database } from '../../storage/database.ts';
import { type Clock, wait } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertMessage } from '../alert-message.ts';
import type { AlertMetrics } from './alert-metrics.ts';
import type { MessageDelivery } from './deliver-message.ts';
import { findReceiptState, noteAccepted } from './receipt-records.ts';

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;
const TRY_FOR_MS = 2 * 60 * 60 * 1_000;

/**
 * Sends the alerts of a call, or of what else happened, without the database (decision 18). Each is tried until the mail server takes it, a
 * durable job stands for it, two hours are over, or `isStopping`.
 */
export async function sendEssential(
  deps: {
    delivery: MessageDelivery;
    database: Database;
    metrics: AlertMetrics;
    clock: Clock;
    logger: Logger;
    isStopping: () => boolean;
  },
  subjectId: string,
  mails: readonly AlertMessage[],
): Promise<void> {
  const { delivery, database, metrics, clock, logger } = deps;

  /** Whether the database already holds a job for the mail; no answer means no. */
  async function jobStands(key: string): Promise<boolean> {
    try {
      return (await findReceiptState(database.db, key)) !== undefined;
    } catch (error) {
      logger.debug({ key: key, err: errorText(error) }, 'no receipt can be read; the essential path goes on');
      return false;
    }
  }

  async function sendOne(mail: AlertMessage): Promise<void> {
    const endMs = clock.nowMs() + TRY_FOR_MS;
    for (let delayMs = FIRST_DELAY_MS; !deps.isStopping(); delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
      try {
        const accepted = await delivery.deliver(mail, 'essential');
        logger.info({ subjectId, key: mail.key }, 'alert sent without the database');
        // Where the database is back already, its receipt need not wait for the job.
        noteAccepted(database.db, accepted).catch((error: unknown) => {
          logger.debug({ key: mail.key, err: errorText(error) }, 'the receipt follows with the record');
        });
        return;
      } catch (error) {
        logger.warn({ subjectId, key: mail.key, err: errorText(error) }, 'alert not sent yet');
      }
      if (clock.nowMs() + delayMs > endMs) {
        metrics.exhausted(mail.kind);
        logger.error({ subjectId, key: mail.key }, 'alert given up; it waits for the database');
        return;
      }
      metrics.failed(mail.kind);
      await wait(clock, delayMs);
      if (await jobStands(mail.key)) return;
    }
  }

  await Promise.all(mails.map(sendOne));
}
