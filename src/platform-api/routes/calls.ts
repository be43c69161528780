import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type { CallExportFormat, CallItem, CallPageRequest, Calls } from '../../calls/calls.ts';
import type { CallFlag, CallRecord } from '../../domain/call-record.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { CALL_DETAIL, CALL_ITEM } from './call-schemas.ts';

type FilterQuery = {
  all?: boolean;
  kind?: CallRecord['kind'];
  outcome?: CallRecord['outcome'];
  from?: string;
  to?: string;
  locationId?: string;
  flags?: string;
  number?: string;
  destination?: string;
  text?: string;
  sort?: SortWord<'startedAt'>;
};

const words = <Word extends string>(...choices: Word[]) => Type.Union(choices.map((choice) => Type.Literal(choice)));

const optionalText = (description: string, maxLength = 256) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

const FILTER_QUERY = {
  all: Type.Optional(Type.Boolean({ description: 'Calls of every organization and of none; the operator only' })),
  kind: Type.Optional(words('911', '933', 'callback')),
  outcome: Type.Optional(words('routing', 'answered', 'completed', 'abandoned', 'failed', 'redirected')),
  from: optionalText('ISO 8601: started at that moment or later'),
  to: optionalText('ISO 8601: started before that moment'),
  locationId: optionalText('Where the caller was'),
  flags: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+(,[a-z0-9-]+)*$',
      maxLength: 256,
      description: 'Names of flags, separated by commas: calls that have every one of them',
    }),
  ),
  number: optionalText('Of the caller or for callbacks, in any usual spelling; or an extension', 64),
  destination: optionalText('URI or source id, whole, or any part of the name'),
  text: optionalText('Any part of numbers, names, places and identifiers', 128),
  ...sortQuery('-startedAt', 'startedAt'),
};

function readFilter({ from, to, flags, ...query }: FilterQuery): CallPageRequest {
  return {
    ...query,
    since: from === undefined ? undefined : readMoment(from, 'from'),
    until: to === undefined ? undefined : readMoment(to, 'to'),
    flags: flags?.split(',') as CallFlag[] | undefined,
  };
}

/** Calls with their decision traces and receipts. */
export function callRoutes(deps: {
  calls: Calls;
  toCallItem: (record: CallRecord) => CallItem;
  alerts: Alerts;
}): RestRoute[] {
  const { calls, toCallItem, alerts } = deps;
  return [
    defineRoute<undefined, FilterQuery & { max?: number; before?: string }>({
      operationId: 'calls.list',
      method: 'GET',
      path: '/api/calls',
      summary: 'List calls',
      description:
        'A page may hold fewer calls than asked for, even none, and still have a next link: a search that looks into the calls ' +
        'themselves goes through a limited number of them at a time. Location administrators see calls from their locations.',
      tags: ['Calls'],
      query: Type.Object({
        ...FILTER_QUERY,
        max: PAGE_QUERY.max,
        before: Type.Optional(Type.String({ description: 'From the next link of the page before' })),
      }),
      responses: { 200: listOf(CALL_ITEM) },
      async handle({ scope, query, absoluteUrl }) {
        const { max, before, ...filter } = query;
        const page = await calls.listCalls(scope, { ...readFilter(filter), max, before });
        const body = { items: page.items.map(toCallItem) };
        if (page.next === null) return { status: 200, body };
        const next = new URL(absoluteUrl);
        next.searchParams.set('before', page.next);
        return { status: 200, body, nextUrl: next.href };
      },
    }),
    defineRoute<undefined, FilterQuery & { format?: CallExportFormat }>({
      operationId: 'calls.export',
      method: 'GET',
      path: '/api/calls/export',
      summary: 'Every call that the filter finds, as CSV or as one JSON object a line',
      description: 'Cells of the CSV that a spreadsheet would take for a formula begin with an apostrophe.',
      tags: ['Calls'],
      query: Type.Object({ ...FILTER_QUERY, format: Type.Optional(words('csv', 'ndjson')) }),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        const { format = 'ndjson', ...filter } = query;
        const lines = await calls.exportCalls(scope, readFilter(filter), format);
        if (format === 'csv') return csvAnswer('calls', lines);
        return {
          status: 200,
          headers: {
            'content-type': 'application/x-ndjson; charset=utf-8',
            'content-disposition': 'attachment; filename="calls.ndjson"',
          },
          stream: lines,
        };
      },
    }),
    defineRoute({
      operationId: 'calls.get',
      method: 'GET',
      path: '/api/calls/{id}',
      summary: 'One call with its decision trace and what each recipient got and when',
      tags: ['Calls'],
      responses: { 200: CALL_DETAIL },
      async handle({ scope, params }) {
        const record = await calls.getCall(scope, params.id ?? '');
        const owner = { ...scope, organizationId: record.organizationId ?? scope.organizationId };
        const receipts = await alerts.listReceipts(owner, record.id);
        return {
          status: 200,
          body: { ...toCallItem(record), caller: record.caller, callback: record.callback, receipts },
        };
      },
    }),
    defineRoute<undefined, { format?: 'json' | 'text' }>({
      operationId: 'calls.ladder',
      method: 'GET',
      path: '/api/calls/{id}/ladder',
      summary: 'Every SIP message of a call, as JSON or drawn as text',
      description:
        'Credentials, keys and what tells a place are left out of the texts. The last messages appear some seconds after they ' +
        'were exchanged; old ladders are deleted (WAYMARK_CALL_LADDER_DAYS).',
      tags: ['Calls'],
      query: Type.Object({ format: Type.Optional(words('json', 'text')) }),
      responses: { 200: ANY },
      async handle({ scope, params, query }) {
        const ladder = await calls.readLadder(scope, params.id ?? '');
        if (query.format !== 'text') return { status: 200, body: ladder };
        return {
          status: 200,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
          body: calls.drawLadder(ladder),
        };
      },
    }),
  ];
}
