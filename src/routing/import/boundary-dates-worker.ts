import type { Audit } from '../../audit/audit.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { hasTurned, tryLockBoundaries, turnBoundaries } from './boundary-records.ts';

export type BoundaryDates = {
  /** Brings boundaries into force and lets them expire as of now; gives how many turned. */
  turn(): Promise<number>;
  /** Looks every half minute from now on. */
  start(): void;
  stop(): Promise<void>;
};

const EVERY_MS = 30_000;
const ACTOR = { tokenId: 'system', trackingId: 'boundary-dates', organizationId: null };
const LISTED = 1_000;

/** `Effective` and `Expire` of boundaries (NENA-STA-006.3): what their dates say comes true on every node at once. */
export function createBoundaryDates(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
}): BoundaryDates {
  const { audit, clock, database, logger } = deps;
  let cancel: () => void = () => undefined;
  let stopped = false;
  let work: Promise<unknown> = Promise.resolve();

  async function turn(): Promise<number> {
    const now = new Date(clock.nowMs());
    if (!(await hasTurned(database.db, now))) return 0;
    return database.db.transaction().execute(async (tx) => {
      // An import sets what it stores by its dates; the rows of others are looked at the next time.
      if (!(await tryLockBoundaries(tx))) return 0;
      const turned = await turnBoundaries(tx, now);
      // Another node was there first.
      if (turned.length === 0) return 0;
      const ids = (inForce: boolean): string[] =>
        turned
          .filter((one) => one.inForce === inForce)
          .map(({ sourceId }) => sourceId)
          .slice(0, LISTED);
      await audit.record(tx, ACTOR, {
        action: 'boundaries.turned',
        subject: 'boundaries',
        detail: { cameIntoForce: ids(true), expired: ids(false) },
      });
      await announceChange(tx, 'routing', null);
      return turned.length;
    });
  }

  function next(): void {
    if (stopped) return;
    cancel = clock.after(EVERY_MS, () => {
      work = turn()
        .catch((error: unknown) => logger.warn({ err: errorText(error) }, 'dates of boundaries could not be looked at'))
        .finally(next);
    });
  }

  return {
    turn,
    start: next,
    async stop() {
      stopped = true;
      cancel();
      await work;
    },
  };
}
