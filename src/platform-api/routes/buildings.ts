import { Type } from 'typebox';
import type { CivicAddress } from '../../domain/civic-address.ts';
import type { BuildingChanges, Places } from '../../places/places.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, CIVIC_ADDRESS, DRY_RUN_QUERY, listOf } from '../schemas.ts';
import { BUILDING, FLOOR as FLOOR_ITEM, MOVED_BUILDING, RENAMED_FLOOR } from './place-schemas.ts';

const LINE = Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()]));
const ADDRESS = Type.Object(
  {
    addressLine1: LINE,
    addressLine2: LINE,
    city: LINE,
    stateOrProvince: LINE,
    zipOrPostalCode: LINE,
    country: LINE,
  },
  { additionalProperties: false, description: "What is left out is the location's" },
);
const EMAIL = Type.String({ minLength: 3, maxLength: 254 });
const FLOOR = Type.String({ minLength: 1, maxLength: 256 });

type DryRun = { dryRun?: boolean };
type Filter = { start?: number; max?: number; locationId?: string; text?: string };
type NewBuildingBody = { locationId: string; alertingEmail: string; address?: object; civic?: CivicAddress };

/** Buildings, one for each location, and their floors. */
export function buildingRoutes(deps: { places: Places }): RestRoute[] {
  const { places } = deps;
  const tags = ['Places'];
  return [
    defineRoute<undefined, Filter>({
      operationId: 'buildings.list',
      method: 'GET',
      path: '/api/buildings',
      summary: 'List buildings',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        locationId: Type.Optional(Type.String()),
        text: Type.Optional(
          Type.String({ maxLength: 256, description: "Part of the address or of the location's name" }),
        ),
      }),
      responses: { 200: listOf(BUILDING) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await places.listBuildings(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<NewBuildingBody>({
      operationId: 'buildings.create',
      method: 'POST',
      path: '/api/buildings',
      summary: 'Create the building of a location',
      tags,
      body: Type.Object({
        locationId: Type.String(),
        alertingEmail: EMAIL,
        address: Type.Optional(ADDRESS),
        civic: Type.Optional(CIVIC_ADDRESS),
      }),
      responses: { 201: BUILDING },
      async handle({ scope, body: { locationId, ...input } }) {
        return { status: 201, body: await places.createBuilding(scope, locationId, input) };
      },
    }),
    defineRoute({
      operationId: 'buildings.get',
      method: 'GET',
      path: '/api/buildings/{id}',
      summary: 'Read a building',
      tags,
      responses: { 200: BUILDING },
      async handle({ scope, params }) {
        return { status: 200, body: await places.getBuildingById(scope, params.id ?? '') };
      },
    }),
    defineRoute<BuildingChanges>({
      operationId: 'buildings.update',
      method: 'PATCH',
      path: '/api/buildings/{id}',
      summary: 'Change a building; what is absent stays',
      tags,
      body: Type.Object({
        alertingEmail: Type.Optional(EMAIL),
        address: Type.Optional(ADDRESS),
        civic: Type.Optional(CIVIC_ADDRESS),
      }),
      responses: { 200: BUILDING },
      async handle({ scope, params, body }) {
        return { status: 200, body: await places.updateBuildingById(scope, params.id ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'buildings.remove',
      method: 'DELETE',
      path: '/api/buildings/{id}',
      summary: 'Remove a building and its response locations, unless something refers to one of them',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await places.removeBuilding(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<{ locationId: string }, DryRun>({
      operationId: 'buildings.move',
      method: 'POST',
      path: '/api/buildings/{id}/move',
      summary: 'Give a building, with all that is in it, to another location',
      description:
        'The location must have none. The building keeps its address, also where it had that of its location. dryRun=true only ' +
        'tells what would be moved.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({ locationId: Type.String() }),
      responses: { 200: MOVED_BUILDING },
      async handle({ scope, params, body, query }) {
        return { status: 200, body: await places.moveBuilding(scope, params.id ?? '', body.locationId, query) };
      },
    }),
    defineRoute<{ into: string; sameNames?: 'refuse' | 'merge' }, DryRun>({
      operationId: 'buildings.merge',
      method: 'POST',
      path: '/api/buildings/{id}/merge',
      summary: 'Merge a building into another',
      description:
        'Its response locations stand in the other from then on, keep their ids and go on telling its alert address; its own id ' +
        'answers 410 with the id of the other, and location URIs go on resolving. Where both have a response location of the same ' +
        'name the merge is refused, unless sameNames is merge. dryRun=true only tells what would be moved.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({
        into: Type.String(),
        sameNames: Type.Optional(Type.Enum(['refuse', 'merge'])),
      }),
      responses: { 200: ANY },
      async handle({ scope, params, body: { into, sameNames }, query }) {
        const options = { ...query, sameNames };
        return { status: 200, body: await places.mergeBuildings(scope, params.id ?? '', into, options) };
      },
    }),
    defineRoute({
      operationId: 'buildings.floors',
      method: 'GET',
      path: '/api/buildings/{id}/floors',
      summary: 'The floors of a building, with how many response locations are on each',
      tags,
      responses: { 200: listOf(FLOOR_ITEM) },
      async handle({ scope, params }) {
        return { status: 200, body: { items: await places.listFloors(scope, params.id ?? '') } };
      },
    }),
    defineRoute<{ from: string; to: string }, DryRun>({
      operationId: 'buildings.renameFloor',
      method: 'POST',
      path: '/api/buildings/{id}/floors/rename',
      summary: 'Rename a floor in every response location on it; onto a name that is there the two become one',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({ from: FLOOR, to: FLOOR }),
      responses: { 200: RENAMED_FLOOR },
      async handle({ scope, params, body, query }) {
        return { status: 200, body: await places.renameFloor(scope, params.id ?? '', body, query) };
      },
    }),
  ];
}
