import type { RestRoute } from '../transport/rest-route.ts';
import type { EmergencyAddress } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { lookupAnswer } from './emergency-address-answers.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 7: what an address would become, and what is wrong with it. Nothing is stored. */
export function lookUpEmergencyAddress(deps: WebexApiDeps): RestRoute {
  return contractRoute<EmergencyAddress>('POST /telephony/pstn/locations/{locationId}/emergencyAddress/lookup', {
    async handle({ scope, params, body }) {
      const found = await deps.places.lookUpEmergencyAddress(scope, locationParameter(params), body);
      return { status: 200, body: lookupAnswer(found) };
    },
  });
}
