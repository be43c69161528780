import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import { locationStatusAnswer } from './status-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 3: compliance status with the one location asked for. */
export function readLocationStatus(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}/redSky/status', {
    handle: async ({ scope, params }) => ({
      status: 200,
      body: locationStatusAnswer(await deps.compliance.readLocationStatus(scope, locationParameter(params))),
    }),
  });
}
