import type { RestRoute } from '../transport/rest-route.ts';
import type { LocationUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationFields } from './location-fields.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, PUT locations/{locationId}: what is null or absent stays. */
export function updateLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute<LocationUpdate>('PUT /locations/{locationId}', {
    async handle({ scope, params, body }) {
      await deps.places.updateLocation(scope, locationParameter(params), locationFields(body));
      return { status: 204 };
    },
  });
}
