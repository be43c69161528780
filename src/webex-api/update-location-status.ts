import type { RestRoute } from '../transport/rest-route.ts';
import type {
  RedSkyComplianceStatusRequestObject,
  UpdateLocationComplianceStatusResponse,
} from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import { locationAloneAnswer } from './status-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 3: completes the next stage of one location; answers `locationsStatus` and nothing else. */
export function updateLocationStatus(deps: WebexApiDeps): RestRoute {
  return contractRoute<RedSkyComplianceStatusRequestObject>(
    'PUT /telephony/config/locations/{locationId}/redSky/status',
    {
      async handle({ scope, params, body }) {
        const status = await deps.compliance.updateLocationStatus(
          scope,
          locationParameter(params),
          body.complianceStatus,
        );
        const answer: UpdateLocationComplianceStatusResponse = locationAloneAnswer(status);
        return { status: 200, body: answer };
      },
    },
  );
}
