import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { deleteOldAlerts } from './retention-records.ts';

const HOUR_MS = 3_600_000;

/** Forgets what organizations do not want to keep any longer, every hour; the returned function ends it. */
export function startForgettingOldAlerts(deps: {
  database: Pick<Database, 'db'>;
  clock: Clock;
  logger: Logger;
}): () => void {
  const { database, clock, logger } = deps;
  let cancel: () => void = () => undefined;
  let isEnded = false;
  async function forget(): Promise<void> {
    try {
      const forgotten = await database.db.transaction().execute((tx) => deleteOldAlerts(tx, new Date(clock.nowMs())));
      if (forgotten > 0) logger.info({ forgotten }, 'receipts and drills are forgotten, as their organizations want');
    } catch (error) {
      logger.warn({ err: errorText(error) }, 'old receipts and drills could not be forgotten');
    }
  }
  const later = (): void => {
    cancel = clock.after(HOUR_MS, () => {
      void forget().then(() => {
        if (!isEnded) later();
      });
    });
  };
  later();
  return () => {
    isEnded = true;
    cancel();
  };
}
