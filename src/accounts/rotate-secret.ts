import type { Audit } from '../audit/audit.ts';
import { MAX_GRACE_SECONDS } from '../domain/credentials.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { newSecret, sha256Hex } from '../support/ids.ts';
import { noAccountYet } from './e911-account.ts';
import { endPreviousCredentials, replaceSecret } from './e911-account-records.ts';

/** The new secret in clear, this once. */
export type RotatedSecret = {
  companyId: string;
  secret: string;
  /** ISO 8601: until then phones may use the secret before this one; null = it has ended. */
  previousSecretValidUntil: string | null;
};

export type RotateSecretDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  /** How long the replaced secret stays good when the request does not say. */
  secretGraceMs: number;
};

/**
 * Replaces the secret of the HELD credentials (decision 7). The one before stays good for a grace time, so that phones get the
 * new one before they need it; the one before that ends. Throws `conflict` before an account exists, `invalid` (grace).
 */
export function createRotateSecret(deps: RotateSecretDeps) {
  return async function rotateSecret(scope: Scope, wanted: { graceSeconds?: number } = {}): Promise<RotatedSecret> {
    const { graceSeconds = deps.secretGraceMs / 1_000 } = wanted;
    if (!(graceSeconds >= 0 && graceSeconds <= MAX_GRACE_SECONDS)) {
      throw invalidField('graceSeconds', `expected 0 to ${MAX_GRACE_SECONDS}`);
    }
    const secret = newSecret();
    const previousUntil = graceSeconds === 0 ? null : new Date(deps.clock.nowMs() + graceSeconds * 1_000);
    const previousSecretValidUntil = previousUntil?.toISOString() ?? null;
    const companyId = await deps.database.db.transaction().execute(async (tx) => {
      const account = await replaceSecret(tx, scope.organizationId, { hash: sha256Hex(secret), previousUntil });
      if (!account) throw noAccountYet();
      await deps.audit.record(tx, scope, {
        action: 'account.secret-rotated',
        subject: `account ${account.companyId}`,
        detail: { graceUntil: previousSecretValidUntil },
      });
      await announceChange(tx, 'accounts', scope.organizationId);
      return account.companyId;
    });
    return { companyId, secret, previousSecretValidUntil };
  };
}

/**
 * Ends the grace time at once: the replaced secret and the company ids of accounts given up open nothing any more.
 * Throws `not-found` when nothing is in its grace time.
 */
export function createEndGrace(deps: { database: Database; audit: Audit }) {
  return async function endGrace(scope: Scope): Promise<void> {
    await deps.database.db.transaction().execute(async (tx) => {
      const ended = await endPreviousCredentials(tx, scope.organizationId);
      if (ended.length === 0) throw new ProblemError('not-found', 'no replaced secret and no account given up is left');
      const companyIds = ended.map(({ companyId }) => companyId);
      await deps.audit.record(tx, scope, {
        action: 'account.grace-ended',
        subject: `account ${companyIds.join(', ')}`,
        detail: { companyIds },
      });
      await announceChange(tx, 'accounts', scope.organizationId);
    });
  };
}
