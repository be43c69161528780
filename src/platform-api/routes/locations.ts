import { Type } from 'typebox';
import type { Compliance } from '../../compliance/compliance.ts';
import { missing } from '../../domain/problem.ts';
import type { LocationColumn, LocationOverview, Places } from '../../places/places.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { LOCATION_ITEM } from './place-schemas.ts';

type Filter = { start?: number; max?: number; text?: string; sort?: SortWord<LocationColumn> };

/** Locations with what is in them and how far they have come; they are created and changed by the Webex-compatible door. */
export function locationRoutes(deps: {
  places: Pick<Places, 'listLocationOverviews' | 'getLocation'>;
  compliance: Pick<Compliance, 'standing'>;
}): RestRoute[] {
  const { places, compliance } = deps;
  const tags = ['Places'];
  const withStanding = (location: LocationOverview) => ({
    ...location,
    standing: compliance.standing(location.organizationId, location.id),
  });
  return [
    defineRoute<undefined, Filter>({
      operationId: 'locations.list',
      method: 'GET',
      path: '/api/locations',
      summary: 'List locations with what is in them and how far they have come',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(Type.String({ maxLength: 256, description: 'Part of the name or of the address' })),
        ...sortQuery<LocationColumn>('name', 'name', 'address', 'level', 'rooms'),
      }),
      responses: { 200: listOf(LOCATION_ITEM) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await places.listLocationOverviews(scope, { ...query, ...page });
        return {
          status: 200,
          body: { items: items.map(withStanding) },
          ...nextPage(absoluteUrl, page, page.start + page.max >= total),
        };
      },
    }),
    defineRoute({
      operationId: 'locations.get',
      method: 'GET',
      path: '/api/locations/{locationId}',
      summary: 'A location with what is in it and how far it has come',
      tags,
      responses: { 200: LOCATION_ITEM },
      async handle({ scope, params }) {
        // Tells one that is gone, or not the administrator's, from one that never was.
        const { id } = await places.getLocation(scope, params['locationId'] ?? '');
        const [location] = (await places.listLocationOverviews(scope, { id, max: 1 })).items;
        if (location === undefined) throw missing(true, `location ${id}`);
        return { status: 200, body: withStanding(location) };
      },
    }),
  ];
}
