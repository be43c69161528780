import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE telephony/config/locations/{locationId}: disables calling, which must be so before a location is removed. */
export function disableCalling(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /telephony/config/locations/{locationId}', {
    async handle({ scope, params }) {
      await deps.places.disableCalling(scope, locationParameter(params));
      return { status: 204 };
    },
  });
}
