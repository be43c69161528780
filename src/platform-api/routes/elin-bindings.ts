import { Type } from 'typebox';
import type { Calls, ElinBindingRequest } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

type ListQuery = { start?: number; max?: number } & Pick<
  ElinBindingRequest,
  'responseLocationId' | 'number' | 'active'
>;

/** Who is called back on which ELIN. */
export function elinBindingRoutes({ calls }: { calls: Pick<Calls, 'listElinBindings'> }): RestRoute[] {
  return [
    defineRoute<undefined, ListQuery>({
      operationId: 'elinBindings.list',
      method: 'GET',
      path: '/api/elin-bindings',
      summary: 'List ELINs that were lent to emergency callers, by number',
      description:
        'The last caller of each number, and until when calls to it reach that caller (isActive); afterwards they go to the main ' +
        'number of the site. Numbers that were never lent, or not for 30 days, are not listed.',
      tags: ['Calls'],
      query: Type.Object({
        ...PAGE_QUERY,
        responseLocationId: Type.Optional(Type.String()),
        number: Type.Optional(Type.String({ maxLength: 32, description: 'Part of the number' })),
        active: Type.Optional(Type.Boolean({ description: 'Only those that hold, or only those that are over' })),
      }),
      responses: { 200: listOf(ANY) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => Promise.resolve(calls.listElinBindings(scope, wanted))),
    }),
  ];
}
