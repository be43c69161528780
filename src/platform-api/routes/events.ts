import { Type } from 'typebox';
import type { Calls } from '../../calls/calls.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';

type EventsQuery = { after?: string; all?: boolean; follow?: boolean };

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies that collect an answer before they pass it on would hold back every event.
  'x-accel-buffering': 'no',
};

/** What happens to calls, while it happens. */
export function eventRoutes(deps: { calls: Calls }): RestRoute[] {
  return [
    defineRoute<undefined, EventsQuery>({
      operationId: 'events.stream',
      method: 'GET',
      path: '/api/events',
      summary:
        'Server-sent events: calls and test calls as they start, are routed, tried, answered and end; incidents; alerts',
      description:
        'Types: call.started, .routed, .attempted, .answered, .ended, .flagged; incident.opened, .escalated, .acknowledged, .resolved, .reopened; ' +
        'alert.accepted, .failed. A location administrator hears of its locations alone. ' +
        'Every event has a number (`id`); a client that comes back with Last-Event-ID, to any node, is told what it missed, or gets ' +
        '`events.lost` when that is no longer kept. Streams end after a quarter of an hour, or with their token; clients come back by ' +
        'themselves. Who does not read is cut off.',
      tags: ['Calls'],
      query: Type.Object({
        after: Type.Optional(
          Type.String({
            pattern: '^[0-9]{1,18}$',
            description: 'The same as Last-Event-ID, which wins when both are given',
          }),
        ),
        all: Type.Optional(
          Type.Boolean({ description: 'Of every organization and of the platform; the operator only' }),
        ),
        follow: Type.Optional(Type.Boolean({ description: 'false: what is kept, then the end; true unless told' })),
      }),
      responses: { 200: ANY },
      async handle({ scope, query, header }) {
        const after = header('last-event-id') ?? query.after;
        return { status: 200, headers: HEADERS, stream: await deps.calls.openEvents(scope, { ...query, after }) };
      },
    }),
  ];
}
