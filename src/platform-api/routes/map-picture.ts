import { Type } from 'typebox';
import type { MapPictures } from '../../alerts/alerts.ts';
import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY } from '../schemas.ts';

type MapQuery = { lat: number; lon: number; uncertainty?: number };

/** Maps as mails carry them. */
export function mapPictureRoutes({ maps }: { maps: MapPictures }): RestRoute[] {
  return [
    defineRoute<undefined, MapQuery>({
      operationId: 'mapPicture.get',
      method: 'GET',
      path: '/api/map-picture',
      summary: 'The map of a place that an alert mail would carry, as PNG',
      description:
        'Drawn from boundaries, address layers and the organization’s sites that this node holds; `uncertainty` is a radius in metres. The header `x-attribution` ' +
        'names whose data it shows, percent-encoded. 503 when no picture was ready in half a second.',
      tags: ['Alerts'],
      query: Type.Object({
        lat: Type.Number({ minimum: -85, maximum: 85 }),
        lon: Type.Number({ minimum: -180, maximum: 180 }),
        uncertainty: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
      }),
      responses: { 200: ANY },
      async handle({ query, scope }) {
        const { lat, lon, uncertainty = null } = query;
        const request = { latitude: lat, longitude: lon, uncertaintyMeters: uncertainty };
        const picture = await maps.picture(request, scope.organizationId);
        if (picture === null) throw new ProblemError('unavailable', 'no map could be drawn in time');
        return {
          status: 200,
          headers: { 'content-type': 'image/png', 'x-attribution': encodeURIComponent(picture.attribution) },
          body: Buffer.from(picture.png),
        };
      },
    }),
  ];
}
