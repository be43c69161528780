import type { Audit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Queryable } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Logger } from '../support/logger.ts';
import { type AcceptedInvitation, type AcceptInvitationRequest, createAcceptInvitation } from './accept-invitation.ts';
import {
  type CreateDetachedAccountRequest,
  type CreatedE911Account,
  type CreateE911AccountDeps,
  type CreateE911AccountRequest,
  createCreateDetachedAccount,
  createCreateE911Account,
} from './create-e911-account.ts';
import { type E911Account, type HeldCredentialsRecord, noAccountYet, type StoredAccount } from './e911-account.ts';
import {
  selectDetachedAccounts,
  selectE911Account,
  selectUsedAccounts,
  updateAccountSettings,
} from './e911-account-records.ts';
import { e911AccountSnapshot } from './e911-account-snapshot.ts';
import { createLoginAdmin, type Login, type LoginRequest } from './login-admin.ts';
import { createHeldCertificates, type HeldCertificates } from './manage-held-certificates.ts';
import { createPasswords } from './passwords.ts';
import { createEndGrace, createRotateSecret, type RotatedSecret } from './rotate-secret.ts';
import type { SignInTrail } from './sign-in-trail.ts';
import { createUpdateServiceSettings, type ServiceSettings } from './update-service-settings.ts';
import { createGuessLimit, createVerifyAdmin, type VerifyAdmin } from './verify-admin.ts';

export type { E911Account, EnqueueMail, HeldCredentialsRecord, OrgPrefix, StoredAccount } from './e911-account.ts';
export type { HeldCertificate, NewHeldCertificate } from './manage-held-certificates.ts';
export { MIN_PASSWORD } from './passwords.ts';

/** The E911 part of the accounts room. */
export type E911Accounts = HeldCertificates & {
  /** Creates the account, its ids and secret, and its first administrator, who gets an invitation by e-mail. */
  createAccount(scope: Scope, request: CreateE911AccountRequest): Promise<CreatedE911Account>;
  /** The account as stored now; undefined before it was created. Inside a transaction, pass it. */
  readAccount(organizationId: string, db?: Queryable): Promise<E911Account | undefined>;
  /** The accounts that the organization gave up and whose company ids its phones may still name. */
  listFormerAccounts(scope: Scope): Promise<{ companyId: string; validUntil: string }[]>;
  /** ISO 8601: until when the secret before the last rotation is good; null when it is not. */
  previousSecretValidUntil(scope: Scope): Promise<string | null>;
  /** A new secret, shown this once; the one before stays good for a grace time. */
  rotateSecret(scope: Scope, wanted?: { graceSeconds?: number }): Promise<RotatedSecret>;
  /** Ends the grace time of replaced secrets and of accounts given up. */
  endGrace(scope: Scope): Promise<void>;
  /** Whether phones must present the secret beside the company id. */
  requireHeldSecret(scope: Scope, isRequired: boolean): Promise<void>;
  /** Checks an E911 administrator's password and tells which account it opens. */
  loginAdmin(scope: Scope, request: LoginRequest): Promise<Login>;
  /** Checks an administrator's password, for whoever signs in. Throws `invalid` or `too-many-requests`. */
  verifyAdmin: VerifyAdmin;
  /** Switches the service on or off; lets the organization use another existing account. */
  updateServiceSettings(scope: Scope, settings: ServiceSettings): Promise<void>;
  /** An account that no organization uses yet; partners and the operator. */
  createDetachedAccount(scope: Scope, request: CreateDetachedAccountRequest): Promise<CreatedE911Account>;
  /** Accounts that no organization uses: the partner's, or all for the operator. */
  listDetachedAccounts(scope: Scope, page: { start: number; max: number }): Promise<StoredAccount[]>;
  /** Sets the administrator's first password by the one-time link. Nobody is authenticated yet. */
  acceptInvitation(request: AcceptInvitationRequest): Promise<AcceptedInvitation>;
  /** From memory; never throws, never waits. */
  account(organizationId: string): E911Account | undefined;
  /** From memory: what opens the HELD door for this company id now. */
  heldCredentials(companyId: string): HeldCredentialsRecord | undefined;
  readonly snapshots: readonly Snapshot<unknown>[];
};

export type E911AccountsDeps = CreateE911AccountDeps & {
  logger: Logger;
  /** Where snapshots are kept for starts without database; undefined = nowhere. */
  snapshotFolder: string | undefined;
  /** How long a replaced secret, or the company id of an account given up, stays good. */
  secretGraceMs: number;
  /** Told of wrong passwords. */
  trail: SignInTrail;
};

function createRequireHeldSecret(deps: { database: Database; audit: Audit }): E911Accounts['requireHeldSecret'] {
  return async function requireHeldSecret(scope, isRequired) {
    const { organizationId } = scope;
    await deps.database.db.transaction().execute(async (tx) => {
      const before = await selectE911Account(tx, organizationId);
      const account = await updateAccountSettings(tx, organizationId, { secretRequired: isRequired });
      if (!before || !account) throw noAccountYet();
      await deps.audit.record(tx, scope, {
        action: 'account.settings-changed',
        subject: `account ${account.companyId}`,
        before: { secretRequired: before.secretRequired },
        after: { secretRequired: isRequired },
      });
      await announceChange(tx, 'accounts', organizationId);
    });
  };
}

export function createE911Accounts(deps: E911AccountsDeps): E911Accounts {
  const { database, clock } = deps;
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    e911AccountSnapshot(database.db),
  );
  const passwords = createPasswords();
  const guesses = createGuessLimit(clock);
  const verifyAdmin = createVerifyAdmin({ ...deps, passwords, guesses });
  const stillValid = (validUntil: string): boolean => Date.parse(validUntil) > clock.nowMs();
  return {
    createAccount: createCreateE911Account(deps),
    readAccount: (organizationId, db = database.db) => selectE911Account(db, organizationId),
    async listFormerAccounts({ organizationId }) {
      const used = await selectUsedAccounts(database.db, organizationId);
      return used.flatMap(({ companyId, former }) =>
        former?.organizationId === organizationId && stillValid(former.validUntil)
          ? [{ companyId, validUntil: former.validUntil }]
          : [],
      );
    },
    async previousSecretValidUntil({ organizationId }) {
      const validUntil = (await selectE911Account(database.db, organizationId))?.previousSecret?.validUntil;
      return validUntil !== undefined && stillValid(validUntil) ? validUntil : null;
    },
    rotateSecret: createRotateSecret(deps),
    endGrace: createEndGrace(deps),
    requireHeldSecret: createRequireHeldSecret(deps),
    ...createHeldCertificates(deps),
    verifyAdmin,
    loginAdmin: createLoginAdmin({ ...deps, verifyAdmin }),
    updateServiceSettings: createUpdateServiceSettings({ ...deps, guesses, verifyAdmin }),
    createDetachedAccount: createCreateDetachedAccount(deps),
    listDetachedAccounts: (scope, page) =>
      scope.role !== 'operator' && scope.partnerId === undefined
        ? Promise.resolve([])
        : selectDetachedAccounts(database.db, {
            ...page,
            partnerId: scope.role === 'operator' ? undefined : scope.partnerId,
          }),
    acceptInvitation: createAcceptInvitation({ ...deps, passwords }),
    account: (organizationId) => snapshot.current().byOrganization.get(organizationId),
    heldCredentials(companyId) {
      const known = snapshot.current().byCompany.get(companyId);
      const nowMs = clock.nowMs();
      if (known === undefined || known.validUntilMs <= nowMs) return undefined;
      const { secretHash, secretRequired, previousSecret } = known.account;
      const isInGrace = previousSecret !== null && Date.parse(previousSecret.validUntil) > nowMs;
      return {
        organizationId: known.organizationId,
        secretHash,
        previousSecretHash: isInGrace ? previousSecret.hash : undefined,
        secretRequired,
        certificates: known.certificates,
      };
    },
    snapshots: [snapshot],
  };
}
