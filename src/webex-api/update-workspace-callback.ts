import type { RestRoute } from '../transport/rest-route.ts';
import type { PutWorkspaceECBNObject } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { memberField, memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: chooses the callback number of a workspace; null and absent fields stay as they are. */
export function updateWorkspaceCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute<PutWorkspaceECBNObject>(
    'PUT /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber',
    {
      async handle({ scope, params, body }) {
        await deps.members.updateMemberCallback(
          scope,
          memberParameter(params, 'workspaceId'),
          {
            selected: body.selected,
            locationMemberId: memberField(body.locationMemberId, 'locationMemberId'),
            elinEnabled: body.elinEnabled,
          },
          'PLACE',
        );
        return { status: 204 };
      },
    },
  );
}
