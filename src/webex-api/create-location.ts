import type { RestRoute } from '../transport/rest-route.ts';
import type { NewLocation } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, POST locations. */
export function createLocation(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewLocation>('POST /locations', {
    async handle({ scope, body }) {
      const { id } = await deps.places.createLocation(scope, {
        ...body,
        latitude: body.latitude ?? undefined,
        longitude: body.longitude ?? undefined,
        notes: body.notes ?? undefined,
      });
      return { status: 201, body: { id: encodeResourceId('LOCATION', id) } };
    },
  });
}
