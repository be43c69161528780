import type { RestRoute } from '../transport/rest-route.ts';
import { dependenciesAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: who relies on the number of a hunt group for emergency callbacks. */
export function readHuntGroupCallbackDependencies(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/huntGroups/{huntGroupId}/emergencyCallbackNumber/dependencies', {
    async handle({ scope, params }) {
      const id = memberParameter(params, 'huntGroupId');
      return {
        status: 200,
        body: dependenciesAnswer(await deps.members.readCallbackDependencies(scope, id, 'HUNT_GROUP')),
      };
    },
  });
}
