import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { organizationStatusAnswer } from './status-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 3: compliance status of the organization with its least advanced locations. */
export function readOrganizationStatus(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/redSky/status', {
    handle: async ({ scope }) => ({
      status: 200,
      body: organizationStatusAnswer(await deps.compliance.readOrganizationStatus(scope)),
    }),
  });
}
