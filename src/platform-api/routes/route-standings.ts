import { Type } from 'typebox';
import type { Places } from '../../places/places.ts';
import { ROUTE_QUALITIES, type RouteQuality } from '../../routing/route.ts';
import type { Routing } from '../../routing/routing.ts';
import { createBreather } from '../../support/breather.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { listOf, oneOf, orNull, text, textOrNull } from '../schemas.ts';

/** Who answers for a location, and whether that is settled. */
type RouteStanding = {
  locationId: string;
  name: string;
  psap: string | null;
  sourceId: string | null;
  quality: RouteQuality | null;
  isSettled: boolean;
  reason: string;
};

const STANDING = answerSchema<RouteStanding>()(
  Type.Object({
    locationId: text(),
    name: text(),
    psap: textOrNull('Who answers; null: no boundary serves the place'),
    sourceId: textOrNull('The boundary that says so'),
    quality: orNull(oneOf(...ROUTE_QUALITIES)),
    isSettled: Type.Boolean({ description: 'One PSAP, named by the data or by somebody' }),
    reason: text('Why that one, or what is not settled, as a sentence'),
  }),
);

/** Another PSAP is as likely, or the place is not known well enough. */
const UNSETTLED: Readonly<Partial<Record<RouteQuality, string>>> = {
  'on-edge': 'the place lies so near the edge of the boundary that its neighbour is as likely',
  'greatest-overlap': 'the place spans several boundaries',
  center: 'the place is too wide to tell one boundary',
  nearest: 'the place lies outside every boundary; the nearest one answers',
  'civic-state': 'of the address only the state is known',
};

type Query = { settled?: boolean; start?: number; max?: number };

/** Whether one PSAP answers for each location: what administrators should have settled before anybody calls. */
export function routeStandingRoutes({ places, routing }: { places: Places; routing: Routing }): RestRoute[] {
  function standingOf(organizationId: string, location: ReturnType<Places['locationsOf']>[number]): RouteStanding {
    const { id, name } = location;
    const building = places.building(organizationId, id);
    const position = building?.position;
    const route = routing.explainRoute({
      civic: building?.address ?? location.address,
      ...(position && { shape: { type: 'point', position } }),
    });
    if (route === null) {
      const reason = 'no boundary serves this place: calls go to the relay centre';
      return { locationId: id, name, psap: null, sourceId: null, quality: null, isSettled: false, reason };
    }
    const { leadsToRelay, mapping, quality, rule, warnings } = route;
    const doubt = leadsToRelay
      ? 'registries name several PSAPs and nobody chose one: calls go to the relay centre'
      : (UNSETTLED[quality] ?? warnings[0]);
    return {
      locationId: id,
      name,
      psap: mapping.displayName,
      sourceId: mapping.sourceId,
      quality,
      isSettled: doubt === undefined,
      reason: doubt ?? rule,
    };
  }

  return [
    defineRoute<undefined, Query>({
      operationId: 'routeStandings.list',
      method: 'GET',
      path: '/api/route-standings',
      summary: 'Which PSAP answers for each location, and whether that is settled',
      description:
        'By the address of the building and its position where one is known, as calls without a nearer location go.',
      tags: ['Routing'],
      query: Type.Object({
        ...PAGE_QUERY,
        settled: Type.Optional(Type.Boolean({ description: 'Only locations whose PSAP is settled, or is not' })),
      }),
      responses: { 200: listOf(STANDING) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const breathe = createBreather();
        const end = page.start + page.max;
        const found: RouteStanding[] = [];
        for (const location of places.locationsOf(scope.organizationId)) {
          const standing = standingOf(scope.organizationId, location);
          if (query.settled === undefined || standing.isSettled === query.settled) found.push(standing);
          if (found.length > end) break;
          await breathe();
        }
        const items = found.slice(page.start, end);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, found.length <= end) };
      },
    }),
  ];
}
