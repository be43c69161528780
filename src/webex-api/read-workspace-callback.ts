import type { RestRoute } from '../transport/rest-route.ts';
import { memberCallbackAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: on which number a workspace is called back after an emergency call. */
export function readWorkspaceCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/workspaces/{workspaceId}/emergencyCallbackNumber', {
    async handle({ scope, params }) {
      const callbacks = await deps.members.readMemberCallbacks(scope, memberParameter(params, 'workspaceId'), 'PLACE');
      return {
        status: 200,
        body: {
          ...memberCallbackAnswer(callbacks),
          elinEnabled: callbacks.elinEnabled,
        },
      };
    },
  });
}
