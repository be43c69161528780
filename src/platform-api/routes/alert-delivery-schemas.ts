import { Type } from 'typebox';
import type { Alerts, Receipt } from '../../alerts/alerts.ts';
import type { AlertConnection, CreatedConnection, TestOutcome } from '../../alerts/connections/connections.ts';
import type {
  AlertContent,
  TemplateItem,
  TemplatePreview,
  TemplateText,
  TemplateVersion,
  TemplateView,
} from '../../alerts/content/content.ts';
import type { Push } from '../../alerts/push/push.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';
import { LANGUAGE_NAME, SEVERITY_NAME, TRIGGER_NAME } from './alert-recipient-schemas.ts';

const CHANNEL_NAME = oneOf('email', 'sms', 'webhook', 'chat', 'push');

export const RECEIPT = answerSchema<Receipt>()(
  Type.Object({
    key: text(),
    callId: textOrNull(),
    incidentId: textOrNull(),
    kind: text(),
    severity: SEVERITY_NAME,
    channel: CHANNEL_NAME,
    recipient: text(),
    recipientId: textOrNull(),
    reasons: Type.Array(Type.String()),
    messageId: text(),
    state: oneOf('queued', 'accepted', 'failed', 'exhausted'),
    attempts: Type.Number(),
    queuedAt: text(),
    resentAt: textOrNull(),
    lastAttemptAt: textOrNull(),
    acceptedAt: textOrNull(),
    response: textOrNull('The other side’s words when it took the message'),
    lastError: textOrNull(),
    canResend: Type.Boolean(),
  }),
);

type Drills = Alerts['drills'];

const DRILL_RECIPIENT = {
  key: text(),
  label: text(),
  channel: CHANNEL_NAME,
  recipientId: textOrNull(),
  afterSeconds: Type.Number(),
  reasons: Type.Array(Type.String()),
};

const DRILL = {
  id: text(),
  incidentId: text(),
  startedAt: text(),
  startedBy: text(),
  target: Type.Union([
    Type.Object({ kind: oneOf('rule', 'group', 'recipient'), id: text() }),
    Type.Object({ kind: Type.Literal('trigger'), trigger: TRIGGER_NAME }),
  ]),
  locationId: textOrNull(),
  responseLocationId: textOrNull(),
  note: text(),
};

export const DRILL_PLAN = answerSchema<ReturnType<Drills['planDrill']>>()(
  Type.Object({
    recipients: Type.Array(Type.Object(DRILL_RECIPIENT)),
    passedOver: Type.Array(
      Type.Object({
        recipientId: text(),
        name: text(),
        ruleId: text(),
        ruleName: text(),
        afterSeconds: Type.Number(),
        why: oneOf('off-duty', 'group-off-duty', 'rule-disabled', 'no-later-step'),
      }),
    ),
  }),
);

export const DRILL_ITEM = answerSchema<Awaited<ReturnType<Drills['listDrills']>>['items'][number]>()(
  Type.Object({ ...DRILL, recipients: Type.Number() }),
);

export const DRILL_VIEW = answerSchema<Awaited<ReturnType<Drills['getDrill']>>>()(
  Type.Object({
    ...DRILL,
    results: Type.Array(
      Type.Object({
        ...DRILL_RECIPIENT,
        state: oneOf('not-sent', 'queued', 'accepted', 'failed', 'exhausted'),
        attempts: Type.Number(),
        queuedAt: textOrNull(),
        acceptedAt: textOrNull(),
        acceptedAfterMs: orNull(Type.Number(), 'From the start to being taken'),
        response: textOrNull(),
        lastError: textOrNull(),
      }),
    ),
    counts: Type.Object({
      'not-sent': Type.Number(),
      queued: Type.Number(),
      accepted: Type.Number(),
      failed: Type.Number(),
      exhausted: Type.Number(),
    }),
    slowestMs: orNull(Type.Number(), 'From the start to the last message that was taken'),
  }),
);

export const ALERT_SETTINGS = answerSchema<Awaited<ReturnType<Alerts['settings']['readAlertSettings']>>>()(
  Type.Object({
    staleAfterSeconds: orNull(Type.Number()),
    contractTriggers: Type.Array(TRIGGER_NAME),
    language: LANGUAGE_NAME,
    tellsAcknowledgements: Type.Boolean(),
    retentionDays: orNull(Type.Number()),
  }),
);

const CONNECTION_HEAD = {
  id: text(),
  organizationId: text(),
  name: text(),
  isEnabled: Type.Boolean(),
  disabledReason: textOrNull('Why it was switched off without anybody asking for it'),
  version: Type.Number(),
  createdAt: text(),
  updatedAt: text(),
};

const WEBHOOK = {
  ...CONNECTION_HEAD,
  kind: Type.Literal('webhook'),
  settings: Type.Object({
    url: text(),
    timeoutSeconds: Type.Number(),
    previousSecretValidUntil: textOrNull(),
  }),
};

const SMS_GATEWAY = {
  ...CONNECTION_HEAD,
  kind: Type.Literal('sms-gateway'),
  settings: Type.Object({
    method: oneOf('POST', 'PUT', 'GET'),
    url: text(),
    headerNames: Type.Array(Type.String()),
    body: textOrNull(),
    contentType: orNull(
      oneOf('application/json', 'application/x-www-form-urlencoded', 'application/xml', 'text/xml', 'text/plain'),
    ),
    from: textOrNull(),
    hasCredential: Type.Boolean(),
    successRule: Type.Object({
      statuses: Type.Array(Type.Number()),
      bodyContains: textOrNull(),
      json: orNull(Type.Object({ path: text(), equals: Type.Array(Type.String()) })),
    }),
    maxSegments: Type.Number(),
    timeoutSeconds: Type.Number(),
  }),
};

const CHAT = {
  ...CONNECTION_HEAD,
  kind: Type.Literal('chat'),
  settings: Type.Object({
    flavour: oneOf('webex', 'teams', 'slack'),
    url: text(),
    timeoutSeconds: Type.Number(),
  }),
};

export const CONNECTION = answerSchema<AlertConnection>()(
  Type.Union([Type.Object(WEBHOOK), Type.Object(SMS_GATEWAY), Type.Object(CHAT)]),
);

const SECRET = { secret: textOrNull('That of a webhook, shown in this answer only') };

export const CREATED_CONNECTION = answerSchema<CreatedConnection>()(
  Type.Union([
    Type.Object({ ...WEBHOOK, ...SECRET }),
    Type.Object({ ...SMS_GATEWAY, ...SECRET }),
    Type.Object({ ...CHAT, ...SECRET }),
  ]),
);

export const TEST_OUTCOME = answerSchema<TestOutcome>()(
  Type.Object({
    isAccepted: Type.Boolean(),
    response: text('What the other side said, or what kept it from saying something'),
    isPermanent: Type.Boolean({ description: 'Trying again cannot help' }),
    tookMs: Type.Number(),
  }),
);

const TEMPLATE = {
  trigger: TRIGGER_NAME,
  channel: oneOf('email', 'sms', 'chat', 'push'),
  language: LANGUAGE_NAME,
  isDefault: Type.Boolean(),
  version: Type.Number({ description: '0: never changed' }),
  changedBy: textOrNull(),
  changedAt: textOrNull(),
  lastFault: orNull(Type.Object({ at: text(), fault: text() }), 'Why ours went out instead'),
};

const TEMPLATE_TEXT = answerSchema<TemplateText>()(
  Type.Object({ title: textOrNull(), body: text(), html: textOrNull() }),
);

export const TEMPLATE_ITEM = answerSchema<TemplateItem>()(Type.Object(TEMPLATE));

export const TEMPLATE_VIEW = answerSchema<TemplateView>()(
  Type.Object({
    ...TEMPLATE,
    text: TEMPLATE_TEXT,
    defaultText: TEMPLATE_TEXT,
    warnings: Type.Array(Type.String()),
  }),
);

export const TEMPLATE_VERSION = answerSchema<TemplateVersion>()(
  Type.Object({
    version: Type.Number(),
    text: orNull(TEMPLATE_TEXT, 'null: from then on the words of ours counted'),
    changedBy: text(),
    changedAt: text(),
  }),
);

export const TEMPLATE_FACT = answerSchema<ReturnType<AlertContent['facts']>[number]>()(
  Type.Object({
    name: text(),
    kind: oneOf('text', 'yes or no', 'list of texts', 'list of name and value'),
    meaning: text(),
  }),
);

export const TEMPLATE_PREVIEW = answerSchema<TemplatePreview>()(
  Type.Object({
    faults: Type.Array(Type.Object({ path: text(), message: text() })),
    warnings: Type.Array(Type.String()),
    content: orNull(
      Type.Union([
        Type.Object({
          channel: Type.Literal('email'),
          subject: text(),
          text: text(),
          html: textOrNull(),
          map: orNull(
            Type.Object({
              latitude: Type.Number(),
              longitude: Type.Number(),
              uncertaintyMeters: orNull(Type.Number()),
              caption: text(),
            }),
          ),
        }),
        Type.Object({ channel: Type.Literal('sms'), text: text() }),
        Type.Object({
          channel: Type.Literal('webhook'),
          type: text(),
          data: Type.Record(Type.String(), Type.Unknown()),
        }),
        Type.Object({
          channel: Type.Literal('chat'),
          title: text(),
          lines: Type.Array(Type.Object({ name: text(), value: text() })),
          notices: Type.Array(Type.String()),
          links: Type.Array(Type.Object({ text: text(), url: text() })),
        }),
        Type.Object({ channel: Type.Literal('push'), title: text(), body: text(), url: text() }),
      ]),
      'As it would be sent; null while there are faults',
    ),
  }),
);

export const PUSH_SUBSCRIPTION = answerSchema<Awaited<ReturnType<Push['list']>>[number]>()(
  Type.Object({
    id: text(),
    label: text(),
    subscribedBy: text(),
    service: text('Host of the push service'),
    locationIds: orNull(Type.Array(Type.String()), 'null: of every place'),
    minSeverity: SEVERITY_NAME,
    createdAt: text(),
    expiresAt: text(),
  }),
);
