import type { Scope } from '../domain/scope.ts';
import type { MemberResource, Members } from '../members/members.ts';
import { nextPage } from '../transport/rest-route.ts';
import { type PageQuery, readPage } from './page-query.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

type Filter = NonNullable<Parameters<Members['listMembers']>[1]>;

/** One page of members and the address of the next. */
export async function listMemberPage(
  deps: Pick<WebexApiDeps, 'members'>,
  { scope, query, absoluteUrl }: { scope: Scope; query: PageQuery; absoluteUrl: URL },
  limits: { defaultMax: number; mostMax: number },
  filter: Filter,
): Promise<{ members: MemberResource[]; next: { nextUrl?: string } }> {
  const page = readPage(query, limits);
  // One more than asked for tells whether there is another page.
  const found = await deps.members.listMembers(scope, { ...filter, start: page.start, max: page.max + 1 });
  return { members: found.slice(0, page.max), next: nextPage(absoluteUrl, page, found.length <= page.max) };
}
