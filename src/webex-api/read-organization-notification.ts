import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { organizationNotificationAnswer } from './notification-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 5: emergency call notification of the organization. */
export function readOrganizationNotification(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/emergencyCallNotification', {
    handle: async ({ scope }) => ({
      status: 200,
      body: organizationNotificationAnswer(await deps.alerts.readOrganizationSettings(scope)),
    }),
  });
}
