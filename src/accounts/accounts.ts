import type { Audit } from '../audit/audit.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { createAuthenticate } from './authenticate.ts';
import { createOrganizationManagement } from './manage-organizations.ts';
import { createTokenManagement } from './manage-tokens.ts';

/** Organizations, partners, access tokens, and who may do what. E911 accounts stand in e911-accounts.ts. */
export function createAccounts(deps: { database: Database; audit: Audit; clock: Clock }) {
  return {
    authenticate: createAuthenticate(deps),
    ...createTokenManagement(deps),
    ...createOrganizationManagement(deps),
  };
}

export type Accounts = ReturnType<typeof createAccounts>;
