import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationNotificationAnswer } from './notification-answers.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 5: emergency call notification of a location. */
export function readLocationNotification(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}/emergencyCallNotification', {
    handle: async ({ scope, params }) => ({
      status: 200,
      body: locationNotificationAnswer(await deps.alerts.readLocationSettings(scope, locationParameter(params))),
    }),
  });
}
