import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { listMemberPage } from './list-member-page.ts';
import { readLocationNames } from './location-names.ts';
import { huntGroupAnswer } from './member-answers.ts';
import { numberQuery } from './number-query.ts';
import type { PageQuery } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

type HuntGroupQuery = PageQuery & { locationId?: string; name?: string; phoneNumber?: string };

const LIMITS = { defaultMax: 1_000, mostMax: 2_000 };
// Ten digits are a number of North America.
const EXTENSION = /^\d{2,9}$/;

/** Numbers and extensions are asked for with the same parameter. */
function readReach(text: string | undefined): { extension?: string; phoneNumbers?: string[] } {
  if (text !== undefined && EXTENSION.test(text)) return { extension: text };
  const number = numberQuery(text);
  return number === undefined ? {} : { phoneNumbers: [number] };
}

/** Contract section 8, GET huntGroups: by name, with Link paging. */
export function listHuntGroups(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, HuntGroupQuery>('GET /telephony/config/huntGroups', {
    async handle({ scope, query, absoluteUrl }) {
      const { members, next } = await listMemberPage(deps, { scope, query, absoluteUrl }, LIMITS, {
        kind: 'HUNT_GROUP',
        locationId: locationQuery(query.locationId, 'locationId'),
        namePart: query.name || undefined,
        ...readReach(query.phoneNumber),
      });
      const locationOf = await readLocationNames(
        deps,
        scope,
        members.map(({ locationId }) => locationId),
      );
      const huntGroups = members.map((member) => huntGroupAnswer(member, locationOf));
      return { status: 200, body: { huntGroups }, ...next };
    },
  });
}
