import type { RestRoute } from '../transport/rest-route.ts';
import type { PutLocationCallNotificationObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 5: changes a location's notification; the `organization` that the SDK sends back is ignored. */
export function updateLocationNotification(deps: WebexApiDeps): RestRoute {
  return contractRoute<PutLocationCallNotificationObject>(
    'PUT /telephony/config/locations/{locationId}/emergencyCallNotification',
    {
      async handle({ scope, params, body }) {
        const { emergencyCallNotificationEnabled, emailAddress } = body;
        await deps.alerts.updateLocationSettings(scope, locationParameter(params), {
          ...(emergencyCallNotificationEnabled !== undefined && { emergencyCallNotificationEnabled }),
          ...(emailAddress !== undefined && { emailAddress }),
        });
        return { status: 204 };
      },
    },
  );
}
