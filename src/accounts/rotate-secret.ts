import type { Audit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { newSecret, sha256Hex } from '../support/ids.ts';
import { noAccountYet } from './e911-account.ts';
import { updateSecretHash } from './e911-account-records.ts';

/** The new secret in clear, this once. */
export type RotatedSecret = { companyId: string; secret: string };

/** Replaces the secret of the HELD credentials (decision 7). Throws `conflict` before an account exists. */
export function createRotateSecret(deps: { database: Database; audit: Audit }) {
  return async function rotateSecret(scope: Scope): Promise<RotatedSecret> {
    const secret = newSecret();
    const companyId = await deps.database.db.transaction().execute(async (tx) => {
      const account = await updateSecretHash(tx, scope.organizationId, sha256Hex(secret));
      if (!account) throw noAccountYet();
      await deps.audit.record(tx, scope, {
        action: 'account.secret-rotated',
        subject: `account ${account.companyId}`,
      });
      await announceChange(tx, 'accounts', scope.organizationId);
      return account.companyId;
    });
    return { companyId, secret };
  };
}
