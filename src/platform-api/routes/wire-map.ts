import { Type } from 'typebox';
import { ProblemError } from '../../domain/problem.ts';
import type {
  Location,
  NewOwnAddressRange,
  NewWireMapElement,
  WireMapElementChanges,
} from '../../location/location.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

const KIND = Type.Enum(['switch-port', 'switch-chassis', 'bssid', 'mac', 'ip-range']);
const VALUE = Type.String({ minLength: 1, maxLength: 256 });
const CSV_LIMIT = 11 * 1024 * 1024;

type Filter = { start?: number; max?: number; kind?: string; responseLocationId?: string; text?: string };

/** The wire map, the organization's own addresses, and revoking location URIs. */
export function wireMapRoutes(deps: { location: Location }): RestRoute[] {
  const { location } = deps;
  const tags = ['Wire map'];
  return [
    defineRoute<undefined, Filter>({
      operationId: 'wireMap.list',
      method: 'GET',
      path: '/api/wire-map',
      summary: 'List network elements and the response locations they stand in',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        kind: Type.Optional(KIND),
        responseLocationId: Type.Optional(Type.String()),
        text: Type.Optional(Type.String({ description: 'Part of value, port or description, in any case' })),
      }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await location.listElements(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<NewWireMapElement>({
      operationId: 'wireMap.create',
      method: 'POST',
      path: '/api/wire-map',
      summary: 'Add a network element',
      tags,
      body: Type.Object({
        kind: KIND,
        value: VALUE,
        port: Type.Optional(VALUE),
        responseLocationId: Type.String(),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await location.createElement(scope, body) };
      },
    }),
    defineRoute<WireMapElementChanges>({
      operationId: 'wireMap.update',
      method: 'PATCH',
      path: '/api/wire-map/{id}',
      summary: 'Change a network element; what is absent stays',
      tags,
      body: Type.Object({
        value: Type.Optional(VALUE),
        port: Type.Optional(VALUE),
        responseLocationId: Type.Optional(Type.String()),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, body }) {
        return { status: 200, body: await location.updateElement(scope, params.id ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'wireMap.remove',
      method: 'DELETE',
      path: '/api/wire-map/{id}',
      summary: 'Remove a network element',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await location.removeElement(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<string, { dryRun?: boolean; replace?: boolean }>({
      operationId: 'wireMap.import',
      method: 'POST',
      path: '/api/wire-map/import',
      summary: 'Import the wire map from CSV, all or nothing',
      description:
        'Columns kind, value, port, location, erl, description. Every faulty row is listed with line and column, and then nothing is ' +
        'stored. dryRun=true only says what would change; replace=true also removes what the file does not name.',
      tags,
      query: Type.Object({ dryRun: Type.Optional(Type.Boolean()), replace: Type.Optional(Type.Boolean()) }),
      body: Type.String(),
      bodyType: 'text/csv',
      bodyLimit: CSV_LIMIT,
      responses: { 200: ANY },
      async handle({ scope, query, body }) {
        const result = await location.importWireMap(scope, body, query);
        if (result.counts.errors === 0 || query.dryRun) return { status: 200, body: result };
        throw new ProblemError('invalid', `${result.counts.errors} rows are at fault; nothing was stored`, {
          fields: result.errors.map(({ line, column, message }) => ({ path: `${line}:${column}`, message })),
        });
      },
    }),
    defineRoute({
      operationId: 'wireMap.export',
      method: 'GET',
      path: '/api/wire-map/export',
      summary: 'The wire map as CSV, in the form that the import reads',
      tags,
      responses: { 200: ANY },
      async handle({ scope }) {
        return {
          status: 200,
          headers: { 'content-type': 'text/csv; charset=utf-8' },
          body: await location.exportWireMap(scope),
        };
      },
    }),
    defineRoute({
      operationId: 'addressRanges.list',
      method: 'GET',
      path: '/api/address-ranges',
      summary: 'Addresses from which the organization is seen: the gate for private addresses',
      tags,
      responses: { 200: listOf(ANY) },
      async handle({ scope }) {
        return { status: 200, body: { items: await location.listAddressRanges(scope) } };
      },
    }),
    defineRoute<NewOwnAddressRange>({
      operationId: 'addressRanges.create',
      method: 'POST',
      path: '/api/address-ranges',
      summary: 'Add addresses from which the organization is seen',
      tags,
      body: Type.Object({
        range: VALUE,
        locationId: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await location.createAddressRange(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'addressRanges.remove',
      method: 'DELETE',
      path: '/api/address-ranges/{id}',
      summary: 'Remove addresses from which the organization is seen',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await location.removeAddressRange(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<{ uri: string }>({
      operationId: 'locationUris.revoke',
      method: 'POST',
      path: '/api/location-uris/revoke',
      summary: 'Make a location URI stop resolving, on every node',
      tags,
      body: Type.Object({ uri: Type.String({ minLength: 10, maxLength: 1_024 }) }),
      responses: { 204: null },
      async handle({ scope, body }) {
        await location.revokeLocationUri(scope, body.uri);
        return { status: 204 };
      },
    }),
  ];
}
