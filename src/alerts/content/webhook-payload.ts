import { type Static, type TSchema, Type } from 'typebox';
import { ALERT_SEVERITIES, ALERT_TRIGGERS } from '../../domain/alert-trigger.ts';
import type { AlertMoment } from '../alert-occasion.ts';

/** What programs tell moments apart by; these names never change. */
export const WEBHOOK_TYPES = {
  'call-started': 'emergency.call_started',
  'call-ended': 'emergency.call_ended',
  'test-call': 'test_call.completed',
  'undefined-element': 'network_element.undefined',
  'destination-unreachable': 'destination.changed',
  'delivery-failing': 'delivery.failing',
  'stage-changed': 'stage.changed',
  drill: 'drill.started',
  acknowledged: 'incident.acknowledged',
} as const satisfies Readonly<Record<AlertMoment, string>>;

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const oneOf = <Value extends string>(values: readonly Value[]) =>
  Type.Unsafe<Value>(Type.Union(values.map((value) => Type.Literal(value))));
const TEXT = orNull(Type.String());
const TIME = Type.String({ format: 'date-time' });

/** `data` of every webhook: what is not known, or does not apply, is null. Names may be added, none is taken away. */
const WEBHOOK_DATA = Type.Object({
  subjectId: Type.String({ description: 'The same whenever the same thing is told again; of a call, its id' }),
  incidentId: orNull(Type.String({ description: 'Under /api/incidents' })),
  moment: oneOf(Object.keys(WEBHOOK_TYPES) as AlertMoment[]),
  triggers: Type.Array(oneOf(ALERT_TRIGGERS), { description: 'Everything that holds, the weightiest first' }),
  trigger: oneOf(ALERT_TRIGGERS),
  severity: oneOf(ALERT_SEVERITIES),
  isDrill: Type.Boolean({ description: 'An exercise: nobody needs help' }),
  isSimulated: Type.Boolean({ description: 'The call went to a simulator: no public authority was contacted' }),
  at: TIME,
  organizationId: Type.String(),
  headline: Type.String({ description: 'What happened, in the language of the recipient' }),
  site: Type.Object({ id: TEXT, name: TEXT, timeZone: TEXT }),
  responseLocation: Type.Object({ id: TEXT, name: TEXT }),
  call: orNull(
    Type.Object({
      id: Type.String({ description: 'Under /api/calls' }),
      kind: Type.String({ description: '911 or 933' }),
      emergencyCallId: Type.String(),
      incidentId: Type.String(),
      dialed: Type.String(),
      startedAt: TIME,
      answeredAt: orNull(TIME),
      endedAt: orNull(TIME),
      outcome: Type.String(),
      flags: Type.Array(Type.String()),
    }),
  ),
  caller: orNull(Type.Object({ name: TEXT, number: TEXT, memberId: TEXT, memberKind: TEXT })),
  callback: orNull(Type.Object({ number: TEXT, quality: Type.String() })),
  location: orNull(
    Type.Object({
      text: orNull(Type.String({ description: 'The whole dispatchable location on one line' })),
      inside: orNull(Type.String({ description: 'Floor, room and the like' })),
      civic: orNull(
        Type.Record(Type.String(), Type.String(), { description: 'Civic address elements (RFC 5139, RFC 6848)' }),
      ),
      position: orNull(
        Type.Object(
          { latitude: Type.Number(), longitude: Type.Number(), uncertaintyMeters: orNull(Type.Number()) },
          { description: 'WGS 84, degrees' },
        ),
      ),
      source: Type.String(),
      foundBy: TEXT,
      rule: Type.String(),
      method: TEXT,
      determinedAt: orNull(TIME),
      ageSeconds: orNull(Type.Number()),
    }),
  ),
  destination: orNull(
    Type.Object({
      name: TEXT,
      kind: Type.String(),
      conveyed: Type.String(),
      callbackNumber: TEXT,
      attempts: Type.Array(Type.Object({ name: Type.String(), outcome: Type.String(), status: orNull(Type.Number()) })),
    }),
  ),
  test: orNull(Type.Record(Type.String(), Type.Unknown(), { description: 'What came of a 933 call' })),
  news: orNull(
    Type.Object({
      sentence: Type.String({ description: 'What happened, where it is no call' }),
      text: TEXT,
      values: Type.Record(Type.String(), Type.String()),
    }),
  ),
  recipient: Type.Object({ label: Type.String(), reasons: Type.Array(Type.String()) }),
  links: Type.Object({ trace: TEXT, data: TEXT, acknowledge: TEXT, incident: TEXT }),
});
export type WebhookData = Static<typeof WEBHOOK_DATA>;

/** One kind of webhook, for descriptions of the API. */
export type WebhookDescription = { type: string; summary: string; schema: TSchema };

const SUMMARIES: Readonly<Record<AlertMoment, string>> = {
  'call-started': 'An emergency call was made',
  'call-ended': 'An emergency call that was answered has ended',
  'test-call': 'A 933 test call has ended',
  'undefined-element': 'Devices were seen at network elements that the wire map does not hold',
  'destination-unreachable': 'A PSAP or relay centre does not answer, or does again',
  'delivery-failing': 'An alert was given up, or a channel takes nothing',
  'stage-changed': 'An organization or location completed a stage, opted out or came back',
  drill: 'Somebody tries out who would be told',
  acknowledged: 'Somebody takes care of an incident',
};

/** The body of every webhook, by Standard Webhooks: type, timestamp, data. */
export const WEBHOOKS: readonly WebhookDescription[] = (Object.keys(WEBHOOK_TYPES) as AlertMoment[]).map((moment) => ({
  type: WEBHOOK_TYPES[moment],
  summary: SUMMARIES[moment],
  schema: Type.Object({
    type: Type.Literal(WEBHOOK_TYPES[moment]),
    timestamp: Type.String({ format: 'date-time', description: 'When the message was written' }),
    data: WEBHOOK_DATA,
  }),
}));

/** As a table for people, in Markdown. */
export function webhookMarkdown(): string {
  const rows = WEBHOOKS.map(({ type, summary }) => `| \`${type}\` | ${summary} |`);
  return ['| type | when |', '| --- | --- |', ...rows].join('\n');
}
