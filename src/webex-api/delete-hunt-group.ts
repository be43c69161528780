import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { huntGroupOfPath } from './hunt-group-fields.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE huntGroups/{huntGroupId} of a location: its numbers stay there; refused while others are called back on them. */
export function deleteHuntGroup(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /telephony/config/locations/{locationId}/huntGroups/{huntGroupId}', {
    async handle({ scope, params }) {
      const { id } = await huntGroupOfPath(deps, scope, params);
      await deps.members.removeMember(scope, id, 'HUNT_GROUP');
      return { status: 204 };
    },
  });
}
