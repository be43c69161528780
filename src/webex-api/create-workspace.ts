import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { NewWorkspace } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { workspaceAnswer } from './member-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';
import { WORKSPACE_FIELDS, workspaceChanges } from './workspace-fields.ts';

/** Contract section 8, POST workspaces: a workspace at a location (decision 35), with a number and extension where it has calling. */
export function createWorkspace(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewWorkspace>('POST /workspaces', {
    async handle({ scope, body }) {
      const { locationId, ...fields } = workspaceChanges(body);
      if (!locationId) throw invalidField('locationId', 'is required');
      const { id } = await withFieldNames(WORKSPACE_FIELDS, () =>
        deps.members.createMember(scope, {
          ...fields,
          kind: 'PLACE',
          locationId,
          firstName: body.displayName,
          callingType: fields.callingType ?? 'none',
        }),
      );
      const workspace = await deps.members.readMember(scope, id, 'PLACE');
      return { status: 201, body: workspaceAnswer(workspace, scope.organizationId) };
    },
  });
}
