import type { RestRoute } from '../transport/rest-route.ts';
import type { LocationCallbackNumberUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { memberField } from './member-parameters.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: chooses the callback number of a location, and how long an ELIN answers for its device. */
export function updateLocationCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute<LocationCallbackNumberUpdate>(
    'PUT /telephony/config/locations/{locationId}/features/emergencyCallbackNumber',
    {
      async handle({ scope, params, body }) {
        await deps.members.updateLocationCallback(scope, locationParameter(params), {
          selected: body.selected,
          locationMemberId: memberField(body.locationMemberId, 'locationMemberId'),
          elinExpiryTimeMinutes: body.elinExpiryTimeMinutes,
        });
        return { status: 204 };
      },
    },
  );
}
