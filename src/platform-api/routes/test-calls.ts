import { Type } from 'typebox';
import type { Calls, PlacedTestCall, TestCallRequest } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { text } from '../schemas.ts';

const PLACED = answerSchema<PlacedTestCall>()(
  Type.Object({ callId: text('SIP Call-ID: `text` of GET /api/calls finds the call by it'), from: text('E.164') }),
);

/** Test calls that nobody has to dial. */
export function testCallRoutes({ calls }: { calls: Pick<Calls, 'placeTestCall'> }): RestRoute[] {
  return [
    defineRoute<TestCallRequest>({
      operationId: 'testCalls.place',
      method: 'POST',
      path: '/api/test-calls',
      summary: 'Place a 933 test call for a number of the organization',
      description:
        'The platform dials 933 as a phone with that number would, through its own SIP door, and says back what it hears; nobody is called. ' +
        'Answered when the call is on its way. Six a minute for an organization, four at once on a node.',
      tags: ['Calls'],
      body: Type.Object({
        from: Type.String({ minLength: 2, maxLength: 64, description: 'A number of the organization' }),
        responseLocationId: Type.Optional(
          Type.String({
            format: 'uuid',
            description:
              'The call conveys a location URI for this place, as of a phone that asked for its location there',
          }),
        ),
      }),
      responses: { 202: PLACED },
      async handle({ scope, body }) {
        return { status: 202, body: await calls.placeTestCall(scope, body) };
      },
    }),
  ];
}
