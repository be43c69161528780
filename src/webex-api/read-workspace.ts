import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { workspaceAnswer } from './member-answers.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** GET workspaces/{workspaceId}. */
export function readWorkspace(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /workspaces/{workspaceId}', {
    async handle({ scope, params }) {
      const workspace = await deps.members.readMember(scope, memberParameter(params, 'workspaceId'), 'PLACE');
      return { status: 200, body: workspaceAnswer(workspace, scope.organizationId) };
    },
  });
}
