import type { RestRoute } from '../transport/rest-route.ts';
import type { RedSkyGetObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

// The contract answers the secret masked; it is shown once, when it is made (decision 7).
const MASKED_SECRET = '*****';

/** Contract section 2: account details; before an account exists `enabled` is false (decision 6). */
export function readRedSkyAccount(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/redSky', {
    async handle({ scope }) {
      const account = await deps.accounts.readAccount(scope.organizationId);
      const body: RedSkyGetObject = account
        ? {
            enabled: account.enabled,
            companyId: account.companyId,
            secret: MASKED_SECRET,
            locationsEnabled: await deps.compliance.anyLocationEnabled(scope),
          }
        : { enabled: false, locationsEnabled: false };
      return { status: 200, body };
    },
  });
}
