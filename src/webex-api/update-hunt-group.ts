import type { RestRoute } from '../transport/rest-route.ts';
import type { HuntGroupUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { HUNT_GROUP_FIELDS, huntGroupChanges, huntGroupOfPath } from './hunt-group-fields.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';

/** PUT huntGroups/{huntGroupId} of a location: what the body leaves out stays. */
export function updateHuntGroup(deps: WebexApiDeps): RestRoute {
  return contractRoute<HuntGroupUpdate>('PUT /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}', {
    async handle({ scope, params, body }) {
      const { id } = await huntGroupOfPath(deps, scope, params);
      await withFieldNames(HUNT_GROUP_FIELDS, () =>
        deps.members.updateMember(scope, id, huntGroupChanges(body), 'HUNT_GROUP'),
      );
      return { status: 204 };
    },
  });
}
