import { Type } from 'typebox';
import type { Calls, ExplainCallRequest } from '../../calls/calls.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Routing } from '../../routing/routing.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import type { createReadExplainedPlace, PlaceQuery } from '../read-explained-place.ts';
import { CALL_EXPLANATION } from './explain-schemas.ts';
import { EXPLAINED_PLACE } from './routing-schemas.ts';

type RouteQuery = PlaceQuery & { service?: string };

/** What would happen, without a call. */
export function explainRoutes(deps: {
  routing: Routing;
  calls: Calls;
  readPlace: ReturnType<typeof createReadExplainedPlace>;
}): RestRoute[] {
  const { routing, calls, readPlace } = deps;

  return [
    defineRoute<undefined, RouteQuery>({
      operationId: 'explain.route',
      method: 'GET',
      path: '/api/explain/route',
      summary: 'Which PSAP serves a point, an address, an emergency response location or a device, and why',
      description:
        'Exactly one of lat and lon, address, erl, device. `boundary` names the layer, version and import that answered, `quality` how far it is to be trusted.',
      tags: ['Explain'],
      query: Type.Object({
        lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
        lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
        address: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })),
        erl: Type.Optional(Type.String({ format: 'uuid', description: 'An emergency response location' })),
        device: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 256,
            description: 'MAC or IP address, sip: or tel: URI, number or extension, as HELD would locate it',
          }),
        ),
        service: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 200: EXPLAINED_PLACE },
      async handle({ query, remoteAddress, scope }) {
        const { foundBy, value } = await readPlace(scope, query, remoteAddress);
        const route = routing.explainRoute(value, query.service);
        if (!route)
          throw new ProblemError('not-found', 'no boundary serves this place: a call goes to the relay centre');
        const { boundary, distanceToEdgeMeters, leadsToRelay, mapping, quality, rule, runnersUp, warnings } = route;
        const place = { foundBy, civic: value.civic ?? null, shape: value.shape ?? null };
        return {
          status: 200,
          body: { mapping, boundary, quality, rule, distanceToEdgeMeters, runnersUp, warnings, leadsToRelay, place },
        };
      },
    }),
    defineRoute<undefined, ExplainCallRequest>({
      operationId: 'explain.call',
      method: 'GET',
      path: '/api/explain/call',
      summary: 'What would happen if this number called: location, callback, destinations, and why',
      description: 'The same decision that a real call gets, without a call.',
      tags: ['Explain'],
      query: Type.Object({
        from: Type.String({ minLength: 2, maxLength: 64, description: 'Caller number or extension' }),
        dialed: Type.Optional(Type.String({ maxLength: 256, description: '911 unless told; 933 or a service URN' })),
        geolocation: Type.Optional(Type.String({ maxLength: 1_024, description: 'A location URI the call conveys' })),
      }),
      responses: { 200: CALL_EXPLANATION },
      handle: ({ scope, query }) => Promise.resolve({ status: 200, body: calls.explainCall(scope, query) }),
    }),
  ];
}
