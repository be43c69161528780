import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { NewTelephonyLocation } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { locationFields } from './location-fields.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, POST telephony/config/locations: enables calling at a location, with what the body says of it. */
export function enableCalling(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewTelephonyLocation>('POST /telephony/config/locations', {
    async handle({ scope, body }) {
      const locationId = locationQuery(body.id, 'id');
      if (locationId === undefined) throw invalidField('id', 'is required');
      const { id } = await deps.places.enableCalling(scope, locationId, locationFields(body));
      return { status: 201, body: { id: encodeResourceId('LOCATION', id) } };
    },
  });
}
