import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationAnswer } from './location-answer.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, GET locations/{locationId}: as in the list, with `countryCode`. */
export function readLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /locations/{locationId}', {
    async handle({ scope, params }) {
      const location = await deps.places.getLocation(scope, locationParameter(params));
      return { status: 200, body: { ...locationAnswer(location), countryCode: location.country } };
    },
  });
}
