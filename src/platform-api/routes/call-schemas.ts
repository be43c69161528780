import { Type } from 'typebox';
import type { Receipt } from '../../alerts/alerts.ts';
import type { CallItem } from '../../calls/calls.ts';
import type { CallRecord, TestCallResult, TraceEntry } from '../../domain/call-record.ts';
import { answerSchema } from '../answer-schema.ts';
import { oneOf, orNull, text, textOrNull } from '../schemas.ts';
import { RECEIPT } from './alert-delivery-schemas.ts';

const CALL_KIND = oneOf('911', '933', 'callback');
export const CALL_OUTCOME = oneOf('routing', 'answered', 'completed', 'abandoned', 'failed', 'redirected');

export const TRACE_ENTRY = answerSchema<TraceEntry>()(
  Type.Object({
    step: text(),
    choice: text('What was chosen'),
    reason: text('Why, as a sentence'),
    durationMs: Type.Number(),
    inputs: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'What the step was given, by name' }),
    ),
    lookups: Type.Optional(
      Type.Array(Type.Object({ lookup: text(), asked: text(), found: textOrNull('null: nothing is known') })),
    ),
    deadlineMs: Type.Optional(Type.Number()),
    isLate: Type.Optional(Type.Boolean({ description: 'The deadline passed; the step’s default was used' })),
  }),
);

export const CALL_LOCATION = Type.Object({
  civic: orNull(Type.Record(Type.String(), Type.String()), 'RFC 5139 elements'),
  shape: orNull(Type.Unknown(), 'RFC 5491 shape'),
  text: text('The whole dispatchable location on one line'),
  indoorText: text('Floor, room … alone'),
  locationId: textOrNull(),
  buildingId: textOrNull(),
  erlId: textOrNull(),
  source: oneOf('conveyed-value', 'conveyed-reference', 'device', 'elin', 'number', 'default'),
  rule: text('Which rule found it, as a sentence'),
  foundBy: Type.Optional(text()),
  method: textOrNull(),
  determinedAt: textOrNull(),
  ageSeconds: orNull(Type.Number()),
});

const TEST_RESULT = answerSchema<TestCallResult>()(
  Type.Object({
    spoken: oneOf('speech', 'tones', 'none'),
    heard: Type.Boolean({ description: 'Sound came from the phone' }),
    received: Type.Boolean({ description: 'Packets came from the phone: false is one-way audio' }),
    codec: orNull(oneOf('PCMU', 'PCMA')),
    packetsSent: Type.Number(),
    packetsReceived: Type.Number(),
    packetsLost: Type.Number(),
    jitterMs: Type.Number(),
    levelDbov: orNull(Type.Number(), 'Loudest second of what came'),
    digits: text('Keys pressed'),
    foreignPackets: Type.Number(),
    hungUpBy: oneOf('caller', 'agent', 'network'),
    durationMs: Type.Number({ description: 'From answer to end' }),
    fault: textOrNull('What went wrong'),
  }),
);

const CALL = {
  id: text(),
  callId: text('SIP Call-ID'),
  emergencyCallId: text(),
  incidentId: text(),
  kind: CALL_KIND,
  startedAt: text(),
  answeredAt: textOrNull(),
  endedAt: textOrNull(),
  dialed: text(),
  callerNumber: textOrNull(),
  callbackNumber: textOrNull(),
  organizationId: textOrNull(),
  location: Type.Union([CALL_LOCATION, Type.Null()]),
  destination: Type.Object({
    uri: text(),
    name: text(),
    sourceId: textOrNull(),
    kind: oneOf('psap', 'relay', 'test-agent', 'caller'),
    quality: textOrNull(),
    reason: text('Why this destination, as a sentence'),
  }),
  attempts: Type.Array(
    Type.Object({
      uri: text(),
      name: text(),
      outcome: oneOf('answered', 'refused', 'silent', 'unreachable', 'cancelled', 'ringing', 'offered'),
      status: Type.Union([Type.Number(), Type.Null()], { description: 'Final SIP status' }),
      durationMs: Type.Number(),
      deadlineMs: Type.Optional(Type.Number()),
    }),
  ),
  conveyed: Type.Object({
    geolocation: Type.Array(Type.String()),
    form: oneOf('by-value', 'by-reference', 'reference-added', 'value-added', 'none'),
    callbackNumber: textOrNull(),
  }),
  standing: Type.Unknown({ description: 'How far the organization and the location had come' }),
  flags: Type.Array(Type.String(), { description: 'What makes the call noteworthy' }),
  outcome: CALL_OUTCOME,
  spokenText: textOrNull('What the test agent said'),
  spokenTranslation: Type.Union([Type.Object({ language: Type.Literal('fr'), text: text() }), Type.Null()]),
  testResult: orNull(TEST_RESULT, 'What came of a test call; null: it goes on, or is none'),
  trace: Type.Array(TRACE_ENTRY),
};

export const CALL_ITEM = answerSchema<CallItem>()(Type.Object(CALL));

export const CALLER = Type.Object({
  number: textOrNull(),
  displayName: textOrNull(),
  memberId: textOrNull(),
  memberKind: textOrNull(),
  locationId: textOrNull(),
  asserted: textOrNull(),
  contact: Type.Optional(text()),
});

export const CALLBACK = Type.Object({
  number: textOrNull(),
  quality: oneOf('RECOMMENDED', 'NOT_RECOMMENDED', 'INVALID'),
  rule: text(),
  elin: Type.Optional(Type.Object({ responseLocationId: text(), boundAt: Type.Optional(text()), expiresAt: text() })),
});

/** With what stands behind it: `GET /api/calls/{id}`. */
export const CALL_DETAIL = answerSchema<CallItem & Pick<CallRecord, 'caller' | 'callback'> & { receipts: Receipt[] }>()(
  Type.Object({
    ...CALL,
    caller: CALLER,
    callback: CALLBACK,
    receipts: Type.Array(RECEIPT),
  }),
);
