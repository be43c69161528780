import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import { decodeResourceId } from '../wire/webex/resource-id.ts';
import { contractRoute } from './contract-route.ts';
import { listMemberPage } from './list-member-page.ts';
import { personAnswer } from './member-answers.ts';
import type { PageQuery } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

type PeopleQuery = PageQuery & {
  email?: string;
  displayName?: string;
  id?: string;
  locationId?: string;
  callingData?: boolean;
};

const LIMITS = { defaultMax: 100, mostMax: 1_000 };
/** Contract section 8: callingData caps a page at 100. */
const CALLING_DATA_LIMITS = { defaultMax: 100, mostMax: 100 };
const MOST_IDS = 85;

function readIds(text: string | undefined): string[] | undefined {
  if (text === undefined || text === '') return undefined;
  const ids = text.split(',');
  if (ids.length > MOST_IDS) throw invalidField('id', `names more than ${MOST_IDS} people`);
  return ids.map((one) => {
    const id = decodeResourceId('PEOPLE', one.trim());
    if (id === null) throw invalidField('id', 'expected ids of people, separated by commas');
    return id;
  });
}

/** Contract section 8, GET people: by display name, with Link paging. */
export function listPeople(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, PeopleQuery>('GET /people', {
    async handle({ scope, query, absoluteUrl }) {
      const { callingData = false } = query;
      const { members, next } = await listMemberPage(
        deps,
        { scope, query, absoluteUrl },
        callingData ? CALLING_DATA_LIMITS : LIMITS,
        {
          kind: 'PEOPLE',
          email: query.email || undefined,
          nameBegin: query.displayName || undefined,
          ids: readIds(query.id),
          locationId: locationQuery(query.locationId, 'locationId'),
        },
      );
      const items = members.map((member) => personAnswer(member, scope.organizationId, callingData));
      return { status: 200, body: { items }, ...next };
    },
  });
}
