import { Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type { CallItem, Calls, NewTrunk } from '../../calls/calls.ts';
import type { CallRecord } from '../../domain/call-record.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';

type CallsQuery = { max?: number; before?: string; all?: boolean };

/** Calls with their decision traces and receipts, and the trunks they come over. */
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
    defineRoute({
      operationId: 'trunks.list',
      method: 'GET',
      path: '/api/trunks',
      summary: 'List trunks: which source address means this organization',
      tags: ['Calls'],
      responses: { 200: listOf(ANY) },
      async handle({ scope }) {
        return { status: 200, body: { items: await calls.listTrunks(scope) } };
      },
    }),
    defineRoute<NewTrunk>({
      operationId: 'trunks.create',
      method: 'POST',
      path: '/api/trunks',
      summary: 'Add a trunk',
      tags: ['Calls'],
      body: Type.Object({
        name: Type.String({ minLength: 1, maxLength: 80 }),
        addresses: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 64 }),
        port: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 65_535 }), Type.Null()])),
      }),
      responses: { 201: ANY },
      async handle({ scope, body }) {
        return { status: 201, body: await calls.createTrunk(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'trunks.remove',
      method: 'DELETE',
      path: '/api/trunks/{id}',
      summary: 'Remove a trunk',
      tags: ['Calls'],
      responses: { 204: null },
      async handle({ scope, params }) {
        await calls.removeTrunk(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
