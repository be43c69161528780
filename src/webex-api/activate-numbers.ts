import type { RestRoute } from '../transport/rest-route.ts';
import type { PhoneNumberStateChange } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** PUT numbers of a location: into service, or out of it where nobody has them and nobody is called back on them. */
export function activateNumbers(deps: WebexApiDeps): RestRoute {
  return contractRoute<PhoneNumberStateChange>('PUT /telephony/config/locations/{locationId}/numbers', {
    async handle({ scope, params, body }) {
      await deps.members.activateNumbers(scope, {
        locationId: locationParameter(params),
        phoneNumbers: body.phoneNumbers,
        active: body.action !== 'DEACTIVATE',
      });
      return { status: 204 };
    },
  });
}
