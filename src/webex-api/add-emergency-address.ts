import type { RestRoute } from '../transport/rest-route.ts';
import type { EmergencyAddress } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 7: the emergency address of a location; asked again, it takes the place of the one there is. */
export function addEmergencyAddress(deps: WebexApiDeps): RestRoute {
  return contractRoute<EmergencyAddress>('POST /telephony/pstn/locations/{locationId}/emergencyAddress', {
    async handle({ scope, params, body }) {
      const { id } = await deps.places.setEmergencyAddress(scope, locationParameter(params), body);
      return { status: 201, body: { id: encodeResourceId('EMERGENCY_ADDRESS', id) } };
    },
  });
}
