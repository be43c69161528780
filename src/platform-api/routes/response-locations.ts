import { Type } from 'typebox';
import type { CivicAddress } from '../../domain/civic-address.ts';
import type { Shape } from '../../domain/shape.ts';
import type { Places } from '../../places/places.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, CIVIC_ADDRESS, listOf, SHAPE } from '../schemas.ts';

const NAME = Type.String({ minLength: 1, maxLength: 256 });
const EMAILS = Type.Array(Type.String({ minLength: 3, maxLength: 254 }), { maxItems: 50 });

type Detail = { detail: CivicAddress; shape?: Shape; alertEmails?: string[] };
type Filter = { start?: number; max?: number; locationId?: string; name?: string };

/** Buildings, and the emergency response locations (floor, zone, room) in them. */
export function responseLocationRoutes(deps: { places: Places }): RestRoute[] {
  const { places } = deps;
  const tags = ['Places'];
  return [
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'buildings.list',
      method: 'GET',
      path: '/api/buildings',
      summary: 'List buildings',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await places.listBuildings(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<undefined, Filter>({
      operationId: 'responseLocations.list',
      method: 'GET',
      path: '/api/response-locations',
      summary: 'List emergency response locations',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        locationId: Type.Optional(Type.String()),
        name: Type.Optional(Type.String({ description: 'Part of the name, in any case' })),
      }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await places.listResponseLocations(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<{ locationId: string; name: string } & Detail>({
      operationId: 'responseLocations.create',
      method: 'POST',
      path: '/api/response-locations',
      summary: 'Create an emergency response location in the building of a location',
      tags,
      body: Type.Object({
        locationId: Type.String(),
        name: NAME,
        detail: CIVIC_ADDRESS,
        shape: Type.Optional(SHAPE),
        alertEmails: Type.Optional(EMAILS),
      }),
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await places.createResponseLocation(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'responseLocations.get',
      method: 'GET',
      path: '/api/response-locations/{id}',
      summary: 'Read an emergency response location',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return { status: 200, body: await places.getResponseLocation(scope, params.id ?? '') };
      },
    }),
    defineRoute<{ name?: string; shape?: Shape | null } & Partial<Omit<Detail, 'shape'>>>({
      operationId: 'responseLocations.update',
      method: 'PATCH',
      path: '/api/response-locations/{id}',
      summary: 'Change an emergency response location; what is absent stays',
      tags,
      body: Type.Object({
        name: Type.Optional(NAME),
        detail: Type.Optional(CIVIC_ADDRESS),
        shape: Type.Optional(Type.Union([SHAPE, Type.Null()])),
        alertEmails: Type.Optional(EMAILS),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, body }) {
        return { status: 200, body: await places.updateResponseLocation(scope, params.id ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'responseLocations.remove',
      method: 'DELETE',
      path: '/api/response-locations/{id}',
      summary: 'Remove an emergency response location that nothing refers to',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await places.removeResponseLocation(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
