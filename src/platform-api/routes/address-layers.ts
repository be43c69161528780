import { Type } from 'typebox';
import type { AddressData } from '../../addresses/address-data.ts';
import { ProblemError } from '../../domain/problem.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

const NAME = Type.String({ minLength: 1, maxLength: 64 });
const TEXT = Type.Optional(Type.String({ maxLength: 128 }));

type ImportQuery = {
  layer: string;
  fileName?: string;
  dryRun?: boolean;
  fileLayer?: string;
  mapping?: string;
  country?: string;
  state?: string;
  county?: string;
  city?: string;
  postalCode?: string;
};

/** `{"HNO":"HouseNo"}` as it comes in a query. */
function readMapping(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')) {
      return value as Record<string, string>;
    }
  } catch {
    // Told below, as any other value that is none.
  }
  throw new ProblemError('invalid', 'the mapping cannot be read', {
    fields: [{ path: 'mapping', message: 'expected JSON: names of ours to names of columns' }],
  });
}

/** Roads and address points that addresses are checked against: one set for the whole platform. */
export function addressLayerRoutes({ addressData }: { addressData: AddressData }): RestRoute[] {
  const tags = ['Address layers'];
  return [
    defineRoute({
      operationId: 'addressLayers.list',
      method: 'GET',
      path: '/api/address-layers',
      summary: 'The address layers in force, with what they hold',
      tags,
      responses: { 200: listOf(ANY) },
      async handle() {
        return { status: 200, body: { items: await addressData.listAddressLayers() } };
      },
    }),
    defineRoute<AsyncIterable<Uint8Array>, ImportQuery>({
      operationId: 'addressLayers.import',
      method: 'POST',
      path: '/api/address-layers/versions',
      summary: 'Import roads or address points beside the request',
      description:
        'NENA RoadCenterLine and SiteStructureAddressPoint (version 2 and 3) and what states and counties make of them: GeoJSON, GeoPackage, a ' +
        'zip of a Shapefile or a File Geodatabase, in any coordinate system that the file names, or CSV with latitude and longitude. ' +
        'At most 2 GiB and two million rows. The file becomes the whole of the layer. Answered when it has arrived, with the id of ' +
        'the version; it is then read, judged and compared. A dry run unless dryRun=false: `apply` puts what was looked at in force.',
      tags,
      query: Type.Object({
        layer: NAME,
        fileName: Type.Optional(Type.String({ maxLength: 200, description: 'What answers call the source' })),
        dryRun: Type.Optional(Type.Boolean({ default: true })),
        fileLayer: Type.Optional(
          Type.String({
            maxLength: 2_000,
            description: 'Layers of the file, separated by commas; those that sound of roads and addresses unless told',
          }),
        ),
        mapping: Type.Optional(
          Type.String({
            maxLength: 6_000,
            description: 'JSON, our field to the column: {"HNO":"HouseNo","from_L":"LeftFrom"}',
          }),
        ),
        country: TEXT,
        state: Type.Optional(Type.String({ maxLength: 64, description: 'Of every address that names none' })),
        county: TEXT,
        city: TEXT,
        postalCode: TEXT,
      }),
      body: Type.Unknown(),
      bodyType: 'application/octet-stream',
      bodyAsStream: true,
      responses: { 202: ANY },
      async handle({ scope, query, body }) {
        const { layer, fileName, dryRun = true, fileLayer, mapping, country, state, county, city, postalCode } = query;
        const defaults = Object.entries({ country, A1: state, A2: county, A3: city, PC: postalCode });
        const started = await addressData.startLayerImport(scope, body, {
          layer,
          fileName,
          apply: !dryRun,
          layers: fileLayer
            ?.split(',')
            .map((name) => name.trim())
            .filter((name) => name !== ''),
          mapping: readMapping(mapping),
          defaults: Object.fromEntries(defaults.filter(([, value]) => value !== undefined)),
        });
        return { status: 202, body: started };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number; layer?: string }>({
      operationId: 'addressLayers.versions',
      method: 'GET',
      path: '/api/address-layers/versions',
      summary: 'Versions of address layers, newest first: read, in force, former, failed',
      tags,
      query: Type.Object({ ...PAGE_QUERY, layer: Type.Optional(NAME) }),
      responses: { 200: listOf(ANY) },
      async handle({ query, absoluteUrl }) {
        const page = pageOf(query);
        const { items, total } = await addressData.listLayerVersions({ layer: query.layer }, page);
        return { status: 200, body: { items }, ...nextPage(absoluteUrl, page, page.start + page.max >= total) };
      },
    }),
    defineRoute({
      operationId: 'addressLayers.version',
      method: 'GET',
      path: '/api/address-layers/versions/{id}',
      summary: 'How far an import is; what it holds, what it changes, what is questionable about it',
      tags,
      responses: { 200: ANY },
      async handle({ params }) {
        return { status: 200, body: await addressData.getLayerVersion(params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'addressLayers.apply',
      method: 'POST',
      path: '/api/address-layers/versions/{id}/apply',
      summary: 'Put a version in force that was read, or was in force before',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return { status: 200, body: await addressData.applyLayerVersion(scope, params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'addressLayers.undo',
      method: 'POST',
      path: '/api/address-layers/{layer}/undo',
      summary:
        'Put the newest former version in force that is older than the present one; with none older, the layer is empty',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return { status: 200, body: await addressData.undoLayer(scope, params['layer'] ?? '') };
      },
    }),
    defineRoute({
      operationId: 'addressLayers.remove',
      method: 'DELETE',
      path: '/api/address-layers/{layer}',
      summary: 'Take an address layer out of force; its versions stay',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await addressData.removeLayer(scope, params['layer'] ?? '');
        return { status: 204 };
      },
    }),
  ];
}
