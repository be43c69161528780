import { invalidField } from '../domain/problem.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import { contractRoute } from './contract-route.ts';
import { listMemberPage } from './list-member-page.ts';
import { readLocationNames } from './location-names.ts';
import { virtualLineAnswer } from './member-answers.ts';
import { memberField } from './member-parameters.ts';
import { numberQuery } from './number-query.ts';
import type { PageQuery } from './page-query.ts';
import { locationQuery } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

type VirtualLineQuery = PageQuery & { locationId?: string[]; id?: string[]; phoneNumber?: string[] };

const LIMITS = { defaultMax: 1_000, mostMax: 2_000 };

function readAll(
  texts: readonly string[] | undefined,
  path: string,
  read: (text: string, path: string) => string | undefined,
): string[] | undefined {
  return texts?.map((text) => {
    const value = read(text, path);
    if (value === undefined) throw invalidField(path, 'is empty');
    return value;
  });
}

/** Contract section 8, GET virtualLines: by name, with Link paging. */
export function listVirtualLines(deps: WebexApiDeps): RestRoute {
  return contractRoute<undefined, VirtualLineQuery>('GET /telephony/config/virtualLines', {
    async handle({ scope, query, absoluteUrl }) {
      const { members, next } = await listMemberPage(deps, { scope, query, absoluteUrl }, LIMITS, {
        kind: 'VIRTUAL_LINE',
        locationId: readAll(query.locationId, 'locationId', locationQuery),
        ids: readAll(query.id, 'id', memberField),
        phoneNumbers: readAll(query.phoneNumber, 'phoneNumber', numberQuery),
      });
      const locationOf = await readLocationNames(
        deps,
        scope,
        members.map(({ locationId }) => locationId),
      );
      const virtualLines = members.map((member) => virtualLineAnswer(member, locationOf));
      return { status: 200, body: { virtualLines }, ...next };
    },
  });
}
