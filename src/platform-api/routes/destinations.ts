import { Type } from 'typebox';
import type { Calls } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

/** Whether PSAPs, relay centres and monitored trunks answer. The operator's, for they belong to the platform. */
export function destinationRoutes({ calls }: { calls: Pick<Calls, 'listDestinations'> }): RestRoute[] {
  return [
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'destinations.list',
      method: 'GET',
      path: '/api/destinations',
      summary: 'Destinations of calls and whether they answer, as this node sees it',
      description:
        'Learnt from OPTIONS and from calls. A destination that is `down`, or asked to be spared, is tried after the others, never left out.',
      tags: ['Calls'],
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(ANY) },
      handle: ({ query, absoluteUrl }) =>
        listPage(query, absoluteUrl, ({ start, max }) =>
          Promise.resolve(calls.listDestinations().slice(start, start + max)),
        ),
    }),
  ];
}
