import type { Addresses } from '../addresses/addresses.ts';
import type { Audit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import type { Places } from '../places/places.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';

export type MembersDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  addresses: Pick<Addresses, 'civicFromPostal' | 'readEmergencyAddress'>;
  logger: Logger;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
  /** Rejects with `not-found` or `forbidden` where the scope may not use the location. */
  places: Pick<Places, 'getLocation' | 'readLocationAddresses' | 'location' | 'emergencyAddress' | 'findElins'>;
  /** Ends the tokens of a person in the transaction that removes it. */
  revokeTokensOfPerson?: (tx: Transaction, scope: Scope, personId: string) => Promise<void>;
};
