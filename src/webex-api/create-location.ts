import { defineRoute, type RestRoute } from '../transport/rest-route.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import { access } from './access.ts';
import { BASE_PATH } from './contract-route.ts';
import { CreatedLocationAnswer, NewLocationBody, OrganizationQuery } from './location-schemas.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, POST locations. */
export function createLocation(deps: WebexApiDeps): RestRoute {
  return defineRoute<NewLocationBody>({
    operationId: 'Create a Location',
    method: 'POST',
    path: `${BASE_PATH}/locations`,
    summary: 'Create a Location',
    tags: ['Locations'],
    access: access.writeLocations,
    query: OrganizationQuery,
    body: NewLocationBody,
    responses: { 201: CreatedLocationAnswer },
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
