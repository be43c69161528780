import type { RestRoute } from '../transport/rest-route.ts';
import type { TelephonyLocationUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/**
 * PUT telephony/config/locations/{locationId}: all of it or nothing. What is absent stays; null takes away, as the known
 * client sends it for nothing else, but never the main number (decision 35).
 */
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
          routingPrefix: body.routingPrefix,
          callingLineName: body.callingLineId?.name,
        },
        phoneNumber === undefined
          ? undefined
          : (tx) => deps.members.setMainNumber(tx, scope, locationId, phoneNumber, 'callingLineId.phoneNumber'),
      );
      return { status: 204 };
    },
  });
}
