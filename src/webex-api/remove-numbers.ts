import type { RestRoute } from '../transport/rest-route.ts';
import type { PhoneNumberRemoval } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE numbers of a location: those that nobody has and that are not its main number. */
export function removeNumbers(deps: WebexApiDeps): RestRoute {
  return contractRoute<PhoneNumberRemoval>('DELETE /telephony/config/locations/{locationId}/numbers', {
    async handle({ scope, params, body }) {
      await deps.members.removeNumbers(scope, {
        locationId: locationParameter(params),
        phoneNumbers: body.phoneNumbers,
      });
      return { status: 204 };
    },
  });
}
