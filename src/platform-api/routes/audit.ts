import { Type } from 'typebox';
import type { Audit, AuditFilter, ExportFormat } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { DEFAULT_MAX, PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { ANY, listOf, TEXT_OR_NULL } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';

const VALUES = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

const ENTRY = Type.Object({
  sequence: Type.String(),
  at: Type.String({ format: 'date-time' }),
  actor: Type.String({ description: 'The id of the token that acted, or what the platform did by itself' }),
  actorLabel: Type.Union([Type.String(), Type.Null()], {
    description: 'What it was called; null for partners, operators and the platform itself',
  }),
  actorRole: TEXT_OR_NULL,
  actorOrganizationId: TEXT_OR_NULL,
  remoteAddress: TEXT_OR_NULL,
  action: Type.String(),
  subject: Type.String(),
  before: VALUES,
  after: VALUES,
  detail: Type.Record(Type.String(), Type.Unknown()),
  trackingId: TEXT_OR_NULL,
});

type FilterQuery = {
  actor?: string;
  action?: string;
  subject?: string;
  trackingId?: string;
  text?: string;
  since?: string;
  until?: string;
  platform?: boolean;
  sort?: SortWord<'at'>;
};

const optionalText = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 300, description }));

const FILTER_QUERY = {
  actor: optionalText('The id or the name of who acted, whole'),
  action: optionalText('The action, whole, or its beginning with a star: location.*'),
  subject: optionalText('The subject, whole, or its beginning with a star: location *'),
  trackingId: optionalText('The tracking id of the request'),
  text: optionalText('Part of the action, of the subject or of who acted, in any case'),
  since: optionalText('ISO 8601: at that moment or later'),
  until: optionalText('ISO 8601: before that moment'),
  platform: Type.Optional(
    Type.Boolean({ description: 'Changes of the platform instead of an organization; operators' }),
  ),
  ...sortQuery('-at', 'at'),
};

/** Whose trail is asked for; null = the platform's. */
function trailOf(scope: Scope, { platform }: FilterQuery): string | null {
  if (!platform) return scope.organizationId;
  if (scope.role === 'operator') return null;
  throw new ProblemError('forbidden', 'changes of the platform are shown to its operators alone');
}

function readFilter({ actor, action, subject, trackingId, text, since, until, sort }: FilterQuery): AuditFilter {
  return {
    actor,
    action,
    subject,
    trackingId,
    text,
    sort,
    since: since === undefined ? undefined : readMoment(since, 'since'),
    until: until === undefined ? undefined : readMoment(until, 'until'),
  };
}

const FORMATS = ['csv', 'ndjson'] as const satisfies readonly ExportFormat[];

/** The append-only trail of an organization, and for operators that of the platform. */
export function auditRoutes(deps: { audit: Audit }): RestRoute[] {
  return [
    defineRoute<undefined, FilterQuery & { max?: number; before?: string; after?: string }>({
      operationId: 'audit.list',
      method: 'GET',
      path: '/api/audit',
      summary: 'List what was changed, by whom, from where and when, with the values before and after',
      tags: ['Audit'],
      query: Type.Object({
        ...FILTER_QUERY,
        max: PAGE_QUERY.max,
        before: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$', description: 'Entries older than this one' })),
        after: Type.Optional(Type.String({ pattern: '^[0-9]{1,18}$', description: 'Entries newer than this one' })),
      }),
      responses: { 200: listOf(ENTRY) },
      async handle({ scope, query, absoluteUrl }) {
        const { max = DEFAULT_MAX, before, after, sort } = query;
        const filter = { ...readFilter(query), beforeSequence: before, afterSequence: after, max };
        const items = await deps.audit.list(trailOf(scope, query), filter);
        const last = items.at(-1);
        if (items.length < max || !last) return { status: 200, body: { items } };
        const next = new URL(absoluteUrl);
        next.searchParams.set(sort === 'at' ? 'after' : 'before', last.sequence);
        return { status: 200, body: { items }, nextUrl: next.href };
      },
    }),
    defineRoute<undefined, FilterQuery & { format?: ExportFormat }>({
      operationId: 'audit.export',
      method: 'GET',
      path: '/api/audit/export',
      summary: 'The whole trail as CSV or as one JSON object a line',
      description: 'Cells of the CSV that a spreadsheet would take for a formula begin with an apostrophe.',
      tags: ['Audit'],
      query: Type.Object({
        ...FILTER_QUERY,
        format: Type.Optional(Type.Union(FORMATS.map((format) => Type.Literal(format)))),
      }),
      responses: { 200: ANY },
      handle({ scope, query }) {
        const { format = 'ndjson' } = query;
        const lines = deps.audit.export(trailOf(scope, query), readFilter(query), format);
        if (format === 'csv') return Promise.resolve(csvAnswer('audit', lines));
        return Promise.resolve({
          status: 200,
          headers: {
            'content-type': 'application/x-ndjson; charset=utf-8',
            'content-disposition': 'attachment; filename="audit.ndjson"',
          },
          stream: lines,
        });
      },
    }),
  ];
}
