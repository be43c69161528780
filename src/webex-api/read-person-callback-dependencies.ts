import type { RestRoute } from '../transport/rest-route.ts';
import { dependenciesAnswer } from './callback-answers.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 6: who relies on the number of a person for emergency callbacks. */
export function readPersonCallbackDependencies(deps: WebexApiDeps): RestRoute {
  return contractRoute('GET /telephony/config/people/{personId}/emergencyCallbackNumber/dependencies', {
    async handle({ scope, params }) {
      const id = memberParameter(params, 'personId');
      return {
        status: 200,
        body: dependenciesAnswer(await deps.members.readCallbackDependencies(scope, id, 'PEOPLE')),
      };
    },
  });
}
