import type { RestRoute } from '../transport/rest-route.ts';
import type { TelephonyLocationUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** PUT telephony/config/locations/{locationId}: all of it or nothing; what is null or absent stays. */
export function updateTelephonyLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute<TelephonyLocationUpdate>('PUT /telephony/config/locations/{locationId}', {
    async handle({ scope, params, body }) {
      const locationId = locationParameter(params);
      const phoneNumber = body.callingLineId?.phoneNumber ?? undefined;
      await deps.places.updateCalling(
        scope,
        locationId,
        {
          announcementLanguage: body.announcementLanguage ?? undefined,
          routingPrefix: body.routingPrefix ?? undefined,
          callingLineName: body.callingLineId?.name ?? undefined,
        },
        phoneNumber === undefined
          ? undefined
          : (tx) => deps.members.setMainNumber(tx, scope, locationId, phoneNumber, 'callingLineId.phoneNumber'),
      );
      return { status: 204 };
    },
  });
}
