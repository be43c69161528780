import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { Audit } from '../audit/audit.ts';
import type { Places } from '../places/places.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

export type ComplianceDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
  accounts: Pick<E911Accounts, 'readAccount' | 'account'>;
  places: Pick<Places, 'readLocationBriefs' | 'location'>;
  /** How long a change waits for another one of the same organization before it is `locked`; 2 s unless told. */
  lockWaitMs?: number;
};
