import { Type } from 'typebox';
import type {
  AlertRecipients,
  NewRule,
  PreviewRequest,
  RuleListRequest,
} from '../../alerts/recipients/alert-recipients.ts';
import { ALERT_SEVERITIES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { SortWord } from '../../support/sort-order.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { readMoment } from '../read-moment.ts';
import { listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { GAP, PREVIEW, RULE_SHOWN } from './alert-recipient-schemas.ts';

type Page = { start?: number; max?: number };

const ID = Type.String({ maxLength: 128 });
const IDS = Type.Optional(Type.Array(ID, { maxItems: 20_000 }));
const TRIGGER = Type.Enum([...ALERT_TRIGGERS]);
const PLACE_KIND = Type.Enum(['organization', 'location', 'building', 'response-location']);
const SOURCE = Type.Enum([
  'own',
  'organization-settings',
  'location-settings',
  'building-alerts',
  'response-location-alerts',
]);
/** For 20,000 ids, where a body may have 256 KiB otherwise. */
const LARGE_BODY = 1024 * 1024;

const RULE = {
  name: Type.String({ minLength: 1, maxLength: 256 }),
  isEnabled: Type.Optional(Type.Boolean({ description: 'True unless told' })),
  place: Type.Optional(
    Type.Object(
      { kind: PLACE_KIND, id: Type.Optional(Type.Union([ID, Type.Null()])) },
      { description: 'Where it holds; a location and a building cover all that is in them. Everywhere unless told' },
    ),
  ),
  triggers: Type.Array(TRIGGER, { minItems: 1, maxItems: ALERT_TRIGGERS.length }),
  severity: Type.Optional(
    Type.Union([Type.Enum([...ALERT_SEVERITIES]), Type.Null()], { description: 'null: that of the trigger' }),
  ),
  steps: Type.Array(
    Type.Object({
      afterSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 86_400,
          description: 'After what happened; each step later than the one before',
        }),
      ),
      recipientIds: IDS,
      groupIds: IDS,
    }),
    { minItems: 1, maxItems: 20, description: 'Later steps are told while nobody acknowledged' },
  ),
};

/** Rules that say who is told of what happens where. */
export function alertRuleRoutes({ alerts }: { alerts: { recipients: AlertRecipients } }): RestRoute[] {
  const { recipients } = alerts;
  const tags = ['Alerts'];
  return [
    defineRoute<undefined, Page & Omit<RuleListRequest, 'start' | 'max'>>({
      operationId: 'alertRules.list',
      method: 'GET',
      path: '/api/alert-rules',
      summary: 'List rules of alerts: own ones by name, then those that settings make',
      description:
        'Notification settings, the alert addresses of buildings and those of response locations stand here too, read-only: ' +
        'isReadOnly is true, addresses names whom they tell, changedBy says where they are changed.',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(Type.String({ maxLength: 256, description: 'Part of the name, in any case' })),
        trigger: Type.Optional(TRIGGER),
        isEnabled: Type.Optional(Type.Boolean()),
        placeKind: Type.Optional(PLACE_KIND),
        placeId: Type.Optional(ID),
        recipientId: Type.Optional(ID),
        groupId: Type.Optional(ID),
        source: Type.Optional(SOURCE),
        sort: Type.Optional(
          Type.Enum(['name', '-name', 'isEnabled', '-isEnabled'], {
            description: 'Own ones and those of settings together',
          }),
        ),
      }),
      responses: { 200: listOf(RULE_SHOWN) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => recipients.listRules(scope, wanted)),
    }),
    defineRoute<NewRule>({
      operationId: 'alertRules.create',
      method: 'POST',
      path: '/api/alert-rules',
      summary: 'Add a rule: who is told of what happens where, and who next while nobody acknowledges',
      tags,
      bodyLimit: LARGE_BODY,
      body: Type.Object(RULE),
      responses: { 201: RULE_SHOWN },
      async handle({ scope, body }) {
        return { status: 201, body: await recipients.createRule(scope, body) };
      },
    }),
    defineRoute<undefined, Partial<Omit<PreviewRequest, 'at'>> & { at?: string }>({
      operationId: 'alertRules.preview',
      method: 'GET',
      path: '/api/alert-rules/preview',
      summary: 'Who would be told, when, by what and why, and who would not',
      description: 'Without locationId: of what happens where nobody knows. Of each list the first 1,000.',
      tags,
      query: Type.Object({
        trigger: Type.Optional(Type.Enum([...ALERT_TRIGGERS], { description: 'call-placed unless told' })),
        locationId: Type.Optional(ID),
        responseLocationId: Type.Optional(ID),
        at: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601 with offset; absent: now' })),
      }),
      responses: { 200: PREVIEW },
      async handle({ scope, query: { at, trigger = 'call-placed', ...place } }) {
        const preview = recipients.previewTold(scope, {
          ...place,
          trigger,
          ...(at !== undefined && { at: readMoment(at, 'at') }),
        });
        return { status: 200, body: preview };
      },
    }),
    defineRoute<undefined, Page & { sort?: SortWord<'name'>; text?: string }>({
      operationId: 'alertRules.gaps',
      method: 'GET',
      path: '/api/alert-rules/gaps',
      summary: 'Locations of whose emergency calls nobody would hear, and what stands in the way',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: Type.Optional(
          Type.String({ minLength: 1, maxLength: 256, description: 'Part of the name of the location, in any case' }),
        ),
        ...sortQuery('name', 'name'),
      }),
      responses: { 200: listOf(GAP) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, async (wanted) => recipients.listGaps(scope, wanted)),
    }),
    defineRoute({
      operationId: 'alertRules.get',
      method: 'GET',
      path: '/api/alert-rules/{id}',
      summary: 'Read a rule of alerts',
      tags,
      responses: { 200: RULE_SHOWN },
      async handle({ scope, params }) {
        return { status: 200, body: await recipients.getRule(scope, params.id ?? '') };
      },
    }),
    defineRoute<Partial<NewRule>>({
      operationId: 'alertRules.update',
      method: 'PATCH',
      path: '/api/alert-rules/{id}',
      summary: 'Change a rule of alerts; what is absent stays',
      tags,
      bodyLimit: LARGE_BODY,
      body: Type.Partial(Type.Object(RULE)),
      responses: { 200: RULE_SHOWN },
      async handle({ scope, params, body }) {
        return { status: 200, body: await recipients.updateRule(scope, params.id ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'alertRules.remove',
      method: 'DELETE',
      path: '/api/alert-rules/{id}',
      summary: 'Remove a rule of alerts',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await recipients.removeRule(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
