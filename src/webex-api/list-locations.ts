import { nextPage, type RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { locationAnswer } from './location-answer.ts';
import { type PageQuery, readPage } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 1_000, mostMax: 2_000 };

/** Contract section 8, GET locations: by name, with Link paging. */
export function listLocations(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, PageQuery & { name?: string; id?: string }>('GET /locations', {
    async handle({ scope, query, absoluteUrl }) {
      const page = readPage(query, LIMITS);
      const found = await deps.places.listLocations(scope, {
        ...page,
        name: query.name,
        id: locationQuery(query.id, 'id'),
      });
      return {
        status: 200,
        body: { items: found.items.map(locationAnswer) },
        ...nextPage(absoluteUrl, page, page.start + page.max >= found.total),
      };
    },
  });
}
