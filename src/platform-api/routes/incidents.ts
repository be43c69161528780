import { type TSchema, Type } from 'typebox';
import type { Alerts } from '../../alerts/alerts.ts';
import type {
  IncidentAction,
  IncidentExportFormat,
  IncidentFilter,
  IncidentPageRequest,
} from '../../alerts/incidents/incidents.ts';
import { ALERT_SEVERITIES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { renderTimelinePage } from '../pages/timeline-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { listOf, TEXT_OR_NULL } from '../schemas.ts';

type FilterQuery = Omit<IncidentFilter, 'since' | 'until' | 'isDrill'> & {
  drill?: boolean;
  from?: string;
  to?: string;
};

const words = <Word extends string>(choices: readonly Word[]): TSchema =>
  Type.Union(choices.map((choice) => Type.Literal(choice)));

const optionalText = (description: string, maxLength = 256) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

const STATES = ['open', 'acknowledged', 'resolved'] as const;

const FILTER_QUERY = {
  state: Type.Optional(words(STATES)),
  severity: Type.Optional(words(ALERT_SEVERITIES)),
  trigger: Type.Optional(words(ALERT_TRIGGERS)),
  drill: Type.Optional(Type.Boolean({ description: 'Drills alone, or everything but drills' })),
  locationId: optionalText('Where it happened'),
  responseLocationId: optionalText('Where it happened'),
  from: optionalText('ISO 8601: opened at that moment or later'),
  to: optionalText('ISO 8601: opened before that moment'),
  text: optionalText('Any part of title, caller, callback number and place', 128),
  sort: Type.Optional(
    Type.Enum(['openedAt', '-openedAt'], {
      description: 'By time alone, with a minus the newest first; unless told by state',
    }),
  ),
};

const VIA_OR_NULL = Type.Union([Type.Literal('link'), Type.Literal('api'), Type.Null()]);

export const INCIDENT = Type.Object({
  id: Type.String({ description: 'That of the call, where it is one' }),
  organizationId: Type.String(),
  callId: TEXT_OR_NULL,
  moment: Type.String(),
  trigger: words(ALERT_TRIGGERS),
  severity: words(ALERT_SEVERITIES),
  isDrill: Type.Boolean(),
  locationId: TEXT_OR_NULL,
  responseLocationId: TEXT_OR_NULL,
  openedAt: Type.String(),
  title: Type.String(),
  caller: TEXT_OR_NULL,
  callbackNumber: TEXT_OR_NULL,
  place: TEXT_OR_NULL,
  state: words(STATES),
  acknowledgedAt: TEXT_OR_NULL,
  acknowledgedBy: TEXT_OR_NULL,
  acknowledgedVia: VIA_OR_NULL,
  resolvedAt: TEXT_OR_NULL,
  resolvedBy: TEXT_OR_NULL,
  resolvedVia: VIA_OR_NULL,
  reopenedAt: TEXT_OR_NULL,
  nextStepAt: Type.Union([Type.String(), Type.Null()], {
    description: 'When the next step is told, unless somebody takes it on',
  }),
  stepsTold: Type.Integer(),
  stepsWaiting: Type.Integer(),
});

const TIMELINE_ENTRY = Type.Object({
  at: Type.String(),
  source: words(['call', 'alert', 'incident']),
  kind: Type.String({ description: 'call.placed, alert.accepted, incident.acknowledged …' }),
  text: Type.String(),
  isTimeDerived: Type.Boolean({ description: 'Reckoned from measured durations' }),
});

const NOTE = Type.String({ maxLength: 2_000 });

function readFilter({ from, to, drill, ...query }: FilterQuery): IncidentPageRequest {
  return {
    ...query,
    isDrill: drill,
    since: from === undefined ? undefined : readMoment(from, 'from'),
    until: to === undefined ? undefined : readMoment(to, 'to'),
  };
}

const ACTIONS = [
  ['acknowledge', 'Take an incident on: later steps are not told any more'],
  ['resolve', 'Settle an incident'],
  ['reopen', 'Open an incident again: later steps are told, overdue ones at once'],
] as const satisfies readonly (readonly [IncidentAction, string])[];

/** What people should act on: who took it on, and everything that happened. */
export function incidentRoutes({ alerts }: { alerts: Pick<Alerts, 'incidents'> }): RestRoute[] {
  const { incidents } = alerts;
  const tags = ['Incidents'];
  return [
    defineRoute<undefined, FilterQuery & { max?: number; after?: string }>({
      operationId: 'incidents.list',
      method: 'GET',
      path: '/api/incidents',
      summary:
        'List incidents: open ones first, then those somebody took on, then settled ones; the newest of each first',
      description:
        'Every emergency call is one, and whatever else is at least a warning. Location administrators see those at their locations.',
      tags,
      query: Type.Object({
        ...FILTER_QUERY,
        max: PAGE_QUERY.max,
        after: Type.Optional(Type.String({ description: 'From the next link of the page before' })),
      }),
      responses: { 200: listOf(INCIDENT) },
      async handle({ scope, query, absoluteUrl }) {
        const { max, after, ...filter } = query;
        const page = await incidents.listIncidents(scope, { ...readFilter(filter), max, after });
        const body = { items: page.items };
        if (page.next === null) return { status: 200, body };
        const next = new URL(absoluteUrl);
        next.searchParams.set('after', page.next);
        return { status: 200, body, nextUrl: next.href };
      },
    }),
    defineRoute<undefined, FilterQuery & { format?: IncidentExportFormat }>({
      operationId: 'incidents.export',
      method: 'GET',
      path: '/api/incidents/export',
      summary: 'Every incident that the filter finds, as CSV or as one JSON object a line',
      description: 'Cells of the CSV that a spreadsheet would take for a formula begin with an apostrophe.',
      tags,
      query: Type.Object({ ...FILTER_QUERY, format: Type.Optional(words(['csv', 'ndjson'])) }),
      responses: { 200: Type.Unknown() },
      async handle({ scope, query }) {
        const { format = 'ndjson', ...filter } = query;
        const lines = await incidents.exportIncidents(scope, readFilter(filter), format);
        if (format === 'csv') return csvAnswer('incidents', lines);
        return {
          status: 200,
          headers: {
            'content-type': 'application/x-ndjson; charset=utf-8',
            'content-disposition': 'attachment; filename="incidents.ndjson"',
          },
          stream: lines,
        };
      },
    }),
    defineRoute({
      operationId: 'incidents.get',
      method: 'GET',
      path: '/api/incidents/{id}',
      summary: 'One incident',
      tags,
      responses: { 200: INCIDENT },
      async handle({ scope, params }) {
        return { status: 200, body: await incidents.getIncident(scope, params.id ?? '') };
      },
    }),
    defineRoute<undefined, { format?: 'json' | 'csv' | 'html' }>({
      operationId: 'incidents.timeline',
      method: 'GET',
      path: '/api/incidents/{id}/timeline',
      summary: 'Everything that happened, in order, with where it is known from',
      description:
        'The steps of the call, what was sent to whom and what became of it, later steps, who acknowledged, resolved and noted. As JSON, CSV, ' +
        'or a page that stands for itself and can be printed.',
      tags,
      query: Type.Object({ format: Type.Optional(words(['json', 'csv', 'html'])) }),
      responses: { 200: Type.Object({ incident: INCIDENT, entries: Type.Array(TIMELINE_ENTRY) }) },
      async handle({ scope, params, query }) {
        const timeline = await incidents.readTimeline(scope, params.id ?? '');
        const { format = 'json' } = query;
        if (format === 'json') return { status: 200, body: timeline };
        const name = `incident-${timeline.incident.id}`;
        if (format === 'csv') return csvAnswer(name, incidents.timelineAsCsv(timeline));
        return {
          status: 200,
          headers: {
            'content-type': 'text/html; charset=utf-8',
            'content-disposition': `attachment; filename="${name}.html"`,
          },
          body: renderTimelinePage(timeline),
        };
      },
    }),
    ...ACTIONS.map(([action, summary]) =>
      defineRoute<{ note?: string }>({
        operationId: `incidents.${action}`,
        method: 'POST',
        path: `/api/incidents/{id}/actions/${action}/invoke`,
        summary,
        description: 'Done by somebody else already, it changes nothing: the answer says who was first.',
        tags,
        body: Type.Object({ note: Type.Optional(NOTE) }),
        responses: { 200: INCIDENT },
        async handle({ scope, params, body }) {
          return { status: 200, body: await incidents.actOn(scope, params.id ?? '', action, body.note ?? null) };
        },
      }),
    ),
    defineRoute<{ note: string }>({
      operationId: 'incidents.note',
      method: 'POST',
      path: '/api/incidents/{id}/notes',
      summary: 'Add a note to the timeline',
      tags,
      body: Type.Object({ note: Type.String({ minLength: 1, maxLength: 2_000 }) }),
      responses: { 201: INCIDENT },
      async handle({ scope, params, body }) {
        return { status: 201, body: await incidents.actOn(scope, params.id ?? '', 'note', body.note) };
      },
    }),
  ];
}
