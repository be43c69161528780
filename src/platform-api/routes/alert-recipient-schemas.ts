import { Type } from 'typebox';
import type { AlertEndpoint } from '../../alerts/alert-endpoint.ts';
import type {
  AlertGap,
  AlertGroup,
  AlertPreview,
  AlertRecipient,
  AlertRuleView,
  AlertSchedule,
  RecipientImport,
} from '../../alerts/recipients/alert-recipients.ts';
import { ALERT_LANGUAGES, ALERT_SEVERITIES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';

export const TRIGGER_NAME = Type.Enum([...ALERT_TRIGGERS]);
export const SEVERITY_NAME = Type.Enum([...ALERT_SEVERITIES]);
export const LANGUAGE_NAME = Type.Enum([...ALERT_LANGUAGES]);

const DAY_WINDOW = { from: text('HH:MM'), to: text('HH:MM or 24:00; not later than `from`: on the next day') };

const SCHEDULE_SHOWN = answerSchema<AlertSchedule>()(
  Type.Object({
    timeZone: textOrNull('IANA; null: that of the recipient, or else of the site'),
    windows: Type.Array(
      Type.Object({ days: Type.Array(oneOf('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat')), ...DAY_WINDOW }),
    ),
    exceptions: Type.Array(
      Type.Object({
        date: text('YYYY-MM-DD'),
        windows: Type.Union([Type.Literal('off'), Type.Array(Type.Object(DAY_WINDOW))]),
      }),
    ),
  }),
);

const ENDPOINT_SHOWN = answerSchema<AlertEndpoint>()(
  Type.Union([
    Type.Object({ channel: Type.Literal('email'), address: text() }),
    Type.Object({ channel: Type.Literal('sms'), number: text('E.164'), connectionId: text() }),
    Type.Object({ channel: Type.Literal('webhook'), connectionId: text() }),
    Type.Object({ channel: Type.Literal('chat'), connectionId: text() }),
    Type.Object({ channel: Type.Literal('push'), subscriptionId: text() }),
  ]),
);

export const RECIPIENT_SHOWN = answerSchema<AlertRecipient>()(
  Type.Object({
    id: text(),
    name: text(),
    language: LANGUAGE_NAME,
    timeZone: textOrNull('IANA; null: that of the site'),
    schedule: orNull(SCHEDULE_SHOWN, 'null: always on duty'),
    endpoints: Type.Array(ENDPOINT_SHOWN),
  }),
);

export const GROUP_SHOWN = answerSchema<AlertGroup>()(
  Type.Object({
    id: text(),
    name: text(),
    recipientIds: Type.Array(Type.String()),
    schedule: orNull(SCHEDULE_SHOWN, 'null: always on duty'),
  }),
);

export const RECIPIENT_IMPORT = answerSchema<RecipientImport>()(
  Type.Object({
    dryRun: Type.Boolean(),
    counts: Type.Object({
      added: Type.Number(),
      changed: Type.Number(),
      unchanged: Type.Number(),
      errors: Type.Number(),
    }),
    added: Type.Array(Type.Object({ id: text(), name: text() }), { description: 'The first 1,000' }),
    changed: Type.Array(Type.Object({ id: text(), name: text(), fields: Type.Array(Type.String()) })),
    errors: Type.Array(Type.Object({ line: Type.Number(), column: text(), message: text() })),
  }),
);

export const RULE_SHOWN = answerSchema<AlertRuleView>()(
  Type.Object({
    id: text(),
    name: text(),
    isEnabled: Type.Boolean(),
    place: Type.Object({ kind: oneOf('organization', 'location', 'building', 'response-location'), id: textOrNull() }),
    triggers: Type.Array(TRIGGER_NAME),
    severity: orNull(SEVERITY_NAME, 'null: that of the trigger'),
    steps: Type.Array(
      Type.Object({
        afterSeconds: Type.Number(),
        recipientIds: Type.Array(Type.String()),
        groupIds: Type.Array(Type.String()),
      }),
    ),
    source: oneOf('own', 'organization-settings', 'location-settings', 'building-alerts', 'response-location-alerts'),
    isReadOnly: Type.Boolean({ description: 'It is made by settings and changed there' }),
    addresses: Type.Optional(Type.Array(Type.String(), { description: 'Whom settings tell' })),
    changedBy: Type.Optional(text('What changes it, in words')),
  }),
);

export const PREVIEW = answerSchema<AlertPreview>()(
  Type.Object({
    at: text(),
    trigger: TRIGGER_NAME,
    counts: Type.Object({ told: Type.Number(), notTold: Type.Number() }),
    told: Type.Array(
      Type.Object({
        endpoint: ENDPOINT_SHOWN,
        label: text(),
        recipientId: textOrNull(),
        recipientName: textOrNull(),
        language: LANGUAGE_NAME,
        timeZone: textOrNull(),
        afterSeconds: Type.Number(),
        trigger: TRIGGER_NAME,
        severity: SEVERITY_NAME,
        reasons: Type.Array(Type.String()),
      }),
    ),
    notTold: Type.Array(
      Type.Object({
        recipientId: text(),
        name: text(),
        ruleId: text(),
        ruleName: text(),
        afterSeconds: Type.Number(),
        why: oneOf('off-duty', 'group-off-duty', 'rule-disabled', 'no-later-step'),
        reason: text(),
      }),
    ),
  }),
);

export const GAP = answerSchema<AlertGap>()(
  Type.Object({ locationId: text(), name: text(), reasons: Type.Array(Type.String()) }),
);
