import type { RestRoute } from '../transport/rest-route.ts';
import { memberCallbackAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: on which number a virtual line is called back after an emergency call. */
export function readVirtualLineCallback(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber', {
    async handle({ scope, params }) {
      const callbacks = await deps.members.readMemberCallbacks(
        scope,
        memberParameter(params, 'virtualLineId'),
        'VIRTUAL_LINE',
      );
      return {
        status: 200,
        body: memberCallbackAnswer(callbacks),
      };
    },
  });
}
