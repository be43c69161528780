import { ProblemError } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { EmergencyAddress } from '../wire/webex/operations.generated.ts';
import { decodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 7: changes the emergency address of a location; what is left out stays. */
export function updateEmergencyAddress(deps: WebexApiDeps): RestRoute {
  return contractRoute<EmergencyAddress>('PUT /telephony/pstn/locations/{locationId}/emergencyAddresses/{addressId}', {
    async handle({ scope, params, body }) {
      const locationId = locationParameter(params);
      const addressId = decodeResourceId('EMERGENCY_ADDRESS', params['addressId'] ?? '');
      if (addressId === null) throw new ProblemError('not-found', 'the emergency address does not exist');
      await deps.places.updateEmergencyAddress(scope, locationId, addressId, body);
      return { status: 204 };
    },
  });
}
