import { Type } from 'typebox';
import type { NewPushSubscription, Push } from '../../alerts/push/push.ts';
import { ALERT_SEVERITIES } from '../../domain/alert-trigger.ts';
import { defineRoute, type RestRoute } from '../../transport/rest-route.ts';
import { ANY, listOf } from '../schemas.ts';
import { PUSH_SUBSCRIPTION } from './alert-delivery-schemas.ts';

const TAGS = ['Alerts'];
const BASE64URL = '^[A-Za-z0-9_-]+={0,2}$';

/** Browsers that are told of alerts by push, as the alert desk asks for it. */
export function pushSubscriptionRoutes({ push }: { push: Push }): RestRoute[] {
  return [
    defineRoute({
      operationId: 'pushKey.get',
      method: 'GET',
      path: '/api/push-key',
      summary: 'The key with which browsers subscribe to push messages',
      description: '`applicationServerKey` of the Push API (RFC 8292 §3.2): a point of P-256, base64url.',
      tags: TAGS,
      responses: { 200: ANY },
      handle: () => Promise.resolve({ status: 200, body: { publicKey: push.publicKey() } }),
    }),
    defineRoute({
      operationId: 'pushSubscriptions.list',
      method: 'GET',
      path: '/api/push-subscriptions',
      summary: 'Browsers that are told of alerts by push',
      tags: TAGS,
      responses: { 200: listOf(PUSH_SUBSCRIPTION) },
      async handle({ scope }) {
        return { status: 200, body: { items: await push.list(scope) } };
      },
    }),
    defineRoute<NewPushSubscription>({
      operationId: 'pushSubscriptions.create',
      method: 'POST',
      path: '/api/push-subscriptions',
      summary: 'Tell a browser of alerts by push',
      description:
        'The body is what `PushSubscription.toJSON()` gives, and of what it wants to be told. The same browser again keeps its id. ' +
        'It is told for 60 days after it was last asked for, at most until the token ends, and of no more locations than the token reaches.',
      tags: TAGS,
      body: Type.Object({
        endpoint: Type.String({ maxLength: 2_048, description: 'https URL of a push service (RFC 8030)' }),
        keys: Type.Object({
          p256dh: Type.String({ maxLength: 128, pattern: BASE64URL }),
          auth: Type.String({ maxLength: 64, pattern: BASE64URL }),
        }),
        label: Type.Optional(Type.String({ minLength: 1, maxLength: 80, description: 'What receipts show' })),
        locationIds: Type.Optional(
          Type.Union([Type.Array(Type.String({ maxLength: 256 }), { minItems: 1, maxItems: 1_000 }), Type.Null()], {
            description: 'Of what happens at these locations alone; null: of everything',
          }),
        ),
        minSeverity: Type.Optional(
          Type.Union(
            ALERT_SEVERITIES.map((severity) => Type.Literal(severity)),
            { description: 'Of this severity and weightier ones; critical unless told' },
          ),
        ),
      }),
      responses: { 201: PUSH_SUBSCRIPTION },
      async handle({ scope, body }) {
        return { status: 201, body: await push.subscribe(scope, body) };
      },
    }),
    defineRoute({
      operationId: 'pushSubscriptions.remove',
      method: 'DELETE',
      path: '/api/push-subscriptions/{id}',
      summary: 'Tell a browser no longer',
      tags: TAGS,
      responses: { 204: null },
      async handle({ scope, params }) {
        await push.unsubscribe(scope, params.id ?? '');
        return { status: 204 };
      },
    }),
  ];
}
