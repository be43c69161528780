import { Type } from 'typebox';
import type { BoundaryColumn, BoundaryFilter, Routing } from '../../routing/routing.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import {
  BOUNDARY,
  BOUNDARY_IMPORT,
  BOUNDARY_IMPORT_ENTRY,
  BOUNDARY_LAYER,
  BOUNDARY_OUTLINES,
  BOUNDARY_REPORT,
  BOUNDARY_VERSION,
  UNDONE_BOUNDARIES,
} from './routing-schemas.ts';

const GEOJSON_LIMIT = 64 * 1024 * 1024;
const LAYER = Type.String({ minLength: 1, maxLength: 64, description: 'Stored layer; `default` unless told' });
const SKIP_FAULTY = Type.Optional(
  Type.Boolean({ description: 'Store what can be stored of a file with faulty rows; without it, all or nothing' }),
);

const LATITUDE = Type.Optional(Type.Number({ minimum: -90, maximum: 90 }));
const LONGITUDE = Type.Optional(Type.Number({ minimum: -180, maximum: 180 }));

type ImportQuery = {
  layer?: string;
  fileLayer?: string;
  service?: string;
  mapping?: string;
  dryRun?: boolean;
  skipFaulty?: boolean;
};

/** Service boundaries out of files of maps: one set for the whole platform. */
export function boundaryRoutes(deps: { routing: Routing }): RestRoute[] {
  const { routing } = deps;
  const tags = ['Boundaries'];
  return [
    defineRoute<undefined, BoundaryFilter & { start?: number; max?: number }>({
      operationId: 'boundaries.list',
      method: 'GET',
      path: '/api/boundaries',
      summary: 'List imported boundaries, without their outlines',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        layer: Type.Optional(LAYER),
        withoutDestination: Type.Optional(
          Type.Boolean({
            description:
              'Only those that no call can be sent to yet: no SIP URI in the file, and no PSAP took them over',
          }),
        ),
        text: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Part of the name, the id or the URI, in any case',
          }),
        ),
        ...sortQuery<BoundaryColumn>(
          'layer',
          'layer',
          'displayName',
          'sourceId',
          'serviceUrn',
          'uri',
          'source',
          'updatedAt',
        ),
      }),
      responses: { 200: listOf(BOUNDARY) },
      handle: ({ query: { layer, withoutDestination, text, sort, ...query }, absoluteUrl }) =>
        listPage(query, absoluteUrl, (page) => routing.listBoundaries({ layer, withoutDestination, text, sort }, page)),
    }),
    defineRoute({
      operationId: 'boundaries.layers',
      method: 'GET',
      path: '/api/boundaries/layers',
      summary: 'Layers that hold boundaries now, with what is missing in each',
      tags,
      responses: { 200: listOf(BOUNDARY_LAYER) },
      async handle() {
        return { status: 200, body: { items: await routing.listBoundaryLayers() } };
      },
    }),
    defineRoute<undefined, { south?: number; west?: number; north?: number; east?: number }>({
      operationId: 'boundaries.outlines',
      method: 'GET',
      path: '/api/boundaries/outlines',
      summary: 'Imported boundaries that answer emergency calls, with their outlines, as far as they reach into a box',
      description:
        'Whole degrees and fractions, everywhere unless told. At most 300 boundaries of 40,000 corners together: `isComplete` tells whether there are more.',
      tags,
      query: Type.Object({ south: LATITUDE, west: LONGITUDE, north: LATITUDE, east: LONGITUDE }),
      responses: { 200: BOUNDARY_OUTLINES },
      handle({ query: { south = -90, west = -180, north = 90, east = 180 } }) {
        const { outlines, isComplete } = routing.importedOutlines([south, west, north, east]);
        return Promise.resolve({ status: 200, body: { items: outlines, isComplete } });
      },
    }),
    defineRoute<string, { layer?: string; dryRun?: boolean; skipFaulty?: boolean }>({
      operationId: 'boundaries.import',
      method: 'POST',
      path: '/api/boundaries/import',
      summary: 'Replace a layer of boundaries by a GeoJSON FeatureCollection within the request',
      description:
        'Features carry the NENA names ServiceURN, ServiceURI, DsplayName, NGUID, Agency_ID. All or nothing; dryRun=true answers the ' +
        'difference and what is questionable, and stores nothing.',
      tags,
      query: Type.Object({
        layer: Type.Optional(LAYER),
        dryRun: Type.Optional(Type.Boolean()),
        skipFaulty: SKIP_FAULTY,
      }),
      body: ANY,
      bodyAsText: true,
      bodyLimit: GEOJSON_LIMIT,
      responses: { 200: BOUNDARY_REPORT },
      async handle({ scope, query, body: document }) {
        const { layer = 'default', dryRun = false, skipFaulty } = query;
        return { status: 200, body: await routing.importBoundaries(scope, { document, layer, dryRun, skipFaulty }) };
      },
    }),
    defineRoute<AsyncIterable<Uint8Array>, ImportQuery>({
      operationId: 'boundaries.imports.start',
      method: 'POST',
      path: '/api/boundaries/imports',
      summary: 'Import a file of boundaries beside the request',
      description:
        'GeoJSON, GeoPackage, or a zip of a Shapefile (.shp, .dbf, .prj, .cpg) or a File Geodatabase, in any coordinate system that the ' +
        'file names. At most 1 GiB as sent. Answered when the file has arrived, with the id of the import; it is then read in a process of its ' +
        'own, compared and judged. A dry run unless dryRun=false: `apply` stores what was looked at, all at one stroke.',
      tags,
      query: Type.Object({
        layer: Type.Optional(LAYER),
        fileLayer: Type.Optional(
          Type.String({
            maxLength: 2_000,
            description: 'Layers of the file, separated by commas; those of the NENA model unless told',
          }),
        ),
        service: Type.Optional(
          Type.String({ maxLength: 256, description: 'Every row serves this URN, whatever it says' }),
        ),
        mapping: Type.Optional(
          Type.String({
            maxLength: 6_000,
            description: 'YAML or JSON: layers, fields, values, destinations (docs/operations/boundaries.md)',
          }),
        ),
        dryRun: Type.Optional(Type.Boolean({ default: true })),
        skipFaulty: SKIP_FAULTY,
      }),
      body: Type.Unknown(),
      bodyType: 'application/octet-stream',
      bodyAsStream: true,
      responses: { 202: BOUNDARY_IMPORT },
      async handle({ scope, query, body }) {
        const { layer = 'default', fileLayer, ...options } = query;
        const fileLayers = fileLayer
          ?.split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '');
        return { status: 202, body: await routing.startBoundaryImport(scope, body, { ...options, layer, fileLayers }) };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'boundaries.imports.list',
      method: 'GET',
      path: '/api/boundaries/imports',
      summary: 'Imports of the last seven days, the latest first',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(BOUNDARY_IMPORT_ENTRY) },
      async handle({ query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await routing.listBoundaryImports(page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute({
      operationId: 'boundaries.imports.get',
      method: 'GET',
      path: '/api/boundaries/imports/{id}',
      summary: 'How far an import is, and what it found',
      tags,
      responses: { 200: BOUNDARY_IMPORT },
      async handle({ params }) {
        return { status: 200, body: await routing.getBoundaryImport(params.id ?? '') };
      },
    }),
    defineRoute<undefined, { skipFaulty?: boolean }>({
      operationId: 'boundaries.imports.apply',
      method: 'POST',
      path: '/api/boundaries/imports/{id}/apply',
      summary: 'Store what a dry run has checked within the last hour',
      tags,
      query: Type.Object({ skipFaulty: SKIP_FAULTY }),
      responses: { 202: BOUNDARY_IMPORT },
      async handle({ scope, params, query }) {
        return { status: 202, body: await routing.applyBoundaryImport(scope, params.id ?? '', query.skipFaulty) };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'boundaries.versions',
      method: 'GET',
      path: '/api/boundaries/{layer}/versions',
      summary: 'Changes of a layer in the last 90 days, newest first',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(BOUNDARY_VERSION) },
      async handle({ params, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await routing.listBoundaryVersions(params.layer ?? '', page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<{ revision?: number }>({
      operationId: 'boundaries.undo',
      method: 'POST',
      path: '/api/boundaries/{layer}/undo',
      summary: 'Make a layer what it was at a version, or before its last change',
      tags,
      body: Type.Object({ revision: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })) }),
      responses: { 200: UNDONE_BOUNDARIES },
      async handle({ scope, params, body }) {
        return { status: 200, body: await routing.undoBoundaries(scope, params.layer ?? '', body.revision) };
      },
    }),
    defineRoute({
      operationId: 'boundaries.remove',
      method: 'DELETE',
      path: '/api/boundaries/{layer}',
      summary: 'Remove a layer of imported boundaries; it can be gone back to',
      tags,
      responses: { 200: Type.Object({ removed: Type.Integer() }) },
      async handle({ scope, params }) {
        return { status: 200, body: await routing.removeBoundaries(scope, params.layer ?? '') };
      },
    }),
  ];
}
