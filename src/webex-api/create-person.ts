import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import type { NewPerson } from '../wire/webex/operations.generated.ts';
import { contractRoute } from './contract-route.ts';
import { personAnswer } from './member-answers.ts';
import { PERSON_FIELDS, personChanges } from './person-fields.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';
import { withFieldNames } from './with-field-names.ts';

/** POST people: a person at a location; without one nobody could say where its emergency calls come from (decision 35). */
export function createPerson(deps: WebexApiDeps): RestRoute {
  return contractRoute<NewPerson, { callingData?: boolean }>('POST /people', {
    async handle({ scope, query, body }) {
      const { locationId, ...fields } = personChanges(body);
      // One of three names is enough.
      const firstName = fields.firstName || fields.displayName || fields.lastName;
      if (!firstName) throw invalidField('displayName', 'is required where there is no firstName and no lastName');
      if (!locationId) throw invalidField('locationId', 'is required');
      const lastName = fields.firstName || fields.displayName ? fields.lastName : undefined;
      const { id } = await withFieldNames(PERSON_FIELDS, () =>
        deps.members.createMember(scope, { ...fields, kind: 'PEOPLE', locationId, firstName, lastName }),
      );
      const person = await deps.members.readMember(scope, id, 'PEOPLE');
      return { status: 200, body: personAnswer(person, scope.organizationId, query.callingData ?? false) };
    },
  });
}
