import type { RestRoute } from '../transport/rest-route.ts';
import type { WorkspaceUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { workspaceAnswer } from './member-answers.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';
import { WORKSPACE_FIELDS, workspaceChanges } from './workspace-fields.ts';

/** PUT workspaces/{workspaceId}: what the body leaves out stays. */
export function updateWorkspace(deps: WebexApiDeps): RestRoute {
  return contractRoute<WorkspaceUpdate>('PUT /workspaces/{workspaceId}', {
    async handle({ scope, params, body }) {
      const id = memberParameter(params, 'workspaceId');
      await withFieldNames(WORKSPACE_FIELDS, () =>
        deps.members.updateMember(scope, id, workspaceChanges(body), 'PLACE'),
      );
      const workspace = await deps.members.readMember(scope, id, 'PLACE');
      return { status: 200, body: workspaceAnswer(workspace, scope.organizationId) };
    },
  });
}
