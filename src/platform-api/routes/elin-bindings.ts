import { Type } from 'typebox';
import type { Calls, ElinBindingColumn, ElinBindingItem, ElinBindingRequest } from '../../calls/calls.ts';
import type { Places } from '../../places/places.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { ELIN_BINDING, type ElinBindingView } from './trunk-schemas.ts';

type ListQuery = { start?: number; max?: number } & Pick<
  ElinBindingRequest,
  'responseLocationId' | 'number' | 'active' | 'sort'
>;

/** Who is called back on which ELIN. */
export function elinBindingRoutes({
  calls,
  places,
}: {
  calls: Pick<Calls, 'listElinBindings'>;
  places: Pick<Places, 'responseLocation'>;
}): RestRoute[] {
  const viewOf = (item: ElinBindingItem): ElinBindingView => ({
    ...item,
    responseLocationName: places.responseLocation(item.organizationId, item.responseLocationId)?.name ?? null,
  });
  return [
    defineRoute<undefined, ListQuery>({
      operationId: 'elinBindings.list',
      method: 'GET',
      path: '/api/elin-bindings',
      summary: 'List ELINs that were lent to emergency callers',
      description:
        'The last caller of each number, and until when calls to it reach that caller (isActive); afterwards they go to the main ' +
        'number of the site. Numbers that were never lent, or not for 30 days, are not listed.',
      tags: ['Calls'],
      query: Type.Object({
        ...PAGE_QUERY,
        responseLocationId: Type.Optional(Type.String()),
        number: Type.Optional(Type.String({ maxLength: 32, description: 'Part of the number' })),
        active: Type.Optional(Type.Boolean({ description: 'Only those that hold, or only those that are over' })),
        ...sortQuery<ElinBindingColumn>('number', 'number', 'caller', 'boundAt', 'expiresAt', 'isActive'),
      }),
      responses: { 200: listOf(ELIN_BINDING) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => Promise.resolve(calls.listElinBindings(scope, wanted).map(viewOf))),
    }),
  ];
}
