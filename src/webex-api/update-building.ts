import type { RestRoute } from '../transport/rest-route.ts';
import type { UpdateBuildingRequest } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 4: the address of a location's building. */
export function updateBuilding(deps: WebexApiDeps): RestRoute {
  return contractRoute<UpdateBuildingRequest>('PUT /telephony/config/locations/{locationId}/redSky/building', {
    async handle({ scope, params, body }) {
      await deps.places.updateBuilding(scope, locationParameter(params), { address: body.address ?? undefined });
      return { status: 204 };
    },
  });
}
