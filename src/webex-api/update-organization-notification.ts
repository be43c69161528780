import type { RestRoute } from '../transport/rest-route.ts';
import type { OrgCallNotificationObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 5: changes the emergency call notification of the organization. */
export function updateOrganizationNotification(deps: WebexApiDeps): RestRoute {
  return contractRoute<OrgCallNotificationObject>('PUT /telephony/config/emergencyCallNotification', {
    async handle({ scope, body }) {
      const { emergencyCallNotificationEnabled, allowEmailNotificationAllLocationEnabled, emailAddress } = body;
      await deps.alerts.updateOrganizationSettings(scope, {
        ...(emergencyCallNotificationEnabled !== undefined && { emergencyCallNotificationEnabled }),
        ...(allowEmailNotificationAllLocationEnabled !== undefined && { allowEmailNotificationAllLocationEnabled }),
        ...(emailAddress !== undefined && { emailAddress }),
      });
      return { status: 204 };
    },
  });
}
