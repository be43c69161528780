import { Type } from 'typebox';
import type { Addresses } from '../../addresses/addresses.ts';
import type { Calls, ExplainCallRequest } from '../../calls/calls.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Routing } from '../../routing/routing.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';

type RouteQuery = { lat?: number; lon?: number; address?: string; service?: string };

/** What would happen, without a call. */
export function explainRoutes(deps: {
  routing: Routing;
  readAddress: Addresses['readFreeText'];
  calls: Calls;
}): RestRoute[] {
  const { routing, calls } = deps;

  function readLocation(query: RouteQuery): LocationValue {
    if (query.address !== undefined) return { civic: deps.readAddress(query.address) };
    if (query.lat !== undefined && query.lon !== undefined) {
      return { shape: { type: 'point', position: { latitude: query.lat, longitude: query.lon } } };
    }
    throw new ProblemError('invalid', 'give lat and lon, or address', {
      fields: [{ path: 'lat', message: 'lat and lon, or address, are needed' }],
    });
  }

  return [
    defineRoute<undefined, RouteQuery>({
      operationId: 'explain.route',
      method: 'GET',
      path: '/api/explain/route',
      summary: 'Which PSAP serves a point or an address, and why',
      tags: ['Explain'],
      query: Type.Object({
        lat: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
        lon: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
        address: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })),
        service: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 200: ANY },
      async handle({ query }) {
        const route = routing.explainRoute(readLocation(query), query.service);
        if (!route)
          throw new ProblemError('not-found', 'no boundary serves this place: a call goes to the relay centre');
        const { mapping, quality, rule, distanceToEdgeMeters, runnersUp, warnings } = route;
        return { status: 200, body: { mapping, quality, rule, distanceToEdgeMeters, runnersUp, warnings } };
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
      responses: { 200: ANY },
      handle: ({ scope, query }) => Promise.resolve({ status: 200, body: calls.explainCall(scope, query) }),
    }),
  ];
}
