import type { Scope } from '../domain/scope.ts';
import type { Queryable } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Logger } from '../support/logger.ts';
import { type AcceptedInvitation, type AcceptInvitationRequest, createAcceptInvitation } from './accept-invitation.ts';
import {
  type CreatedE911Account,
  type CreateE911AccountDeps,
  type CreateE911AccountRequest,
  createCreateE911Account,
} from './create-e911-account.ts';
import type { E911Account } from './e911-account.ts';
import { selectE911Account } from './e911-account-records.ts';
import { e911AccountSnapshot } from './e911-account-snapshot.ts';
import { createRotateSecret, type RotatedSecret } from './rotate-secret.ts';

export { MIN_PASSWORD } from './accept-invitation.ts';
export type { E911Account, EnqueueMail, OrgPrefix } from './e911-account.ts';

/** The E911 part of the accounts room. */
export type E911Accounts = {
  /** Creates the account, its ids and secret, and its first administrator, who gets an invitation by e-mail. */
  createAccount(scope: Scope, request: CreateE911AccountRequest): Promise<CreatedE911Account>;
  /** The account as stored now; undefined before it was created. Inside a transaction, pass it. */
  readAccount(organizationId: string, db?: Queryable): Promise<E911Account | undefined>;
  /** A new secret, shown this once; the old one stops working. */
  rotateSecret(scope: Scope): Promise<RotatedSecret>;
  /** Sets the administrator's first password by the one-time link. Nobody is authenticated yet. */
  acceptInvitation(request: AcceptInvitationRequest): Promise<AcceptedInvitation>;
  /** From memory; never throws, never waits. */
  account(organizationId: string): E911Account | undefined;
  /** From memory: whose company id this is. */
  organizationOfCompany(companyId: string): string | undefined;
  readonly snapshots: readonly Snapshot<unknown>[];
};

export type E911AccountsDeps = CreateE911AccountDeps & {
  logger: Logger;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
};

export function createE911Accounts(deps: E911AccountsDeps): E911Accounts {
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    e911AccountSnapshot(deps.database.db),
  );
  return {
    createAccount: createCreateE911Account(deps),
    readAccount: (organizationId, db = deps.database.db) => selectE911Account(db, organizationId),
    rotateSecret: createRotateSecret(deps),
    acceptInvitation: createAcceptInvitation(deps),
    account: (organizationId) => snapshot.current().byOrganization.get(organizationId),
    organizationOfCompany: (companyId) => snapshot.current().byCompany.get(companyId),
    snapshots: [snapshot],
  };
}
