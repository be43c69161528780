import type { Audit } from '../audit/audit.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import { createAuthenticate, createHolderOfToken } from './authenticate.ts';
import { createOrganizationManagement } from './manage-organizations.ts';
import { createTokenManagement } from './manage-tokens.ts';
import { createTokenUse } from './note-token-use.ts';
import type { TokenHolder } from './token-holder.ts';

export type { ListedToken } from './manage-tokens.ts';
export type { TokenHolder } from './token-holder.ts';
export type { TokenColumn } from './token-records.ts';
export type { IdentityProvider } from './verify-identity.ts';

export type AccountsDeps = {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  /** Reads the tokens of an outside provider; absent = none is trusted. Throws as `authenticate` does. */
  holderOfBearer?: ((token: string) => Promise<TokenHolder>) | undefined;
  /** Who a signed-in browser stands for; absent = nobody signs in. Throws `unauthenticated`. */
  holderOfSession?: ((secret: string) => Promise<TokenHolder>) | undefined;
};

/** Organizations, partners, access tokens, and who may do what. E911 accounts stand in e911-accounts.ts. */
export function createAccounts(deps: AccountsDeps) {
  const tokenUse = createTokenUse(deps);
  const holderOfToken = createHolderOfToken({ ...deps, tokenUse });
  return {
    authenticate: createAuthenticate({ ...deps, holderOfToken }),
    holderOfToken,
    /** Resolves when the uses of tokens that were noted so far are written. */
    settleTokenUse: () => tokenUse.settled(),
    ...createTokenManagement(deps),
    ...createOrganizationManagement(deps),
  };
}

export type Accounts = ReturnType<typeof createAccounts>;
