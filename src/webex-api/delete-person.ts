import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** DELETE people/{personId}: its numbers stay at the location; refused while others are called back on them. */
export function deletePerson(deps: WebexApiDeps): RestRoute {
  return contractRoute('DELETE /people/{personId}', {
    async handle({ scope, params }) {
      await deps.members.removeMember(scope, memberParameter(params, 'personId'), 'PEOPLE');
      return { status: 204 };
    },
  });
}
