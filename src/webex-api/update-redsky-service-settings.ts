import type { RestRoute } from '../transport/rest-route.ts';
import type { RedSkyServiceSettingsObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 2: switches the service on or off, or takes another existing account (decision 37). */
export function updateRedSkyServiceSettings(deps: WebexApiDeps): RestRoute {
  return contractRoute<RedSkyServiceSettingsObject>('PUT /telephony/config/redSky/serviceSettings', {
    async handle({ scope, body }) {
      await deps.accounts.updateServiceSettings(scope, body);
      return { status: 204 };
    },
  });
}
