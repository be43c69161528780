import type { RestRoute } from '../transport/rest-route.ts';
import type { PersonUpdate } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { personAnswer } from './member-answers.ts';
import { memberParameter } from './member-parameters.ts';
import { PERSON_FIELDS, personChanges } from './person-fields.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';

/** PUT people/{personId}: what the body leaves out stays. */
export function updatePerson(deps: WebexApiDeps): RestRoute {
  return contractRoute<PersonUpdate, { callingData?: boolean }>('PUT /people/{personId}', {
    async handle({ scope, params, query, body }) {
      const id = memberParameter(params, 'personId');
      await withFieldNames(PERSON_FIELDS, () => deps.members.updateMember(scope, id, personChanges(body), 'PEOPLE'));
      const person = await deps.members.readMember(scope, id, 'PEOPLE');
      return { status: 200, body: personAnswer(person, scope.organizationId, query.callingData ?? false) };
    },
  });
}
