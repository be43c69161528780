import type { RestRoute } from '../transport/rest-route.ts';
import { locationCallbackAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: on which number the members of a location are called back who have nothing better. */
export function readLocationCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}/features/emergencyCallbackNumber', {
    handle: async ({ scope, params }) => ({
      status: 200,
      body: locationCallbackAnswer(await deps.members.readLocationCallbacks(scope, locationParameter(params))),
    }),
  });
}
