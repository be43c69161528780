import type { Audit } from '../audit/audit.ts';
import { invalidField } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { equalInConstantTime } from '../support/ids.ts';
import { selectE911Account } from './e911-account-records.ts';
import type { AdminCredentials, VerifyAdmin } from './verify-admin.ts';

export type LoginRequest = AdminCredentials & {
  /** Which account, where the address administers several; the organization's own comes first without it. */
  redskyOrgId?: string | null | undefined;
};

const MAX_ID = 256;

/** Contract section 2, Login. */
export type Login = {
  /** The secret of the organization's account is that of the account logged into. */
  accountMatch: boolean;
  externalTenantEnabled: boolean;
  companyId: string;
};

/**
 * Logs an E911 administrator in, to learn which account it is; nothing is kept of it but the audit entry.
 * Throws `invalid` (wrong credentials: one answer for all) or `too-many-requests`.
 */
export function createLoginAdmin(deps: { database: Database; audit: Audit; verifyAdmin: VerifyAdmin }) {
  return async function loginAdmin(scope: Scope, request: LoginRequest): Promise<Login> {
    const { redskyOrgId } = request;
    if ((redskyOrgId?.length ?? 0) > MAX_ID) throw invalidField('redSkyOrgId', `at most ${MAX_ID} characters`);
    const admin = await deps.verifyAdmin(
      scope,
      request,
      redskyOrgId === null || redskyOrgId === undefined || redskyOrgId === ''
        ? { ownOrganizationId: scope.organizationId }
        : { redskyOrgId },
    );
    const own = await selectE911Account(deps.database.db, scope.organizationId);
    const accountMatch = own !== undefined && equalInConstantTime(own.secretHash, admin.secretHash);
    await deps.database.db.transaction().execute((tx) =>
      deps.audit.record(tx, scope, {
        action: 'account-admin.logged-in',
        subject: `account-admin ${admin.id}`,
        detail: { companyId: admin.companyId, accountMatch },
      }),
    );
    return { accountMatch, externalTenantEnabled: admin.externalTenantEnabled, companyId: admin.companyId };
  };
}
