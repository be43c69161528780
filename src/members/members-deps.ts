import type { Audit } from '../audit/audit.ts';
import type { Places } from '../places/places.ts';
import type { Database } from '../storage/database.ts';
import type { Logger } from '../support/logger.ts';

export type MembersDeps = {
  database: Database;
  audit: Audit;
  logger: Logger;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
  /** Rejects with `not-found` or `forbidden` where the scope may not use the location. */
  places: Pick<Places, 'getLocation'>;
};
