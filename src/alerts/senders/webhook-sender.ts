import { createHmac } from 'node:crypto';
import type { Clock } from '../../support/clock.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import type { OpenWebhook } from '../connections/alert-connection.ts';
import { queryValuesIn } from '../connections/read-outgoing-url.ts';
import { webhookKey } from '../connections/webhook-secret.ts';
import { SendError } from './alert-sender.ts';
import { acceptanceOf, exchangeWithConnection, refusalOf } from './connection-exchange.ts';
import { type ConnectionSender, createConnectionSender, type FindConnection } from './connection-sender.ts';

type WebhookSenderDeps = {
  http: OutgoingHttp;
  find: FindConnection;
  clock: Pick<Clock, 'nowMs'>;
  /** The receiver says that it is gone for good. Must not throw. */
  onGone: (webhook: OpenWebhook, reason: string) => void;
};

const GONE = 410;

/**
 * Webhooks by Standard Webhooks 1.0.0: `webhook-id` is the message's key, the same on every attempt; `webhook-timestamp` the time
 * of the attempt; `webhook-signature` one signature for every secret in force. 2xx accepts, 410 switches the webhook off,
 * everything else is tried again.
 */
export function createWebhookSender({ http, find, clock, onGone }: WebhookSenderDeps): ConnectionSender {
  return createConnectionSender({
    kind: 'webhook',
    find,
    async hand(webhook, { key, content, writtenAt }, signal) {
      if (content.channel !== 'webhook')
        throw new SendError(`a webhook takes no ${content.channel}`, { isPermanent: true });
      const { settings, secrets } = webhook;
      const body = JSON.stringify({ type: content.type, timestamp: writtenAt, data: content.data });
      const timestamp = Math.floor(clock.nowMs() / 1_000);
      const answer = await exchangeWithConnection(
        http,
        {
          method: 'POST',
          url: secrets.url,
          headers: {
            'content-type': 'application/json',
            'webhook-id': key,
            'webhook-timestamp': String(timestamp),
            'webhook-signature': signaturesOf(webhook, `${key}.${timestamp}.${body}`, clock.nowMs()),
          },
          body,
          timeoutSeconds: settings.timeoutSeconds,
          secrets: [...secrets.signing.map(({ secret }) => secret), ...queryValuesIn(secrets.url)],
        },
        signal,
      );
      if (answer.status >= 200 && answer.status < 300) return acceptanceOf(answer);
      const isGone = answer.status === GONE;
      if (isGone) onGone(webhook, answer.words);
      throw refusalOf(answer, clock.nowMs(), { isPermanent: isGone });
    },
  });
}

/** Standard Webhooks, "Signature scheme": `v1,` and base64 of the HMAC-SHA256, separated by spaces. */
function signaturesOf({ secrets }: OpenWebhook, signed: string, nowMs: number): string {
  return secrets.signing
    .filter(({ until }) => until === null || Date.parse(until) > nowMs)
    .map(({ secret }) => `v1,${createHmac('sha256', webhookKey(secret)).update(signed).digest('base64')}`)
    .join(' ');
}
