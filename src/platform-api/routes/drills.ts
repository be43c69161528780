import { Type } from 'typebox';
import type { Alerts, DrillRequest } from '../../alerts/alerts.ts';
import { ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { DRILL_ITEM, DRILL_PLAN, DRILL_VIEW } from './alert-delivery-schemas.ts';

const id = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 256, description }));

/** Alerts that are tried out, clearly marked, by the same path as real ones. */
export function drillRoutes({ alerts }: { alerts: Pick<Alerts, 'drills'> }): RestRoute[] {
  const { drills } = alerts;
  const tags = ['Alerts'];
  return [
    defineRoute<DrillRequest>({
      operationId: 'drills.start',
      method: 'POST',
      path: '/api/drills',
      summary: 'Send a drill: an alert that is marked as one in every language and on every channel',
      description:
        'Exactly one of ruleId, groupId, recipientId and trigger says who is told. It takes the path of a real alert: incident, ' +
        'escalation, receipts, acknowledgement. With dryRun nothing is sent, and the answer tells who would be.',
      tags,
      body: Type.Object({
        ruleId: id('Those of a rule, step by step'),
        groupId: id('Those of a group'),
        recipientId: id('One recipient'),
        trigger: Type.Optional(
          Type.Union(
            ALERT_TRIGGERS.map((trigger) => Type.Literal(trigger)),
            { description: 'Whoever would be told of it at the place' },
          ),
        ),
        locationId: id('Where it is said to take place'),
        responseLocationId: id('The same, more exactly'),
        note: Type.Optional(Type.String({ maxLength: 500, description: 'What those who are told read of it' })),
        dryRun: Type.Optional(Type.Boolean({ description: 'Only tell who would be told' })),
      }),
      responses: { 200: DRILL_PLAN, 201: DRILL_VIEW },
      async handle({ scope, body }) {
        if (body.dryRun === true) return { status: 200, body: drills.planDrill(scope, body) };
        return { status: 201, body: await drills.startDrill(scope, body) };
      },
    }),
    defineRoute<undefined, { max?: number; before?: string; sort?: SortWord<'startedAt'>; text?: string }>({
      operationId: 'drills.list',
      method: 'GET',
      path: '/api/drills',
      summary: 'List drills',
      tags,
      query: Type.Object({
        max: PAGE_QUERY.max,
        before: Type.Optional(Type.String({ description: 'From the next link of the page before' })),
        text: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 256,
            description: 'Part of the note or of who started it, in any case',
          }),
        ),
        ...sortQuery('-startedAt', 'startedAt'),
      }),
      responses: { 200: listOf(DRILL_ITEM) },
      async handle({ scope, query, absoluteUrl }) {
        const { items, next } = await drills.listDrills(scope, query);
        if (next === null) return { status: 200, body: { items } };
        const nextUrl = new URL(absoluteUrl);
        nextUrl.searchParams.set('before', next);
        return { status: 200, body: { items }, nextUrl: nextUrl.href };
      },
    }),
    defineRoute({
      operationId: 'drills.get',
      method: 'GET',
      path: '/api/drills/{id}',
      summary: 'One drill: what became of every message, and how long it took from the start to being taken',
      tags,
      responses: { 200: DRILL_VIEW },
      async handle({ scope, params }) {
        return { status: 200, body: await drills.getDrill(scope, params.id ?? '') };
      },
    }),
    defineRoute({
      operationId: 'drills.export',
      method: 'GET',
      path: '/api/drills/{id}/export',
      summary: 'The same as CSV, as evidence',
      description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
      tags,
      responses: { 200: ANY },
      async handle({ scope, params }) {
        return csvAnswer('drill', await drills.exportDrill(scope, params.id ?? ''));
      },
    }),
  ];
}
