import { Type } from 'typebox';
import type {
  ElementColumn,
  ElementsChange,
  Location,
  NewOwnAddressRange,
  NewWireMapElement,
  WireMapElementChanges,
} from '../../location/location.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { ANY, DRY_RUN_QUERY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import {
  ADDRESS_RANGE,
  CHANGED_ELEMENTS,
  ELEMENT,
  ELEMENT_KIND,
  IMPORT_JOB,
  IMPORT_JOB_ENTRY,
  LINT_REPORT,
  UNDONE,
  WIRE_MAP_FORMAT,
  WIRE_MAP_IMPORT,
  WIRE_MAP_VERSION,
} from './wire-map-schemas.ts';

const VALUE = Type.String({ minLength: 1, maxLength: 256 });
const CSV_LIMIT = 11 * 1024 * 1024;
const FORMATS_IN_WORDS =
  'CSV with a header row: our own columns (kind, value, port, location, erl, description), or a file in the manner of RedSky, ' +
  'Microsoft Teams, Cisco Emergency Responder or a list of access points, told by the header unless `format` says it.';
const IMPORT_QUERY = {
  replace: Type.Optional(Type.Boolean({ description: 'Remove what the file does not name' })),
  format: Type.Optional(WIRE_MAP_FORMAT),
  columns: Type.Optional(
    Type.String({
      maxLength: 512,
      description:
        'What stands in which column, from 1, whatever the header says: `chassis:1,port:2,erl:5`. Fields: kind and value, or chassis, ' +
        'bssid, mac, subnet with mask, first with last, accessPoint; port, location, site, erl, description',
    }),
  ),
};

type Filter = {
  kind?: string;
  responseLocationId?: string;
  locationId?: string;
  buildingId?: string;
  text?: string;
  unseenForDays?: number;
};

type Sorted = { sort?: SortWord<ElementColumn> };
const SORT_QUERY = sortQuery<ElementColumn>('kind', 'kind', 'value');

const FILTER = {
  kind: Type.Optional(ELEMENT_KIND),
  responseLocationId: Type.Optional(Type.String()),
  locationId: Type.Optional(Type.String()),
  buildingId: Type.Optional(Type.String()),
  text: Type.Optional(
    Type.String({
      maxLength: 256,
      description:
        'Part of value, port or description, in any case; a whole hardware address, in any spelling: its elements and the masks that hold it',
    }),
  ),
  unseenForDays: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 3_650, description: 'Only elements that have located nobody for so long' }),
  ),
};

/** The wire map, the organization's own addresses, and revoking location URIs. */
export function wireMapRoutes(deps: { location: Location }): RestRoute[] {
  const { location } = deps;
  const tags = ['Wire map'];
  return [
    defineRoute<undefined, Filter & Sorted & { start?: number; max?: number }>({
      operationId: 'wireMap.list',
      method: 'GET',
      path: '/api/wire-map',
      summary: 'List network elements and the response locations they stand in',
      tags,
      query: Type.Object({ ...PAGE_QUERY, ...FILTER, ...SORT_QUERY }),
      responses: { 200: listOf(ELEMENT) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, hasMore } = await location.listElements(scope, { ...query, ...page });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, !hasMore) };
      },
    }),
    defineRoute<NewWireMapElement>({
      operationId: 'wireMap.create',
      method: 'POST',
      path: '/api/wire-map',
      summary: 'Add a network element',
      tags,
      body: Type.Object({
        kind: ELEMENT_KIND,
        value: VALUE,
        port: Type.Optional(VALUE),
        responseLocationId: Type.String(),
        description: Type.Optional(Type.String({ maxLength: 256 })),
      }),
      responses: { 201: ELEMENT },
      async handle({ scope, body }) {
        return { status: 201, body: await location.createElement(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'wireMap.get',
      method: 'GET',
      path: '/api/wire-map/{id}',
      summary: 'A network element',
      tags,
      responses: { 200: ELEMENT },
      async handle({ scope, params }) {
        return { status: 200, body: await location.getElement(scope, params.id ?? '') };
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
      responses: { 200: ELEMENT },
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
    defineRoute<ElementsChange, { dryRun?: boolean }>({
      operationId: 'wireMap.change',
      method: 'POST',
      path: '/api/wire-map/change',
      summary: 'Change or remove many network elements at once',
      description:
        'Named by ids or by a filter, at most 2,000, all or none, in one version that can be undone. dryRun=true only tells what ' +
        'would change, and which response locations no element would lead to any more.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.Object({
        ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 2_000 })),
        filter: Type.Optional(Type.Object(FILTER)),
        responseLocationId: Type.Optional(Type.String({ maxLength: 64 })),
        description: Type.Optional(Type.String({ maxLength: 256 })),
        remove: Type.Optional(Type.Boolean({ description: 'Remove them instead of changing them' })),
      }),
      responses: { 200: CHANGED_ELEMENTS },
      async handle({ scope, query, body }) {
        return { status: 200, body: await location.changeElements(scope, body, query) };
      },
    }),
    defineRoute<string, { dryRun?: boolean; replace?: boolean; format?: string; columns?: string }>({
      operationId: 'wireMap.import',
      method: 'POST',
      path: '/api/wire-map/import',
      summary: 'Import the wire map from CSV within the request, all or nothing',
      description:
        `${FORMATS_IN_WORDS} At most 10 MB and 200,000 rows. Every faulty row is listed with line and column, and then nothing is ` +
        'stored. dryRun=true only says what would change; replace=true also removes what the file does not name. The answer tells ' +
        'what changes and what is questionable about the whole wire map.',
      tags,
      query: Type.Object({ dryRun: Type.Optional(Type.Boolean()), ...IMPORT_QUERY }),
      body: Type.String(),
      bodyType: 'text/csv',
      bodyLimit: CSV_LIMIT,
      responses: { 200: WIRE_MAP_IMPORT },
      async handle({ scope, query, body }) {
        return { status: 200, body: await location.importWireMap(scope, body, query) };
      },
    }),
    defineRoute<AsyncIterable<Uint8Array>, { dryRun?: boolean; replace?: boolean; format?: string; columns?: string }>({
      operationId: 'wireMap.imports.start',
      method: 'POST',
      path: '/api/wire-map/imports',
      summary: 'Import a large wire map beside the request',
      description:
        `${FORMATS_IN_WORDS} At most 512 MB and two million rows. Answered when the file has arrived, with the import's id; it is ` +
        'then read, compared and judged. A dry run unless dryRun=false: `apply` stores what was looked at. All rows are stored or none.',
      tags,
      query: Type.Object({ dryRun: Type.Optional(Type.Boolean({ default: true })), ...IMPORT_QUERY }),
      body: Type.String(),
      bodyType: 'text/csv',
      bodyAsStream: true,
      responses: { 202: IMPORT_JOB },
      async handle({ scope, query, body }) {
        return { status: 202, body: await location.startWireMapImport(scope, body, query) };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'wireMap.imports.list',
      method: 'GET',
      path: '/api/wire-map/imports',
      summary: 'Imports of the last seven days, the latest first',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(IMPORT_JOB_ENTRY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await location.listWireMapImports(scope, page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute({
      operationId: 'wireMap.imports.get',
      method: 'GET',
      path: '/api/wire-map/imports/{id}',
      summary: 'How far an import is, and what it found',
      tags,
      responses: { 200: IMPORT_JOB },
      async handle({ scope, params }) {
        return { status: 200, body: await location.getWireMapImport(scope, params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'wireMap.imports.apply',
      method: 'POST',
      path: '/api/wire-map/imports/{id}/apply',
      summary: 'Store what a dry run has checked within the last hour',
      tags,
      responses: { 202: IMPORT_JOB },
      async handle({ scope, params }) {
        return { status: 202, body: await location.applyWireMapImport(scope, params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'wireMap.lint',
      method: 'GET',
      path: '/api/wire-map/lint',
      summary: 'What is questionable about the wire map as it is in force',
      tags,
      responses: { 200: LINT_REPORT },
      async handle({ scope }) {
        return { status: 200, body: await location.lintWireMap(scope) };
      },
    }),
    defineRoute<
      undefined,
      { start?: number; max?: number; sort?: SortWord<'revision'>; since?: string; until?: string }
    >({
      operationId: 'wireMap.versions',
      method: 'GET',
      path: '/api/wire-map/versions',
      summary: 'Changes of the wire map in the last 90 days',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        since: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601: made at that moment or later' })),
        until: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601: made before that moment' })),
        ...sortQuery('-revision', 'revision'),
      }),
      responses: { 200: listOf(WIRE_MAP_VERSION) },
      async handle({ scope, query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await location.listWireMapVersions(scope, {
          ...page,
          sort: query.sort,
          since: query.since === undefined ? undefined : readMoment(query.since, 'since'),
          until: query.until === undefined ? undefined : readMoment(query.until, 'until'),
        });
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute<{ revision?: number }>({
      operationId: 'wireMap.undo',
      method: 'POST',
      path: '/api/wire-map/undo',
      summary: 'Make the wire map what it was at a version, or before its last change',
      tags,
      body: Type.Object({ revision: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })) }),
      responses: { 200: UNDONE },
      async handle({ scope, body }) {
        return { status: 200, body: await location.undoWireMap(scope, body.revision) };
      },
    }),
    defineRoute<undefined, Filter & Sorted>({
      operationId: 'wireMap.export',
      method: 'GET',
      path: '/api/wire-map/export',
      summary: 'The wire map as CSV, in the form that the import reads',
      description: 'A cell that a spreadsheet would compute gets an apostrophe before it; the import takes it off.',
      tags,
      query: Type.Object({ ...FILTER, ...SORT_QUERY }),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        return csvAnswer('wire-map', await location.exportWireMap(scope, query));
      },
    }),
    defineRoute({
      operationId: 'addressRanges.list',
      method: 'GET',
      path: '/api/address-ranges',
      summary: 'Addresses from which the organization is seen: the gate for private addresses',
      tags,
      responses: { 200: listOf(ADDRESS_RANGE) },
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
      responses: { 201: ADDRESS_RANGE },
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
