import type { RestRoute } from '../transport/rest-route.ts';
import { dependenciesAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: who relies on the number of a virtual line for emergency callbacks. */
export function readVirtualLineCallbackDependencies(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/virtualLines/{virtualLineId}/emergencyCallbackNumber/dependencies', {
    async handle({ scope, params }) {
      const id = memberParameter(params, 'virtualLineId');
      return {
        status: 200,
        body: dependenciesAnswer(await deps.members.readCallbackDependencies(scope, id, 'VIRTUAL_LINE')),
      };
    },
  });
}
