import { Type } from 'typebox';
import type { Addresses } from '../../addresses/addresses.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Routing } from '../../routing/routing.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { READ } from '../access.ts';
import { ANY } from '../schemas.ts';

type RouteQuery = { lat?: number; lon?: number; address?: string; service?: string };

/** What would happen, without a call. */
export function explainRoutes(deps: { routing: Routing; readAddress: Addresses['readFreeText'] }): RestRoute[] {
  const { routing } = deps;

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
      access: READ,
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
  ];
}
