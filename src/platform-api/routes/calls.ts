import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type { CallItem, Calls } from '../../calls/calls.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

type CallsQuery = { max?: number; before?: string; all?: boolean };

/** Calls with their decision traces and receipts. */
export function callRoutes(deps: {
  calls: Calls;
  toCallItem: (record: CallRecord) => CallItem;
  alerts: Alerts;
}): RestRoute[] {
  const { calls, toCallItem, alerts } = deps;
  return [
    defineRoute<undefined, CallsQuery>({
      operationId: 'calls.list',
      method: 'GET',
      path: '/api/calls',
      summary: 'List calls, newest first',
      tags: ['Calls'],
      query: Type.Object({
        max: PAGE_QUERY.max,
        before: Type.Optional(Type.String({ description: 'From the next link of the page before' })),
        all: Type.Optional(Type.Boolean({ description: 'Calls of every organization and of none; the operator only' })),
      }),
      responses: { 200: listOf(ANY) },
      async handle({ scope, query, absoluteUrl }) {
        const page = await calls.listCalls(scope, query);
        const body = { items: page.items.map(toCallItem) };
        if (page.next === null) return { status: 200, body };
        const next = new URL(absoluteUrl);
        next.searchParams.set('before', page.next);
        return { status: 200, body, nextUrl: next.href };
      },
    }),
    defineRoute({
      operationId: 'calls.get',
      method: 'GET',
      path: '/api/calls/{id}',
      summary: 'One call with its decision trace and what each recipient got and when',
      tags: ['Calls'],
      responses: { 200: ANY },
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
  ];
}
