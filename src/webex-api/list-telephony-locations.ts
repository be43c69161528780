import { nextPage, type RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { type PageQuery, readPage } from './page-query.ts';
import { telephonyLocationAnswer } from './telephony-location-answer.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 1_000, mostMax: 2_000 };

/** Contract section 8, GET telephony/config/locations: those with calling, by name in either direction, with Link paging. */
export function listTelephonyLocations(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, PageQuery & { name?: string; order?: 'asc' | 'desc' }>(
    'GET /telephony/config/locations',
    {
      async handle({ scope, query, absoluteUrl }) {
        const page = readPage(query, LIMITS);
        const { name, order } = query;
        const sort = order === 'desc' ? '-name' : 'name';
        const found = await deps.places.listLocations(scope, { ...page, name, sort, callingEnabled: true });
        return {
          status: 200,
          body: { locations: found.items.map((location) => telephonyLocationAnswer(deps, location)) },
          ...nextPage(absoluteUrl, page, page.start + page.max >= found.total),
        };
      },
    },
  );
}
