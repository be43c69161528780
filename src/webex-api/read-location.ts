import { defineRoute, type RestRoute } from '../transport/rest-route.ts';
import { access } from './access.ts';
import { BASE_PATH } from './contract-route.ts';
import { locationAnswer } from './location-answer.ts';
import { LocationDetailAnswer, OrganizationQuery } from './location-schemas.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8, GET locations/{id}: as in the list, with `countryCode`. */
export function readLocation(deps: WebexApiDeps): RestRoute {
  return defineRoute({
    operationId: 'Get Location Details',
    method: 'GET',
    path: `${BASE_PATH}/locations/{locationId}`,
    summary: 'Get Location Details',
    tags: ['Locations'],
    access: access.readLocations,
    query: OrganizationQuery,
    responses: { 200: LocationDetailAnswer },
    async handle({ scope, params }) {
      const location = await deps.places.getLocation(scope, locationParameter(params));
      return { status: 200, body: { ...locationAnswer(location), countryCode: location.country } };
    },
  });
}
