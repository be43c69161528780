import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { huntGroupOfPath } from './hunt-group-fields.ts';
import { readLocationNames } from './location-names.ts';
import { huntGroupDetailAnswer } from './member-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** GET huntGroups/{huntGroupId} of a location. */
export function readHuntGroup(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}', {
    async handle({ scope, params }) {
      const huntGroup = await huntGroupOfPath(deps, scope, params);
      const locationOf = await readLocationNames(deps, scope, [huntGroup.locationId]);
      return { status: 200, body: huntGroupDetailAnswer(huntGroup, locationOf) };
    },
  });
}
