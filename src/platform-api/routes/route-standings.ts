import { Type } from 'typebox';
import type { Compliance } from '../../compliance/compliance.ts';
import { formatCivicAddress } from '../../domain/civic-address.ts';
import type { Position } from '../../domain/shape.ts';
import type { Places } from '../../places/places.ts';
import type { RouteQuality, Routing } from '../../routing/routing.ts';
import { createBreather } from '../../support/breather.ts';
import { nameOrder, type SortKey, type SortWord, sortItems } from '../../support/sort-order.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { answerSchema } from '../answer-schema.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { listOf, orNull, POSITION, text, textOrNull } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { ROUTE_QUALITY } from './routing-schemas.ts';

/** Who answers for a location, and whether that is settled. */
type RouteStanding = {
  locationId: string;
  name: string;
  /** On one line. */
  address: string;
  position: Position | null;
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
    address: text('On one line'),
    position: orNull(POSITION, 'null: not known'),
    psap: textOrNull('Who answers; null: no boundary serves the place'),
    sourceId: textOrNull('The boundary that says so'),
    quality: orNull(ROUTE_QUALITY),
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

type Column = 'name' | 'address' | 'psap' | 'isSettled' | 'quality';

const ORDERS: Readonly<Record<Column, (standing: RouteStanding) => SortKey>> = {
  name: ({ name }) => nameOrder(name),
  address: ({ address }) => nameOrder(address),
  psap: ({ psap }) => psap,
  isSettled: ({ isSettled }) => isSettled,
  quality: ({ quality }) => quality,
};

type Query = { settled?: boolean; text?: string; sort?: SortWord<Column>; start?: number; max?: number };

/** Whether one PSAP answers for each location: what administrators should have settled before anybody calls. */
export function routeStandingRoutes({
  compliance,
  places,
  routing,
}: {
  compliance: Pick<Compliance, 'standing'>;
  places: Places;
  routing: Routing;
}): RestRoute[] {
  function standingOf(organizationId: string, location: ReturnType<Places['locationsOf']>[number]): RouteStanding {
    const { id, name } = location;
    const building = places.building(organizationId, id);
    const position = building?.position;
    const civic = building?.address ?? location.address;
    const place = { locationId: id, name, address: formatCivicAddress(civic), position: position ?? null };
    const route = routing.explainRoute({ civic, ...(position && { shape: { type: 'point', position } }) });
    if (route === null) {
      const reason = 'no boundary serves this place: calls go to the relay centre';
      return { ...place, psap: null, sourceId: null, quality: null, isSettled: false, reason };
    }
    const { leadsToRelay, mapping, quality, rule, warnings } = route;
    const doubt = leadsToRelay
      ? 'registries name several PSAPs and nobody chose one: calls go to the relay centre'
      : (UNSETTLED[quality] ?? warnings[0]);
    return {
      ...place,
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
        text: Type.Optional(
          Type.String({ minLength: 1, maxLength: 100, description: 'Part of the name or of the address, in any case' }),
        ),
        ...sortQuery<Column>('name', 'name', 'address', 'psap', 'isSettled', 'quality'),
      }),
      responses: { 200: listOf(STANDING) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const breathe = createBreather();
        const end = page.start + page.max;
        const found: RouteStanding[] = [];
        const wanted = query.text?.toLowerCase() ?? '';
        for (const location of places.locationsOf(scope.organizationId)) {
          // Outside the area served there is no PSAP to settle.
          if (compliance.standing(scope.organizationId, location.id).exempt) continue;
          const standing = standingOf(scope.organizationId, location);
          const isMeant = `${standing.name}\n${standing.address}`.toLowerCase().includes(wanted);
          if (isMeant && (query.settled ?? standing.isSettled) === standing.isSettled) found.push(standing);
          // In another order the last location may be the first.
          if (found.length > end && query.sort === undefined) break;
          await breathe();
        }
        const ordered = query.sort === undefined ? found : sortItems(found, query.sort, ORDERS);
        const items = ordered.slice(page.start, end);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, found.length <= end) };
      },
    }),
  ];
}
