import type { RestRoute } from '../transport/rest-route.ts';
import type { RedSkyCreateObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 2: creates the account and its first administrator, who gets an invitation by e-mail. */
export function createRedSkyAccount(deps: WebexApiDeps): RestRoute {
  return contractRoute<RedSkyCreateObject>('POST /telephony/config/redSky', {
    async handle({ scope, body }) {
      // The answer has no body: whoever needs the secret makes a new one (decision 7).
      await deps.accounts.createAccount(scope, body);
      return { status: 201 };
    },
  });
}
