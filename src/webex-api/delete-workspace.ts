import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE workspaces/{workspaceId}: its numbers stay at the location; refused while others are called back on them. */
export function deleteWorkspace(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /workspaces/{workspaceId}', {
    async handle({ scope, params }) {
      await deps.members.removeMember(scope, memberParameter(params, 'workspaceId'), 'PLACE');
      return { status: 204 };
    },
  });
}
