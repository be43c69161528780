import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { personAnswer } from './member-answers.ts';
import { memberParameter } from './member-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** GET people/{personId}. */
export function readPerson(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, { callingData?: boolean }>('GET /people/{personId}', {
    async handle({ scope, params, query }) {
      const person = await deps.members.readMember(scope, memberParameter(params, 'personId'), 'PEOPLE');
      return { status: 200, body: personAnswer(person, scope.organizationId, query.callingData ?? false) };
    },
  });
}
