import type { RestRoute } from '../transport/rest-route.ts';
import type { NumberEmergencyAddress } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 7: a number's own emergency address; without one in the body, the location's applies again. */
export function updateNumberEmergencyAddress(deps: WebexApiDeps): RestRoute {
  return contractRoute<NumberEmergencyAddress>('PUT /telephony/pstn/numbers/{phoneNumber}/emergencyAddress', {
    async handle({ scope, params, body }) {
      await deps.members.setNumberAddress(scope, params['phoneNumber'] ?? '', body.emergencyAddress ?? null);
      return { status: 204 };
    },
  });
}
