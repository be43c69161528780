import { gunzipSync } from 'node:zlib';
import { Type } from 'typebox';
import type { Routing } from '../../routing/routing.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { text } from '../schemas.ts';

const REGIONS = Type.Object({
  type: Type.Literal('FeatureCollection'),
  features: Type.Array(
    Type.Object({
      type: Type.Literal('Feature'),
      properties: Type.Object({
        id: text('The id of its boundary, as routes name it'),
        name: text(),
        region: text('State, territory or province'),
      }),
      geometry: Type.Object({ type: Type.Literal('MultiPolygon'), coordinates: Type.Array(Type.Unknown()) }),
    }),
  ),
});

/** They come with the product: another version may have others. */
const FRESH_SECONDS = 3_600;

/** What maps of the console are drawn on. */
export function mapRegionRoutes({ routing }: { routing: Pick<Routing, 'regionOutlines'> }): RestRoute[] {
  return [
    defineRoute({
      operationId: 'mapRegions.get',
      method: 'GET',
      path: '/api/map-regions',
      summary: 'Outlines of the built-in regions as GeoJSON, with fewer corners than calls are routed by',
      description: 'Counties of the United States, what territories have in their place, provinces of Canada.',
      tags: ['Boundaries'],
      responses: { 200: REGIONS },
      async handle({ header }) {
        const packed = Buffer.from(await routing.regionOutlines());
        const takesGzip = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(header('accept-encoding') ?? '');
        return {
          status: 200,
          headers: {
            'content-type': 'application/geo+json',
            'cache-control': `private, max-age=${FRESH_SECONDS}`,
            vary: 'accept-encoding',
            ...(takesGzip && { 'content-encoding': 'gzip' }),
          },
          body: takesGzip ? packed : gunzipSync(packed),
        };
      },
    }),
  ];
}
