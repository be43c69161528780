/** What can be set up: each is a channel of its own. */
export type ConnectionKind = 'webhook' | 'sms-gateway' | 'chat';

export const CHAT_FLAVOURS = ['webex', 'teams', 'slack'] as const;
export type ChatFlavour = (typeof CHAT_FLAVOURS)[number];

export const SMS_METHODS = ['POST', 'PUT', 'GET'] as const;
export type SmsMethod = (typeof SMS_METHODS)[number];

/** Texts of a template's body are escaped by it. */
export const SMS_CONTENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/xml',
  'text/plain',
] as const;
export type SmsContentType = (typeof SMS_CONTENT_TYPES)[number];

/** When an answer of an SMS gateway says that it took the message; all that is given must hold. */
export type SuccessRule = {
  /** Of 200 to 299; empty: all of them. */
  statuses: readonly number[];
  bodyContains: string | null;
  /** `path` as `messages[0].status`; the value there, as text, is one of `equals`. */
  json: { path: string; equals: readonly string[] } | null;
};

/** What may be shown. `url` is shown without what stands in it to be kept secret. */
type WebhookSettings = {
  url: string;
  timeoutSeconds: number;
  /** ISO 8601: until then messages are signed with the secret before, too. */
  previousSecretValidUntil: string | null;
};

type SmsSettings = {
  method: SmsMethod;
  /** With placeholders, as the body. */
  url: string;
  headerNames: readonly string[];
  body: string | null;
  contentType: SmsContentType | null;
  from: string | null;
  hasCredential: boolean;
  successRule: SuccessRule;
  /** Text beyond so many parts is cut off. */
  maxSegments: number;
  timeoutSeconds: number;
};

type ChatSettings = { flavour: ChatFlavour; url: string; timeoutSeconds: number };

/** What no answer, audit entry or log line holds. */
type WebhookSecrets = {
  url: string;
  /** `whsec_…`, the newest first; each in force until `until` (ISO 8601; null: for good). */
  signing: readonly { secret: string; until: string | null }[];
};
export type SmsSecrets = {
  url: string;
  headers: readonly { name: string; value: string }[];
  credential: string | null;
};
type ChatSecrets = { url: string };

type Head = {
  id: string;
  organizationId: string;
  name: string;
  isEnabled: boolean;
  /** Why it was switched off without anybody asking for it; null: it was not. */
  disabledReason: string | null;
  /** One more with every change. */
  version: number;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
};

/** What an organization set up to reach people beyond e-mail. */
export type AlertConnection =
  | (Head & { kind: 'webhook'; settings: WebhookSettings })
  | (Head & { kind: 'sms-gateway'; settings: SmsSettings })
  | (Head & { kind: 'chat'; settings: ChatSettings });

/** With what its sender needs beside. */
export type OpenWebhook = Extract<AlertConnection, { kind: 'webhook' }> & { secrets: WebhookSecrets };
type OpenSmsGateway = Extract<AlertConnection, { kind: 'sms-gateway' }> & { secrets: SmsSecrets };
type OpenChat = Extract<AlertConnection, { kind: 'chat' }> & { secrets: ChatSecrets };
export type OpenConnection = OpenWebhook | OpenSmsGateway | OpenChat;

/** What of it may be shown, as of now: no secret, sealed or not, and of a secret that has ended no word. */
export function shownConnection(
  whole: AlertConnection & { secrets?: unknown; sealedSecrets?: unknown },
  nowMs: number,
): AlertConnection {
  const { secrets: _secrets, sealedSecrets: _sealed, ...connection } = whole;
  if (connection.kind !== 'webhook') return connection;
  const until = connection.settings.previousSecretValidUntil;
  const isOver = until === null || Date.parse(until) <= nowMs;
  return { ...connection, settings: { ...connection.settings, previousSecretValidUntil: isOver ? null : until } };
}
