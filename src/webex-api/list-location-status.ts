import type { ListOptions } from '../compliance/compliance.ts';
import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { type PageQuery, readPage } from './page-query.ts';
import { statusListAnswer } from './status-answers.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

const LIMITS = { defaultMax: 2_000, mostMax: 10_000 };
const ORDER = /^(locationName|locationState)(?:-(asc|desc))?$/;

function readOrder(text: string | undefined): Pick<ListOptions, 'order' | 'descending'> {
  const [, order, direction] = ORDER.exec(text || 'locationName') ?? [];
  if (order !== 'locationName' && order !== 'locationState') {
    throw invalidField('order', 'expected locationName or locationState, with -asc or -desc appended');
  }
  return { order, descending: direction === 'desc' };
}

/** Contract section 3: compliance status with every location, paged by `start` and `max` alone. */
export function listLocationStatus(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, PageQuery & { order?: string }>('GET /telephony/config/redSky/complianceStatus', {
    handle: async ({ scope, query }) => ({
      status: 200,
      body: statusListAnswer(
        await deps.compliance.listLocationStatus(scope, { ...readPage(query, LIMITS), ...readOrder(query.order) }),
      ),
    }),
  });
}
