import { Type } from 'typebox';
import type {
  AlertConnections,
  ConnectionChanges,
  ConnectionColumn,
  ConnectionListRequest,
  ConnectionTest,
  NewConnection,
} from '../../alerts/connections/connections.ts';
import { MAX_GRACE_SECONDS } from '../../domain/credentials.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { listPage } from '../list-page.ts';
import { PAGE_QUERY } from '../paging.ts';
import { listOf, TEXT_OR_NULL } from '../schemas.ts';
import { sortQuery } from '../sort-query.ts';
import { CONNECTION, CREATED_CONNECTION, TEST_OUTCOME } from './alert-delivery-schemas.ts';

type ListQuery = { start?: number; max?: number } & Pick<ConnectionListRequest, 'kind' | 'sort' | 'text'>;

const NAME = Type.String({ minLength: 1, maxLength: 80 });
const KIND = Type.Enum(['webhook', 'sms-gateway', 'chat']);
const nullable = (schema: Parameters<typeof Type.Optional>[0]) => Type.Optional(Type.Union([schema, Type.Null()]));

const SETTINGS = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        maxLength: 2_000,
        description:
          'https; http only towards networks of WAYMARK_WEBHOOK_NETWORKS. Values of its query are not shown again, of chat rooms only the host is. ' +
          'Of SMS gateways it may hold placeholders: {number} {digits} {from} {key} {secret}, in the query {text} too',
      }),
    ),
    timeoutSeconds: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Of one attempt; 10 unless told' }),
    ),
    flavour: Type.Optional(Type.Enum(['webex', 'teams', 'slack'], { description: 'Of chat rooms' })),
    method: Type.Optional(Type.Enum(['POST', 'PUT', 'GET'], { description: 'Of SMS gateways, as all below' })),
    headers: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ minLength: 1, maxLength: 64 }),
          value: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1_000,
              description: 'Never shown; absent: that of this name stays',
            }),
          ),
        }),
        { maxItems: 16, description: 'In the place of all there were; values may hold {key} and {secret}' },
      ),
    ),
    body: nullable(
      Type.String({
        maxLength: 4_000,
        description:
          'With the same placeholders, each escaped for where it stands: in JSON and XML within a text, in a form as a value',
      }),
    ),
    contentType: nullable(
      Type.Enum(['application/json', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml', 'text/plain']),
    ),
    from: nullable(Type.String({ minLength: 1, maxLength: 32, description: 'What {from} stands for' })),
    credential: nullable(
      Type.String({ minLength: 1, maxLength: 1_000, description: 'What {secret} stands for; never shown' }),
    ),
    successRule: Type.Optional(
      Type.Object(
        {
          statuses: Type.Optional(Type.Array(Type.Integer({ minimum: 200, maximum: 299 }), { maxItems: 20 })),
          bodyContains: nullable(Type.String({ minLength: 1, maxLength: 200 })),
          json: nullable(
            Type.Object({
              path: Type.String({ minLength: 1, maxLength: 200, description: 'As messages[0].status' }),
              equals: Type.Array(Type.String({ maxLength: 200 }), { minItems: 1, maxItems: 20 }),
            }),
          ),
        },
        {
          description:
            'When an answer says that the message was taken: all that is given must hold; any 2xx unless told',
        },
      ),
    ),
    maxSegments: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10, description: 'Parts that a text may take; what is beyond is cut off' }),
    ),
  },
  { additionalProperties: false },
);

/** Webhooks, SMS gateways and chat rooms by which people are told. */
export function alertConnectionRoutes({ alertConnections }: { alertConnections: AlertConnections }): RestRoute[] {
  const tags = ['Alerts'];
  return [
    defineRoute<undefined, ListQuery>({
      operationId: 'alertConnections.list',
      method: 'GET',
      path: '/api/alert-connections',
      summary: 'List webhooks, SMS gateways and chat rooms',
      tags,
      query: Type.Object({
        ...PAGE_QUERY,
        kind: Type.Optional(KIND),
        text: Type.Optional(
          Type.String({ minLength: 1, maxLength: 256, description: 'Part of the name or of the host, in any case' }),
        ),
        ...sortQuery<ConnectionColumn>('name', 'name', 'kind', 'isEnabled'),
      }),
      responses: { 200: listOf(CONNECTION) },
      handle: ({ scope, query, absoluteUrl }) =>
        listPage(query, absoluteUrl, (wanted) => alertConnections.list(scope, wanted)),
    }),
    defineRoute<NewConnection>({
      operationId: 'alertConnections.create',
      method: 'POST',
      path: '/api/alert-connections',
      summary: 'Set up a webhook, an SMS gateway or a chat room',
      description:
        'Webhooks are signed by Standard Webhooks; `secret` (`whsec_…`) is shown in this answer only. Nothing that is secret is ever shown again.',
      tags,
      body: Type.Object({ name: NAME, kind: KIND, isEnabled: Type.Optional(Type.Boolean()), settings: SETTINGS }),
      responses: { 201: CREATED_CONNECTION },
      async handle({ scope, body }) {
        return { status: 201, body: await alertConnections.create(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'alertConnections.get',
      method: 'GET',
      path: '/api/alert-connections/{id}',
      summary: 'Read an alert connection',
      tags,
      responses: { 200: CONNECTION },
      async handle({ scope, params }) {
        return { status: 200, body: await alertConnections.get(scope, params.id ?? '') };
      },
    }),
    defineRoute<ConnectionChanges>({
      operationId: 'alertConnections.update',
      method: 'PATCH',
      path: '/api/alert-connections/{id}',
      summary: 'Change an alert connection; what is absent stays',
      description: 'A webhook whose receiver answered 410 was switched off; `isEnabled` true switches it on again.',
      tags,
      body: Type.Object({
        name: Type.Optional(NAME),
        isEnabled: Type.Optional(Type.Boolean()),
        settings: Type.Optional(SETTINGS),
      }),
      responses: { 200: CONNECTION },
      async handle({ scope, params, body }) {
        return { status: 200, body: await alertConnections.update(scope, params.id ?? '', body) };
      },
    }),
    defineRoute({
      operationId: 'alertConnections.remove',
      method: 'DELETE',
      path: '/api/alert-connections/{id}',
      summary: 'Remove an alert connection that no recipient is told by',
      tags,
      responses: { 204: null },
      async handle({ scope, params }) {
        await alertConnections.remove(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
    defineRoute<undefined, { graceSeconds?: number }>({
      operationId: 'alertConnections.rotateSecret',
      method: 'POST',
      path: '/api/alert-connections/{id}/secret',
      summary: 'Make a new signing secret of a webhook',
      description:
        'Shown in this answer only. For `graceSeconds` (a day unless told) messages are signed with the secret before, too.',
      tags,
      query: Type.Object({ graceSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_GRACE_SECONDS })) }),
      responses: { 200: Type.Object({ secret: Type.String(), previousSecretValidUntil: TEXT_OR_NULL }) },
      async handle({ scope, params, query }) {
        return { status: 200, body: await alertConnections.rotateSecret(scope, params.id ?? '', query) };
      },
    }),
    defineRoute<ConnectionTest>({
      operationId: 'alertConnections.test',
      method: 'POST',
      path: '/api/alert-connections/{id}/test',
      summary: 'Send a test message now and tell what the other side said',
      tags,
      body: Type.Object({
        number: Type.Optional(
          Type.String({ maxLength: 20, description: 'E.164, needed for SMS gateways: where the test goes' }),
        ),
      }),
      responses: { 200: TEST_OUTCOME },
      async handle({ scope, params, body }) {
        return { status: 200, body: await alertConnections.test(scope, params.id ?? '', body) };
      },
    }),
  ];
}
