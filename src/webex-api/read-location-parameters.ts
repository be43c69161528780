import type { RestRoute } from '../transport/rest-route.ts';
import type { GetLocationCallingParamtersResponse } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 3: whether test calls and emergency calls of a location are switched on. */
export function readLocationParameters(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}/redSky', {
    async handle({ scope, params }) {
      const standing = await deps.compliance.readStanding(scope, locationParameter(params));
      const body: GetLocationCallingParamtersResponse = {
        integrationEnabled: standing.testCallsEnabled,
        routingEnabled: standing.routingEnabled,
      };
      return { status: 200, body };
    },
  });
}
