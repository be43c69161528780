import type { RestRoute } from '../transport/rest-route.ts';
import type { CreateBuildingRequest } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 4: the building of a location with the address of its alerts. */
export function createBuilding(deps: WebexApiDeps): RestRoute {
  return contractRoute<CreateBuildingRequest>('POST /telephony/config/locations/{locationId}/redSky/building', {
    async handle({ scope, params, body }) {
      await deps.places.createBuilding(scope, locationParameter(params), {
        alertingEmail: body.alertingEmail,
        address: body.address ?? undefined,
      });
      return { status: 201 };
    },
  });
}
