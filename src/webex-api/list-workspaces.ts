import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { listMemberPage } from './list-member-page.ts';
import { workspaceAnswer } from './member-answers.ts';
import type { PageQuery } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

type WorkspaceQuery = PageQuery & { locationId?: string; displayName?: string; calling?: string };

const LIMITS = { defaultMax: 100, mostMax: 1_000 };

/** Contract section 8, GET workspaces: by display name, with Link paging. */
export function listWorkspaces(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, WorkspaceQuery>('GET /workspaces', {
    async handle({ scope, query, absoluteUrl }) {
      const { members, next } = await listMemberPage(deps, { scope, query, absoluteUrl }, LIMITS, {
        kind: 'PLACE',
        name: query.displayName || undefined,
        callingType: query.calling || undefined,
        locationId: locationQuery(query.locationId, 'locationId'),
      });
      const items = members.map((member) => workspaceAnswer(member, scope.organizationId));
      return { status: 200, body: { items }, ...next };
    },
  });
}
