import { Type } from 'typebox';
import type { Calls, DestinationStatus } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf, oneOf, orNull, text, textOrNull } from '../schemas.ts';

const DESTINATION = answerSchema<DestinationStatus>()(
  Type.Object({
    destination: text('Next hop'),
    state: oneOf('up', 'down', 'unknown'),
    since: textOrNull(),
    serves: Type.Array(Type.Object({ kind: oneOf('psap', 'relay', 'trunk'), name: text() })),
    lastAnswerAt: textOrNull(),
    lastStatus: orNull(Type.Integer(), 'Of the last answer, whatever it said'),
    roundTripMs: orNull(Type.Number()),
    failures: Type.Integer({ description: 'Questions and calls in a row that nobody answered' }),
    sparedUntil: textOrNull('Until when it asked to be spared'),
  }),
);

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
      responses: { 200: listOf(DESTINATION) },
      handle: ({ query, absoluteUrl }) =>
        listPage(query, absoluteUrl, ({ start, max }) =>
          Promise.resolve(calls.listDestinations().slice(start, start + max)),
        ),
    }),
  ];
}
