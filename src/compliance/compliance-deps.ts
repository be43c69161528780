import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { Audit } from '../audit/audit.ts';
import type { CompletedStage } from '../domain/stage.ts';
import type { Places } from '../places/places.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

/** A stage that was completed, or the service that was left or entered again, by the organization or by one location. */
export type StageNews = {
  organizationId: string;
  /** null: the organization, and those of its locations that follow. */
  locationId: string | null;
  change: 'advanced' | 'opted-out' | 'returned';
  /** The last stage that is completed now; null: none. */
  completed: CompletedStage;
  /** Who changed it. */
  by: string;
  at: Date;
};

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
  /** Told of every change in the transaction that makes it. */
  onStageChanged?: ((tx: Transaction, news: StageNews) => Promise<void>) | undefined;
};
