import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import { telephonyLocationAnswer } from './telephony-location-answer.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** GET telephony/config/locations/{locationId}: as in the list; 404 where calling was never enabled, 410 where it was disabled. */
export function readTelephonyLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}', {
    async handle({ scope, params }) {
      const location = await deps.places.getCallingLocation(scope, locationParameter(params));
      return { status: 200, body: telephonyLocationAnswer(deps, location) };
    },
  });
}
