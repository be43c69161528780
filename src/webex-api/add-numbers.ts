import type { RestRoute } from '../transport/rest-route.ts';
import type { NewPhoneNumbers } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, POST numbers of a location: those that are there already are ignored. */
export function addNumbers(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewPhoneNumbers>('POST /telephony/config/locations/{locationId}/numbers', {
    async handle({ scope, params, body }) {
      await deps.members.addNumbers(scope, {
        locationId: locationParameter(params),
        phoneNumbers: body.phoneNumbers,
        active: body.state !== 'INACTIVE',
        tollFree: body.numberType === 'TOLLFREE',
        serviceNumber: body.numberUsageType === 'SERVICE',
      });
      return { status: 201 };
    },
  });
}
