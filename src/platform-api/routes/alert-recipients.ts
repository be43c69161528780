import { Type } from 'typebox';
import type {
  AlertRecipients,
  GroupColumn,
  GroupListRequest,
  NewGroup,
  NewRecipient,
  RecipientColumn,
  RecipientListRequest,
} from '../../alerts/recipients/alert-recipients.ts';
import { ALERT_LANGUAGES } from '../../domain/alert-trigger.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { csvAnswer } from '../csv-answer.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { ANY, DRY_RUN_QUERY, listOf } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { GROUP_SHOWN, RECIPIENT_IMPORT, RECIPIENT_SHOWN } from './alert-recipient-schemas.ts';

type Page = { start?: number; max?: number };
type Force = { force?: boolean };

const ID = Type.String({ maxLength: 128 });
const NAME = Type.String({ minLength: 1, maxLength: 256 });
const TEXT = Type.Optional(Type.String({ maxLength: 256, description: 'Part of the name, in any case' }));
const FORCE_QUERY = Type.Object({
  force: Type.Optional(
    Type.Boolean({ description: 'Take it out of what names it first, unless a rule would then tell nobody' }),
  ),
});
/** As many as 20,000 ids, where a body may have 256 KiB otherwise. */
const LARGE_BODY = 1024 * 1024;
const MAX_IDS = 20_000;
const CSV_LIMIT = 4 * 1024 * 1024;

const DAY_WINDOW = {
  from: Type.String({ maxLength: 5, description: 'HH:MM' }),
  to: Type.String({ maxLength: 5, description: 'HH:MM or 24:00; not later than `from`: on the next day' }),
};
const SCHEDULE = Type.Optional(
  Type.Union(
    [
      Type.Object({
        timeZone: Type.Optional(
          Type.Union([Type.String({ maxLength: 64 }), Type.Null()], {
            description: 'IANA; null: that of the recipient, or else of the site',
          }),
        ),
        windows: Type.Optional(
          Type.Array(
            Type.Object({
              days: Type.Array(Type.Enum(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']), { maxItems: 7 }),
              ...DAY_WINDOW,
            }),
            { maxItems: 50 },
          ),
        ),
        exceptions: Type.Optional(
          Type.Array(
            Type.Object({
              date: Type.String({ maxLength: 10, description: 'YYYY-MM-DD' }),
              windows: Type.Union([Type.Literal('off'), Type.Array(Type.Object(DAY_WINDOW), { maxItems: 50 })]),
            }),
            { maxItems: 400, description: 'Dates on which these windows begin instead of those of the week' },
          ),
        ),
      }),
      Type.Null(),
    ],
    {
      description:
        'When they are on duty, by the clock of the wall; null: always. A window that crosses midnight belongs to the day on ' +
        'which it begins. Of an emergency everybody of a rule is told when nobody of it is on duty.',
    },
  ),
);

const ENDPOINTS = Type.Array(
  Type.Object({
    channel: Type.Enum(['email', 'sms', 'webhook', 'chat', 'push']),
    address: Type.Optional(Type.String({ maxLength: 254, description: 'email' })),
    number: Type.Optional(Type.String({ maxLength: 64, description: 'sms: E.164' })),
    connectionId: Type.Optional(
      Type.String({ maxLength: 128, description: 'sms, webhook, chat: /api/alert-connections' }),
    ),
    subscriptionId: Type.Optional(Type.String({ maxLength: 128, description: 'push: a browser' })),
  }),
  { minItems: 1, maxItems: 20, description: 'All of them are told' },
);

const RECIPIENT = {
  name: NAME,
  language: Type.Optional(Type.Enum([...ALERT_LANGUAGES], { description: 'en unless told' })),
  timeZone: Type.Optional(
    Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { description: 'IANA; null: that of the site' }),
  ),
  schedule: SCHEDULE,
  endpoints: ENDPOINTS,
};
const GROUP = {
  name: NAME,
  recipientIds: Type.Optional(Type.Array(ID, { maxItems: MAX_IDS })),
  schedule: SCHEDULE,
};

type Filter = Omit<RecipientListRequest, 'start' | 'max'>;
const FILTER = {
  text: Type.Optional(
    Type.String({ maxLength: 256, description: 'Part of the name, of an address or of a number, in any case' }),
  ),
  channel: Type.Optional(Type.Enum(['email', 'sms', 'webhook', 'chat', 'push'])),
  groupId: Type.Optional(ID),
  connectionId: Type.Optional(ID),
  ...sortQuery<RecipientColumn>('name', 'name', 'language'),
};

/** Recipients of alerts, and groups of them. */
export function alertRecipientRoutes({ alerts }: { alerts: { recipients: AlertRecipients } }): RestRoute[] {
  const { recipients } = alerts;
  const tags = ['Alerts'];
  return [
    defineRoute<undefined, Page & Filter>({
      operationId: 'alertRecipients.list',
      method: 'GET',
      path: '/api/alert-recipients',
      summary: 'List recipients of alerts',
      tags,
      query: Type.Object({ ...PAGE_QUERY, ...FILTER }),
      responses: { 200: listOf(RECIPIENT_SHOWN) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => recipients.listRecipients(scope, wanted)),
    }),
    defineRoute<NewRecipient>({
      operationId: 'alertRecipients.create',
      method: 'POST',
      path: '/api/alert-recipients',
      summary: 'Add a recipient of alerts',
      tags,
      body: Type.Object(RECIPIENT),
      responses: { 201: RECIPIENT_SHOWN },
      async handle({ scope, body }) {
        return { status: 201, body: await recipients.createRecipient(scope, body) };
      },
    }),
    defineRoute<string, { dryRun?: boolean }>({
      operationId: 'alertRecipients.import',
      method: 'POST',
      path: '/api/alert-recipients/import',
      summary: 'Import recipients of alerts from CSV, all or nothing',
      description:
        'Columns: id, name, language, timeZone, endpoints, schedule, as the export writes them; those that are absent leave things as ' +
        'they are. Rows are matched by id, else by name. Endpoints are separated by spaces: an e-mail address, ' +
        'sms:number@connectionId, webhook:connectionId, chat:connectionId, push:subscriptionId; a schedule is JSON. Every faulty row ' +
        'is listed with line and column, and then nothing is stored. dryRun=true only says what would change. At most 4 MB and 20,000 rows.',
      tags,
      query: Type.Object(DRY_RUN_QUERY),
      body: Type.String(),
      bodyType: 'text/csv',
      bodyLimit: CSV_LIMIT,
      responses: { 200: RECIPIENT_IMPORT },
      async handle({ scope, query, body }) {
        return { status: 200, body: await recipients.importRecipients(scope, body, query) };
      },
    }),
    defineRoute<undefined, Filter>({
      operationId: 'alertRecipients.export',
      method: 'GET',
      path: '/api/alert-recipients/export',
      summary: 'Recipients of alerts as CSV, in the form that the import reads',
      tags,
      query: Type.Object(FILTER),
      responses: { 200: ANY },
      async handle({ scope, query }) {
        return csvAnswer('recipients', await recipients.exportRecipients(scope, query));
      },
    }),
    defineRoute({
      operationId: 'alertRecipients.get',
      method: 'GET',
      path: '/api/alert-recipients/{id}',
      summary: 'Read a recipient of alerts',
      tags,
      responses: { 200: RECIPIENT_SHOWN },
      async handle({ scope, params }) {
        return { status: 200, body: await recipients.getRecipient(scope, params.id ?? '') };
      },
    }),
    defineRoute<Partial<NewRecipient>>({
      operationId: 'alertRecipients.update',
      method: 'PATCH',
      path: '/api/alert-recipients/{id}',
      summary: 'Change a recipient of alerts; what is absent stays',
      tags,
      body: Type.Partial(Type.Object(RECIPIENT)),
      responses: { 200: RECIPIENT_SHOWN },
      async handle({ scope, params, body }) {
        return { status: 200, body: await recipients.updateRecipient(scope, params.id ?? '', body) };
      },
    }),
    defineRoute<undefined, Force>({
      operationId: 'alertRecipients.remove',
      method: 'DELETE',
      path: '/api/alert-recipients/{id}',
      summary: 'Remove a recipient of alerts that no group and no rule names',
      tags,
      query: FORCE_QUERY,
      responses: { 204: null },
      async handle({ scope, params, query }) {
        await recipients.removeRecipient(scope, params.id ?? '', query);
        return { status: 204 };
      },
    }),
    defineRoute<undefined, Page & Omit<GroupListRequest, 'start' | 'max'>>({
      operationId: 'alertGroups.list',
      method: 'GET',
      path: '/api/alert-groups',
      summary: 'List groups of recipients',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        text: TEXT,
        recipientId: Type.Optional(ID),
        ...sortQuery<GroupColumn>('name', 'name', 'recipients'),
      }),
      responses: { 200: listOf(GROUP_SHOWN) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => recipients.listGroups(scope, wanted)),
    }),
    defineRoute<NewGroup>({
      operationId: 'alertGroups.create',
      method: 'POST',
      path: '/api/alert-groups',
      summary: 'Add a group of recipients who are told together',
      tags,
      bodyLimit: LARGE_BODY,
      body: Type.Object(GROUP),
      responses: { 201: GROUP_SHOWN },
      async handle({ scope, body }) {
        return { status: 201, body: await recipients.createGroup(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'alertGroups.get',
      method: 'GET',
      path: '/api/alert-groups/{id}',
      summary: 'Read a group of recipients',
      tags,
      responses: { 200: GROUP_SHOWN },
      async handle({ scope, params }) {
        return { status: 200, body: await recipients.getGroup(scope, params.id ?? '') };
      },
    }),
    defineRoute<Partial<NewGroup>>({
      operationId: 'alertGroups.update',
      method: 'PATCH',
      path: '/api/alert-groups/{id}',
      summary: 'Change a group of recipients; what is absent stays',
      tags,
      bodyLimit: LARGE_BODY,
      body: Type.Partial(Type.Object(GROUP)),
      responses: { 200: GROUP_SHOWN },
      async handle({ scope, params, body }) {
        return { status: 200, body: await recipients.updateGroup(scope, params.id ?? '', body) };
      },
    }),
    defineRoute<undefined, Force>({
      operationId: 'alertGroups.remove',
      method: 'DELETE',
      path: '/api/alert-groups/{id}',
      summary: 'Remove a group of recipients that no rule names; its recipients stay',
      tags,
      query: FORCE_QUERY,
      responses: { 204: null },
      async handle({ scope, params, query }) {
        await recipients.removeGroup(scope, params.id ?? '', query);
        return { status: 204 };
      },
    }),
  ];
}
