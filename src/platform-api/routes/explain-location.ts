import { Type } from 'typebox';
import type { Location } from '../../location/location.ts';
import type { Clock } from '../../support/clock.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { decodeLocationRequest } from '../../wire/held/held.ts';
import { LOCATION_EXPLANATION } from './explain-schemas.ts';

const MAX_REQUEST = 256 * 1024;

/** Where a device would be found, by which rule, how old and how sure that is, and what lost. */
export function explainLocationRoutes({ location, clock }: { location: Location; clock: Clock }): RestRoute[] {
  return [
    defineRoute<{ request: string; sourceAddress?: string }>({
      operationId: 'explain.location',
      method: 'POST',
      path: '/api/explain/location',
      summary:
        'Where a HELD request would be located, and why: rule, element, age, confidence, and the candidates that lost',
      description: 'Nothing is noted of the request, and no location URI is made.',
      tags: ['Explain'],
      body: Type.Object({
        request: Type.String({ maxLength: MAX_REQUEST, description: 'A HELD locationRequest (RFC 5985)' }),
        sourceAddress: Type.Optional(
          Type.String({ maxLength: 64, description: 'Where it would come from; left out: where this one comes from' }),
        ),
      }),
      bodyLimit: 2 * MAX_REQUEST,
      responses: { 200: LOCATION_EXPLANATION },
      handle({ scope, body, remoteAddress }) {
        const asked = decodeLocationRequest(body.request);
        const nowMs = clock.nowMs();
        const explained = location.explainLocation({
          organizationId: scope.organizationId,
          devices: asked.devices,
          measurements: asked.measurements,
          namesUnreadable: asked.namesUnreadable,
          sourceAddress: body.sourceAddress ?? remoteAddress,
          nowMs,
        });
        return Promise.resolve({ status: 200, body: { ...explained, notes: [...asked.notes, ...explained.notes] } });
      },
    }),
  ];
}
