import type { paths } from '../api/schema.generated.ts';
import type { ListRequest } from './list-request.ts';

/** What was done, by whom, with the values before and after. */
export type TrailEntry = paths['/api/audit']['get']['responses']['200']['content']['application/json']['items'][number];

/** The trail is read on from an entry: from the oldest, from the entry after it. */
export function pageOfTrail({ before, sort }: ListRequest): { before?: string; after?: string } {
  if (before === undefined) return {};
  return sort === 'at' ? { after: before } : { before };
}
