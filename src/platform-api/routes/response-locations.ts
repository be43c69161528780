import { Type } from 'typebox';
import type { Calls } from '../../calls/calls.ts';
import type { CivicAddress } from '../../domain/civic-address.ts';
import type { Shape } from '../../domain/shape.ts';
import type { ElinColumn, Places, ResponseLocationColumn } from '../../places/places.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, CIVIC_ADDRESS, DRY_RUN_QUERY, listOf, SHAPE } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import {
  ELIN,
  type HeldElin,
  MERGED_RESPONSE_LOCATIONS,
  MOVED_RESPONSE_LOCATION,
  RESPONSE_LOCATION,
} from './place-schemas.ts';

const NAME = Type.String({ minLength: 1, maxLength: 256 });
const EMAILS = Type.Array(Type.String({ minLength: 3, maxLength: 254 }), { maxItems: 100 });

const CSV_LIMIT = 4 * 1024 * 1024;
const ELINS = Type.Array(Type.String({ minLength: 2, maxLength: 32 }), {
  maxItems: 50,
  description: 'Emergency location identification numbers, E.164; each leads to one response location only',
});

type Detail = { detail: CivicAddress; shape?: Shape; alertEmails?: string[]; elins?: string[] };
type Page = { start?: number; max?: number };
type Filter = {
  locationId?: string;
  buildingId?: string;
  floor?: string;
  name?: string;
  text?: string;
  sort?: SortWord<ResponseLocationColumn>;
};

const FILTER = {
  locationId: Type.Optional(Type.String()),
  buildingId: Type.Optional(Type.String()),
  floor: Type.Optional(
    Type.String({ maxLength: 256, description: 'FLR, in any case; empty: those that name no floor' }),
  ),
  name: Type.Optional(Type.String({ description: 'Part of the name, in any case' })),
  text: Type.Optional(
    Type.String({
      maxLength: 256,
      description: 'Part of the name, of an element inside the building or of an ELIN',
    }),
  ),
  ...sortQuery<ResponseLocationColumn>('name', 'name', 'location', 'floor', 'room'),
};

type DryRun = { dryRun?: boolean };
type Move = { locationId?: string; floor?: string; detail?: CivicAddress; name?: string };

/** Emergency response locations (floor, zone, room) in buildings, and the ELINs that lead to them. */
export function responseLocationRoutes(deps: { places: Places; calls: Pick<Calls, 'listElinBindings'> }): RestRoute[] {
  const { calls, places } = deps;
  const tags = ['Places'];
  return [
    defineRoute<undefined, Page & Filter>({
      operationId: 'responseLocations.list',
      method: 'GET',
      path: '/api/response-locations',
      summary: 'List emergency response locations',
      tags,
      query: Type.Object({ ...PAGE_QUERY, ...FILTER }),
      responses: { 200: listOf(RESPONSE_LOCATION) },
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
        elins: Type.Optional(ELINS),
      }),
      responses: { 201: RESPONSE_LOCATION },
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
      responses: { 200: RESPONSE_LOCATION },
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
        elins: Type.Optional(ELINS),
      }),
      responses: { 200: RESPONSE_LOCATION },
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
    defineRoute<Move, DryRun>({
      operationId: 'responseLocations.move',
      method: 'POST',
      path: '/api/response-locations/{id}/move',
      summary: 'Move an emergency response location to another floor, building or location',
      description: 'Its id stays: all that names it follows. dryRun=true only tells what would change.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({
        locationId: Type.Optional(Type.String({ description: 'The location in whose building it is from then on' })),
        floor: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'FLR from then on' })),
        detail: Type.Optional(CIVIC_ADDRESS),
        name: Type.Optional(NAME),
      }),
      responses: { 200: MOVED_RESPONSE_LOCATION },
      async handle({ scope, params, body, query }) {
        return { status: 200, body: await places.moveResponseLocation(scope, params.id ?? '', body, query) };
      },
    }),
    defineRoute<{ into: string }, DryRun>({
      operationId: 'responseLocations.merge',
      method: 'POST',
      path: '/api/response-locations/{id}/merge',
      summary: 'Merge an emergency response location into another',
      description:
        'Network elements, devices and location URIs lead to the other from then on; ELINs and alert addresses become its own. ' +
        'The id answers 410 with the id of the other. dryRun=true only tells what would be moved.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({ into: Type.String() }),
      responses: { 200: MERGED_RESPONSE_LOCATIONS },
      async handle({ scope, params, body, query }) {
        return { status: 200, body: await places.mergeResponseLocations(scope, params.id ?? '', body.into, query) };
      },
    }),
    defineRoute<string, DryRun & { replace?: boolean }>({
      operationId: 'responseLocations.import',
      method: 'POST',
      path: '/api/response-locations/import',
      summary: 'Import emergency response locations from CSV, all or nothing',
      description:
        'Columns: id, location, name, civic elements inside the building (FLR, ROOM …), latitude, longitude, radiusMeters, shape, ' +
        'elins, alertEmails, as the export writes them; those that are absent leave things as they are. Rows are matched by id, else by location and name; ELINs and e-mail addresses are separated by spaces. Every faulty row is listed with line and ' +
        'column, and then nothing is stored. dryRun=true only says what would change; replace=true also removes what the file ' +
        'does not name. At most 4 MB and 20,000 rows.',
      tags,
      query: Type.Object({
        ...DRY_RUN_QUERY,
        replace: Type.Optional(Type.Boolean({ description: 'Remove what the file does not name' })),
      }),
      body: Type.String(),
      bodyType: 'text/csv',
      bodyLimit: CSV_LIMIT,
      responses: { 200: ANY },
      async handle({ scope, query, body }) {
        return { status: 200, body: await places.importResponseLocations(scope, body, query) };
      },
    }),
    defineRoute<undefined, Filter>({
      operationId: 'responseLocations.export',
      method: 'GET',
      path: '/api/response-locations/export',
      summary: 'Emergency response locations as CSV, in the form that the import reads',
      description: 'A cell that a spreadsheet would compute gets an apostrophe before it; the import takes it off.',
      tags,
      query: Type.Object(FILTER),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        return csvAnswer('response-locations', await places.exportResponseLocations(scope, query));
      },
    }),
    defineRoute<undefined, Page & { responseLocationId?: string; number?: string; sort?: SortWord<ElinColumn> }>({
      operationId: 'elins.list',
      method: 'GET',
      path: '/api/elins',
      summary: 'List emergency location identification numbers and where they lead',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        responseLocationId: Type.Optional(Type.String()),
        number: Type.Optional(Type.String({ maxLength: 32, description: 'Part of the number' })),
        ...sortQuery<ElinColumn>('number', 'number', 'responseLocation'),
      }),
      responses: { 200: listOf(ELIN) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await places.listElins(scope, { ...query, ...page });
        const active = calls.listElinBindings(scope, { active: true, max: Number.POSITIVE_INFINITY });
        const held = new Map(active.map((binding) => [binding.number, binding]));
        const withHolders = items.map((item): HeldElin => {
          const binding = held.get(item.number);
          return { ...item, binding: binding ? { ...binding, responseLocationName: item.responseLocationName } : null };
        });
        const isLast = page.start + page.max >= total;
        return { status: 200, body: { items: withHolders }, ...nextPage(absoluteUrl, page, isLast) };
      },
    }),
  ];
}
