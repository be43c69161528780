import { Type } from 'typebox';
import type { Location, UnmappedColumn } from '../../location/location.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { MAPPED, UNMAPPED_ELEMENT, UNMAPPED_KIND } from './wire-map-schemas.ts';

const FILTER = {
  kind: Type.Optional(UNMAPPED_KIND),
  text: Type.Optional(Type.String({ maxLength: 256, description: 'Part of value, port or sample device' })),
  ...sortQuery<UnmappedColumn>('-seenCount', 'value', 'kind', 'seenCount', 'lastSeenAt', 'sampleDevice', 'rule'),
};

type Filter = { kind?: string; text?: string; sort?: SortWord<UnmappedColumn> };

/** What requests for locations named and nobody mapped. */
export function unmappedRoutes({ location }: { location: Location }): RestRoute[] {
  const tags = ['Wire map'];
  return [
    defineRoute<undefined, Filter & { start?: number; max?: number }>({
      operationId: 'unmapped.list',
      method: 'GET',
      path: '/api/wire-map/unmapped',
      summary: 'List network elements that requests named and the wire map does not',
      tags,
      query: Type.Object({ ...PAGE_QUERY, ...FILTER }),
      responses: { 200: listOf(UNMAPPED_ELEMENT) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await location.listUnmapped(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<undefined, Filter>({
      operationId: 'unmapped.export',
      method: 'GET',
      path: '/api/wire-map/unmapped/export',
      summary: 'The unmapped elements as CSV',
      tags,
      query: Type.Object(FILTER),
      responses: { 200: ANY },
      handle: ({ scope, query }) => Promise.resolve(csvAnswer('unmapped', location.exportUnmapped(scope, query))),
    }),
    defineRoute<{ responseLocationId: string; description?: string }>({
      operationId: 'unmapped.map',
      method: 'POST',
      path: '/api/wire-map/unmapped/{id}/map',
      summary: 'Tie an unmapped element to a response location; a device gets an override',
      tags,
      body: Type.Object({
        responseLocationId: Type.String({ maxLength: 64 }),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 201: MAPPED },
      async handle({ scope, params, body }) {
        return { status: 201, body: await location.mapUnmapped(scope, params['id'] ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'unmapped.dismiss',
      method: 'DELETE',
      path: '/api/wire-map/unmapped/{id}',
      summary: 'Dismiss an unmapped element: it is not listed again',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await location.dismissUnmapped(scope, params['id'] ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<{ uri: string }>({
      operationId: 'locationUris.describe',
      method: 'POST',
      path: '/api/location-uris/describe',
      summary: 'What a location URI of ours points at, how it was found, and how often it was followed',
      tags,
      body: Type.Object({ uri: Type.String({ minLength: 10, maxLength: 1_024 }) }),
      responses: { 200: ANY },
      async handle({ scope, body }) {
        return { status: 200, body: await location.describeLocationUri(scope, body.uri) };
      },
    }),
  ];
}
