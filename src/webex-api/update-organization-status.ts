import type { RestRoute } from '../transport/rest-route.ts';
import type { RedSkyComplianceStatusRequestObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { organizationStatusAnswer } from './status-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 3: completes the next stage of the organization (decision 2). */
export function updateOrganizationStatus(deps: WebexApiDeps): RestRoute {
  return contractRoute<RedSkyComplianceStatusRequestObject>('PUT /telephony/config/redSky/status', {
    handle: async ({ scope, body }) => ({
      status: 200,
      body: organizationStatusAnswer(await deps.compliance.updateOrganizationStatus(scope, body.complianceStatus)),
    }),
  });
}
