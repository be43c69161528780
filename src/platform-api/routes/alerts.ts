import { Type } from 'typebox';
import type { Alerts, ReceiptFilter, ReceiptState } from '../../alerts/alerts.ts';
import { ALERT_SEVERITIES, type AlertSeverity } from '../../domain/alert-trigger.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { ANY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { RECEIPT } from './alert-delivery-schemas.ts';

type Channel = NonNullable<ReceiptFilter['channel']>;
type FilterQuery = {
  channel?: Channel;
  state?: ReceiptState;
  kind?: string;
  severity?: AlertSeverity;
  callId?: string;
  incidentId?: string;
  recipient?: string;
  from?: string;
  to?: string;
};

const words = <Word extends string>(choices: readonly Word[]) =>
  Type.Union(choices.map((choice) => Type.Literal(choice)));
const optionalText = (description: string, maxLength = 256) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));

const CHANNELS: readonly Channel[] = ['email', 'sms', 'webhook', 'chat', 'push'];
const TROUBLED: readonly ReceiptState[] = ['failed', 'exhausted'];

const FILTER_QUERY = {
  channel: Type.Optional(words(CHANNELS)),
  state: Type.Optional(words<ReceiptState>(['queued', 'accepted', 'failed', 'exhausted'])),
  kind: optionalText('`call-started`, `call-ended`, `drill`, `invitation` …', 64),
  severity: Type.Optional(words(ALERT_SEVERITIES)),
  callId: optionalText('About which call', 64),
  incidentId: optionalText('Of which incident', 64),
  recipient: optionalText('Any part of the address, number or name'),
  from: optionalText('ISO 8601: queued at that moment or later', 64),
  to: optionalText('ISO 8601: queued before that moment', 64),
};

function readFilter({ state, from, to, ...query }: FilterQuery): ReceiptFilter {
  return {
    ...query,
    states: state && [state],
    since: from === undefined ? undefined : readMoment(from, 'from'),
    until: to === undefined ? undefined : readMoment(to, 'to'),
  };
}

type Sorted = { sort?: SortWord<'queuedAt'> };
const SORT_QUERY = sortQuery('-queuedAt', 'queuedAt');

const RESENT = Type.Object({
  count: Type.Integer({ description: 'Messages that are sent again, or that would be' }),
  left: Type.Integer({ description: 'Messages that the filter names beyond these: ask again' }),
});

/** What became of every message: listed, exported, sent again. */
export function alertRoutes(deps: { alerts: Alerts }): RestRoute[] {
  const { alerts } = deps;
  const tags = ['Alerts'];
  const before = Type.Optional(Type.String({ maxLength: 200, description: 'From the next link of the page before' }));

  function listRoute(operationId: string, path: string, summary: string, states?: readonly ReceiptState[]): RestRoute {
    return defineRoute<undefined, FilterQuery & Sorted & { max?: number; before?: string }>({
      operationId,
      method: 'GET',
      path,
      summary,
      tags,
      query: Type.Object({ ...FILTER_QUERY, ...SORT_QUERY, max: PAGE_QUERY.max, before }),
      responses: { 200: listOf(RECEIPT) },
      async handle({ scope, query, absoluteUrl }) {
        const { max, before: cursor, sort, ...filter } = query;
        const wanted = readFilter(filter);
        const page = await alerts.listAlerts(scope, {
          ...wanted,
          states: wanted.states ?? states,
          sort,
          max,
          before: cursor,
        });
        const body = { items: page.items };
        if (page.next === null) return { status: 200, body };
        const next = new URL(absoluteUrl);
        next.searchParams.set('before', page.next);
        return { status: 200, body, nextUrl: next.href };
      },
    });
  }

  return [
    listRoute('alerts.list', '/api/alerts', 'Receipts: what was sent to whom and what became of it'),
    listRoute(
      'alerts.listTroubled',
      '/api/alerts/troubled',
      'Alerts that failed and are tried again, or were given up',
      TROUBLED,
    ),
    defineRoute<undefined, FilterQuery & Sorted>({
      operationId: 'alerts.export',
      method: 'GET',
      path: '/api/alerts/export',
      summary: 'Every receipt that the filter finds, as CSV',
      description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
      tags,
      query: Type.Object({ ...FILTER_QUERY, ...SORT_QUERY }),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        const { sort, ...filter } = query;
        return csvAnswer('alerts', await alerts.exportAlerts(scope, { ...readFilter(filter), sort }));
      },
    }),
    defineRoute<undefined, FilterQuery & { dryRun?: boolean }>({
      operationId: 'alerts.resendMany',
      method: 'POST',
      path: '/api/alerts/actions/resend/invoke',
      summary: 'Send alerts again that were given up or wait for their next attempt',
      description: 'Those that the filter finds, at most 1,000 at once, the oldest first. `dryRun` only counts them.',
      tags,
      query: Type.Object({ ...FILTER_QUERY, dryRun: Type.Optional(Type.Boolean()) }),
      responses: { 200: RESENT },
      async handle({ scope, query }) {
        const { dryRun = false, ...filter } = query;
        return { status: 200, body: await alerts.resendAlerts(scope, readFilter(filter), dryRun) };
      },
    }),
    defineRoute<undefined, { dryRun?: boolean }>({
      operationId: 'alerts.resend',
      method: 'POST',
      path: '/api/alerts/{key}/actions/resend/invoke',
      summary: 'Send one alert again',
      tags,
      query: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }),
      responses: { 200: RESENT },
      async handle({ scope, params, query }) {
        return { status: 200, body: await alerts.resendAlert(scope, params.key ?? '', query.dryRun ?? false) };
      },
    }),
  ];
}
