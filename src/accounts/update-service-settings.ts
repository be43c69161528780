import type { Audit } from '../audit/audit.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { equalInConstantTime, sha256Hex } from '../support/ids.ts';
import { noAccountYet, type StoredAccount } from './e911-account.ts';
import {
  attachAccount,
  detachAccount,
  lockAccounts,
  selectAccountByCompany,
  selectE911Account,
  updateAccountSettings,
} from './e911-account-records.ts';
import type { GuessLimit, VerifyAdmin } from './verify-admin.ts';

/** Contract section 2, PUT serviceSettings; null is as good as absent. */
export type ServiceSettings = {
  enabled: boolean;
  /** The account to use: the organization's own, or another that no organization uses. */
  companyId?: string | null | undefined;
  secret?: string | null | undefined;
  externalTenantEnabled?: boolean | null | undefined;
  /** Of an administrator of that account. */
  email?: string | null | undefined;
  password?: string | null | undefined;
};

export type UpdateServiceSettingsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  secretGraceMs: number;
  guesses: GuessLimit;
  verifyAdmin: VerifyAdmin;
};

const MAX_TEXT = 512;

function given(text: string | null | undefined, path: string): string | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed.length > MAX_TEXT) throw invalidField(path, `at most ${MAX_TEXT} characters`);
  return trimmed === '' ? undefined : trimmed;
}

/** Both, where the account is an external tenant's (contract section 2). */
function requireLogin({ email, password }: ServiceSettings): { email: string; password: string } {
  if (email && password) return { email, password };
  const missing = [...(email ? [] : ['email']), ...(password ? [] : ['password'])];
  throw new ProblemError('invalid', `${missing.join(' and ')}: required for the account of an external tenant`, {
    fields: missing.map((path) => ({ path, message: 'is required where externalTenantEnabled is true' })),
  });
}

function changedMeanwhile(): ProblemError {
  return new ProblemError('conflict', 'the account was changed by another request at the same moment; read it again');
}

/**
 * Switches the service on or off, and lets the organization use another existing account (decision 37). What is switched off
 * keeps routing its emergency calls (decision 10). Throws `invalid`, `conflict` (no account; the account is another
 * organization's) or `too-many-requests`.
 */
export function createUpdateServiceSettings(deps: UpdateServiceSettingsDeps) {
  const { database } = deps;

  /** The secret is what proves that the account may be used. */
  function requireSecret(scope: Scope, account: StoredAccount | undefined, secret: string, target: string) {
    const uncount = deps.guesses.enter(scope, `company ${target}`);
    const secretHash = sha256Hex(secret);
    const fits = equalInConstantTime(secretHash, account?.secretHash ?? '');
    const { previousSecret } = account ?? {};
    const fitsPrevious = equalInConstantTime(secretHash, previousSecret?.hash ?? '');
    const inGrace = previousSecret ? Date.parse(previousSecret.validUntil) > deps.clock.nowMs() : false;
    if (!account || !(fits || (fitsPrevious && inGrace))) {
      throw invalidField('secret', 'is not the secret of the account with this companyId');
    }
    uncount();
    return account;
  }

  async function chooseAccount(scope: Scope, settings: ServiceSettings) {
    const companyId = given(settings.companyId, 'companyId')?.toLowerCase();
    const secret = given(settings.secret, 'secret');
    const own = await selectE911Account(database.db, scope.organizationId);
    if (own && (companyId === undefined || companyId === own.companyId)) {
      if (secret !== undefined) requireSecret(scope, own, secret, own.companyId);
      return { own, target: own };
    }
    if (companyId === undefined) {
      if (secret !== undefined) throw invalidField('companyId', 'is required with secret');
      throw noAccountYet();
    }
    if (secret === undefined) throw invalidField('secret', 'is required with the companyId of another account');
    const named = await selectAccountByCompany(database.db, companyId);
    const target = requireSecret(scope, named, secret, companyId);
    if (target.organizationId !== null) {
      throw new ProblemError('conflict', 'another organization uses this account; it has to take another one first');
    }
    return { own, target };
  }

  /** An external tenant's account is proven by its administrator, and not by the secret alone. */
  async function requireAdmin(
    scope: Scope,
    settings: ServiceSettings,
    target: StoredAccount,
    isAdopted: boolean,
  ): Promise<void> {
    const requested = settings.externalTenantEnabled ?? undefined;
    if (isAdopted && target.externalTenantEnabled && requested === false) {
      throw invalidField('externalTenantEnabled', 'must be true: the account stands under a reseller');
    }
    if (requested !== true && !(isAdopted && target.externalTenantEnabled)) return;
    await deps.verifyAdmin(scope, requireLogin(settings), { companyId: target.companyId });
  }

  /** Gives up the organization's account for the other one, unless either changed since it was read. */
  async function adopt(tx: Transaction, scope: Scope, own: StoredAccount | undefined, target: StoredAccount) {
    await lockAccounts(tx, [target.companyId, ...(own ? [own.companyId] : [])]);
    const ownNow = await selectE911Account(tx, scope.organizationId);
    const targetNow = await selectAccountByCompany(tx, target.companyId);
    const isSame =
      ownNow?.companyId === own?.companyId &&
      targetNow?.organizationId === null &&
      targetNow.secretHash === target.secretHash;
    if (!isSame) throw changedMeanwhile();
    const until = new Date(deps.clock.nowMs() + deps.secretGraceMs);
    if (own) await detachAccount(tx, scope.organizationId, until);
    await attachAccount(tx, target.companyId, scope.organizationId);
    return targetNow.former?.organizationId;
  }

  return async function updateServiceSettings(scope: Scope, settings: ServiceSettings): Promise<void> {
    if (settings.externalTenantEnabled === true) requireLogin(settings);
    const { own, target } = await chooseAccount(scope, settings);
    const isAdopted = own?.companyId !== target.companyId;
    await requireAdmin(scope, settings, target, isAdopted);
    const externalTenantEnabled = settings.externalTenantEnabled ?? target.externalTenantEnabled;
    const { organizationId } = scope;
    await database.db.transaction().execute(async (tx) => {
      const formerOrganizationId = isAdopted ? await adopt(tx, scope, own, target) : undefined;
      const updated = await updateAccountSettings(tx, organizationId, {
        enabled: settings.enabled,
        externalTenantEnabled,
      });
      if (updated?.companyId !== target.companyId) throw changedMeanwhile();
      const describe = (account: StoredAccount) => ({
        companyId: account.companyId,
        enabled: account.enabled,
        externalTenantEnabled: account.externalTenantEnabled,
      });
      await deps.audit.record(tx, scope, {
        action: isAdopted ? 'account.adopted' : 'account.settings-changed',
        subject: `account ${target.companyId}`,
        before: own && describe(own),
        after: describe({ ...target, enabled: settings.enabled, externalTenantEnabled }),
      });
      if (formerOrganizationId !== undefined && formerOrganizationId !== organizationId) {
        await announceChange(tx, 'accounts', formerOrganizationId);
      }
      await announceChange(tx, 'accounts', organizationId);
    });
  };
}
