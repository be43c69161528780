import { createHash } from 'node:crypto';
import type { AlertSeverity } from '../../domain/alert-trigger.ts';
import type { Clock } from '../../support/clock.ts';
import type { OutgoingAnswer, OutgoingHttp } from '../../transport/outgoing-http.ts';
import type { AlertMessage } from '../alert-message.ts';
import { encryptPush, MAX_PUSH_BYTES } from '../push/encrypt-push.ts';
import type { PushSubscription } from '../push/push-subscription.ts';
import { type VapidKey, vapidAuthorization } from '../push/vapid-key.ts';
import { type AlertSender, SendError } from './alert-sender.ts';

type PushContent = Extract<AlertMessage['content'], { channel: 'push' }>;

/** What a push service keeps for a browser that is away (RFC 8030 §5.2): an alarm of this morning helps nobody in the evening. */
const TTL_SECONDS: Readonly<Record<AlertSeverity, number>> = {
  emergency: 4 * 3_600,
  critical: 4 * 3_600,
  warning: 24 * 3_600,
  info: 24 * 3_600,
};
/** RFC 8030 §5.3: `high` wakes a device that saves its battery. */
const URGENCY: Readonly<Record<AlertSeverity, string>> = {
  emergency: 'high',
  critical: 'high',
  warning: 'normal',
  info: 'low',
};
/** RFC 8030 §5.4: at most 32 characters of base64url. */
const TOPIC_LENGTH = 32;
const RESPONSE_LENGTH = 200;
const MAX_ANSWER = 4_096;
const MAX_TITLE = 200;

/** What the service worker of the desk reads. */
function encodePayload(message: AlertMessage, { title, body, url }: PushContent, withBody: boolean): Buffer {
  const encode = (text: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        key: message.key,
        incidentId: message.incidentId,
        severity: message.severity,
        kind: message.kind,
        at: message.startedAt ?? message.writtenAt,
        title: title.slice(0, MAX_TITLE).toWellFormed(),
        body: text.toWellFormed(),
        url,
      }),
    );
  let text = withBody ? body.slice(0, MAX_PUSH_BYTES) : '';
  let bytes = encode(text);
  while (bytes.length > MAX_PUSH_BYTES && text !== '') {
    text = text.slice(0, Math.floor(text.length * 0.8));
    bytes = encode(text);
  }
  return bytes;
}

function retryAfterSeconds(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,7}$/.test(text)) return Number(text);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - nowMs) / 1_000));
}

/**
 * Sends push messages (RFC 8030 §5), encrypted for the browser (RFC 8291) and signed by us (RFC 8292). Accepted means that the
 * push service took it; whether it showed, only the browser knows.
 */
export function createPushSender(deps: {
  key: () => VapidKey | undefined;
  find: (organizationId: string, id: string) => PushSubscription | undefined;
  /** Told of a subscription that the push service no longer knows. */
  onGone: (subscription: PushSubscription) => Promise<void>;
  /** Asks public addresses alone. */
  http: Pick<OutgoingHttp, 'exchange'>;
  /** How push services reach the operator (RFC 8292 §2.1): `mailto:` or `https:`; null: nobody is named. */
  subject: string | null;
  clock: Pick<Clock, 'nowMs'>;
}): AlertSender {
  const { clock, subject } = deps;

  async function sendOnce(
    message: AlertMessage,
    subscription: PushSubscription,
    payload: Buffer,
    signal: AbortSignal,
  ): Promise<OutgoingAnswer> {
    const key = deps.key();
    if (!key) throw new SendError('the key for push messages is not made yet');
    const { endpoint } = subscription;
    return deps.http.exchange({
      method: 'POST',
      url: new URL(endpoint),
      headers: {
        authorization: vapidAuthorization(key, { endpoint, subject, nowMs: clock.nowMs() }),
        'content-type': 'application/octet-stream',
        'content-encoding': 'aes128gcm',
        ttl: String(TTL_SECONDS[message.severity]),
        urgency: URGENCY[message.severity],
        // The same message sent again takes the place of the one that still waits.
        topic: createHash('sha256').update(message.key).digest('base64url').slice(0, TOPIC_LENGTH),
      },
      body: encryptPush(subscription, payload),
      signal,
      maxBytes: MAX_ANSWER,
      excess: 'cut',
    });
  }

  return {
    async send(message, signal) {
      const { endpoint, content, organizationId } = message;
      if (endpoint.channel !== 'push' || content.channel !== 'push') {
        throw new SendError(`no push message: ${endpoint.channel}`, { isPermanent: true });
      }
      const subscription = deps.find(organizationId ?? '', endpoint.subscriptionId);
      if (!subscription) throw new SendError('the browser is no longer subscribed', { isPermanent: true });
      let answer = await sendOnce(message, subscription, encodePayload(message, content, true), signal);
      // RFC 8030 §7.2: the service takes less than we send; what matters most is the title and where to look.
      if (answer.status === 413) {
        answer = await sendOnce(message, subscription, encodePayload(message, content, false), signal);
      }
      const { status, headers, body } = answer;
      if (status >= 200 && status < 300) {
        return { response: `${status} ${headers.location ?? ''}`.trim().slice(0, RESPONSE_LENGTH) };
      }
      const words = `the push service answered ${status}: ${body.toString('utf8')}`.trim().slice(0, RESPONSE_LENGTH);
      if (status === 404 || status === 410) {
        await deps.onGone(subscription);
        throw new SendError(words, { isPermanent: true });
      }
      throw new SendError(words, {
        isPermanent: status === 400 || status === 413,
        retryAfterSeconds: retryAfterSeconds(headers['retry-after'], clock.nowMs()),
      });
    },
    stop: () => Promise.resolve(),
  };
}
