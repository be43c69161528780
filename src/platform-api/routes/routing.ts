import { Type } from 'typebox';
import type { PsapColumn, Routing, SavePsap } from '../../routing/routing.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { PSAP } from './routing-schemas.ts';

const SIP_URI = Type.String({ minLength: 5, maxLength: 1_024 });
const SAVED = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 254 }),
  uri: SIP_URI,
  alternateUris: Type.Optional(Type.Array(SIP_URI, { maxItems: 8 })),
  ringTimeoutMs: Type.Optional(
    Type.Integer({
      minimum: 1_000,
      maximum: 60_000,
      description: 'How long it may stay silent before the next is tried',
    }),
  ),
  ringLimitMs: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1_000, maximum: 180_000 }), Type.Null()], {
      description: 'How long it may ring before the next is tried; null: three minutes',
    }),
  ),
  queueLimitMs: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1_000, maximum: 3_600_000 }), Type.Null()], {
      description:
        'How long it may keep a call in a queue (182) before the next is tried; null: as long as the queue is heard of',
    }),
  ),
  plainSipUser: Type.Optional(Type.Boolean()),
  phoneNumber: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'E.164: its people, beside emergency calls' }),
  ),
  textTo911: Type.Optional(Type.Boolean()),
  sourceId: Type.Optional(
    Type.Union([Type.String(), Type.Null()], { description: 'The mapping to take over, e.g. us-county-48201' }),
  ),
});

/** PSAPs: one set for the whole platform. */
export function routingRoutes(deps: { routing: Routing }): RestRoute[] {
  const { routing } = deps;
  const tags = ['Routing'];
  return [
    defineRoute<undefined, { start?: number; max?: number; text?: string; sort?: SortWord<PsapColumn> }>({
      operationId: 'psaps.list',
      method: 'GET',
      path: '/api/psaps',
      summary: 'List PSAPs with their contacts',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Part of the name, the URI or the mapping that it took over, in any case',
          }),
        ),
        ...sortQuery<PsapColumn>('name', 'name', 'sourceId', 'uri', 'phoneNumber', 'textTo911', 'updatedAt'),
      }),
      responses: { 200: listOf(PSAP) },
      handle: ({ query, absoluteUrl }) => listPage(query, absoluteUrl, (page) => routing.listPsaps(page, query)),
    }),
    defineRoute<SavePsap>({
      operationId: 'psaps.create',
      method: 'POST',
      path: '/api/psaps',
      summary: 'Add a PSAP, and let it answer for a mapping',
      tags,
      body: SAVED,
      responses: { 201: PSAP },
      async handle({ scope, body }) {
        return { status: 201, body: await routing.savePsap(scope, { ...body, id: undefined }) };
      },
    }),
    defineRoute({
      operationId: 'psaps.get',
      method: 'GET',
      path: '/api/psaps/{id}',
      summary: 'Read a PSAP',
      tags,
      responses: { 200: PSAP },
      async handle({ params }) {
        return { status: 200, body: await routing.getPsap(params.id ?? '') };
      },
    }),
    defineRoute<SavePsap>({
      operationId: 'psaps.replace',
      method: 'PUT',
      path: '/api/psaps/{id}',
      summary: 'Replace a PSAP',
      tags,
      body: SAVED,
      responses: { 200: PSAP },
      async handle({ scope, params, body }) {
        return { status: 200, body: await routing.savePsap(scope, { ...body, id: params.id }) };
      },
    }),
    defineRoute({
      operationId: 'psaps.remove',
      method: 'DELETE',
      path: '/api/psaps/{id}',
      summary: 'Remove a PSAP',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await routing.removePsap(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
