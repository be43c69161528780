import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, DELETE locations/{locationId}: 409 says who still uses it. */
export function deleteLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /locations/{locationId}', {
    async handle({ scope, params }) {
      await deps.places.removeLocation(scope, locationParameter(params));
      return { status: 204 };
    },
  });
}
