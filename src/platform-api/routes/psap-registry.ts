import { Type } from 'typebox';
import { ProblemError } from '../../domain/problem.ts';
import type { PsapChoice, Routing, WorklistColumn, WorklistFilter } from '../../routing/routing.ts';
import { defineRoute, nextPage, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY, pageOf } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { PSAP_CHANGE, REGISTRY_IMPORT, REGISTRY_REPORT, WORKLIST, WORKLIST_ITEM } from './routing-schemas.ts';

const FILE_LIMIT = 32 * 1024 * 1024;
const DRY_RUN = Type.Optional(Type.Boolean({ default: false, description: 'Only say what would change' }));
const STATE = Type.Optional(Type.String({ minLength: 2, maxLength: 2, description: 'State, territory or province' }));

/** PSAP registries and the worklist of what they leave open. The operator's. */
export function psapRegistryRoutes(deps: { routing: Routing }): RestRoute[] {
  const { routing } = deps;
  const tags = ['Routing'];
  return [
    defineRoute<
      undefined,
      { start?: number; max?: number; source?: string; state?: string; text?: string; active?: boolean }
    >({
      operationId: 'psapRegistry.list',
      method: 'GET',
      path: '/api/psap-registry',
      summary: 'Rows of the PSAP registries',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        source: Type.Optional(Type.String({ maxLength: 32 })),
        state: STATE,
        text: Type.Optional(
          Type.String({ minLength: 1, maxLength: 100, description: 'Part of name, county, city or id, in any case' }),
        ),
        active: Type.Optional(Type.Boolean({ description: 'Those that take calls themselves, or the others' })),
      }),
      responses: { 200: listOf(ANY) },
      handle: ({ query: { active, ...query }, absoluteUrl }) =>
        listPage(query, absoluteUrl, (page) =>
          routing.listRegistry({ ...query, ...(active !== undefined && { isActive: active }) }, page),
        ),
    }),
    defineRoute<AsyncIterable<Uint8Array>, { source?: string; dryRun?: boolean }>({
      operationId: 'psapRegistry.import',
      method: 'POST',
      path: '/api/psap-registry/imports',
      summary: 'Import a PSAP registry',
      description:
        "The FCC's Master PSAP Registry of any year (xlsx or CSV), or a CSV with the columns PSAP ID, PSAP Name, and State or Province; " +
        'County, City, Type of Change, Comments, Date Last Modified, Text to 911, PSAP Contact are read where they are there. It becomes the ' +
        'whole of that registry (`source`, `fcc` unless told). Registries have no service areas: where one active PSAP is named for a county it lends ' +
        'its name, where several are, calls go to the relay centre until one is chosen in the worklist. At most 32 MB.',
      tags,
      query: Type.Object({
        source: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })),
        dryRun: DRY_RUN,
      }),
      body: ANY,
      bodyType: 'application/octet-stream',
      bodyAsStream: true,
      responses: { 200: REGISTRY_REPORT },
      async handle({ scope, query, body }) {
        const document = await readFile(body);
        const { dryRun = false, source } = query;
        return { status: 200, body: await routing.importRegistry(scope, { document, source, dryRun }) };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number }>({
      operationId: 'psapRegistry.imports',
      method: 'GET',
      path: '/api/psap-registry/imports',
      summary: 'Imports of PSAP registries, the latest first',
      tags,
      query: Type.Object(PAGE_QUERY),
      responses: { 200: listOf(REGISTRY_IMPORT) },
      handle: ({ query, absoluteUrl }) => listPage(query, absoluteUrl, (page) => routing.listRegistryImports(page)),
    }),
    defineRoute<undefined, { dryRun?: boolean }>({
      operationId: 'psapRegistry.restore',
      method: 'POST',
      path: '/api/psap-registry/imports/{id}/restore',
      summary: 'Go back to what an import left; the newest twenty of a registry are kept',
      tags,
      query: Type.Object({ dryRun: DRY_RUN }),
      responses: { 200: REGISTRY_REPORT },
      async handle({ scope, params, query }) {
        const { id = '' } = params;
        return { status: 200, body: await routing.restoreRegistry(scope, id, query.dryRun ?? false) };
      },
    }),
    defineRoute<undefined, { start?: number; max?: number } & WorklistFilter>({
      operationId: 'psapWorklist.list',
      method: 'GET',
      path: '/api/psap-worklist',
      summary: 'Counties and provinces with the PSAPs that may serve them, and which of them still need a choice',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        status: Type.Optional(
          Type.Enum(['open', 'one', 'several', 'chosen', 'relay', 'gone', 'none'], {
            description: '`open`: `several` and `gone`, which wait for a choice',
          }),
        ),
        state: STATE,
        text: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 100,
            description: 'Part of the name of the area or of its PSAP, in any case',
          }),
        ),
        ...sortQuery<WorklistColumn>('name', 'name', 'status', 'psap', 'candidates', 'reason'),
      }),
      responses: { 200: WORKLIST },
      async handle({ query, absoluteUrl }) {
        const page = pageOf(query);
        const { counts, items, total } = await routing.listWorklist(query, page);
        const isLast = page.start + page.max >= total;
        return { status: 200, body: { items, total, counts }, ...nextPage(absoluteUrl, page, isLast) };
      },
    }),
    defineRoute<PsapChoice>({
      operationId: 'psapWorklist.choose',
      method: 'PUT',
      path: '/api/psap-worklist/{sourceId}',
      summary: 'Say which PSAP serves a county or province, or (null) that the relay centre shall',
      tags,
      body: Type.Object({
        candidate: Type.Union([
          Type.Object({ source: Type.String({ maxLength: 32 }), key: Type.String({ maxLength: 64 }) }),
          Type.Null(),
        ]),
        reason: Type.String({ minLength: 1, maxLength: 500 }),
      }),
      responses: { 200: WORKLIST_ITEM },
      async handle({ scope, params, body }) {
        return { status: 200, body: await routing.choosePsap(scope, params['sourceId'] ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'psapWorklist.clear',
      method: 'DELETE',
      path: '/api/psap-worklist/{sourceId}',
      summary: 'Take a choice back',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await routing.clearPsapChoice(scope, params['sourceId'] ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<undefined, { max?: number }>({
      operationId: 'psaps.history',
      method: 'GET',
      path: '/api/psaps/{id}/history',
      summary:
        'Every change of a PSAP with what was there before and after, newest first; also of one that was removed',
      tags,
      query: Type.Object({ max: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })) }),
      responses: { 200: listOf(PSAP_CHANGE) },
      async handle({ params, query }) {
        return { status: 200, body: { items: await routing.psapHistory(params.id ?? '', query.max ?? 100) } };
      },
    }),
  ];
}

async function readFile(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > FILE_LIMIT) throw new ProblemError('too-large', `the file is larger than ${FILE_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
