import type { CallRecord, TraceEntry } from '../domain/call-record.ts';
import { redactReferences } from './redact-reference.ts';

/** A call as `GET /api/calls` lists it; the detail view adds the whole record. */
export type CallItem = {
  id: string;
  callId: string;
  emergencyCallId: string;
  incidentId: string;
  kind: CallRecord['kind'];
  startedAt: string;
  answeredAt: string | null;
  endedAt: string | null;
  dialed: string;
  callerNumber: string | null;
  callbackNumber: string | null;
  organizationId: string | null;
  location: CallRecord['location'];
  destination: CallRecord['destination'];
  attempts: CallRecord['attempts'];
  conveyed: CallRecord['conveyed'];
  standing: CallRecord['standing'];
  flags: CallRecord['flags'];
  outcome: CallRecord['outcome'];
  spokenText: string | null;
  spokenTranslation: NonNullable<CallRecord['spokenTranslation']> | null;
  /** What came of a test call; null for 911, and while it goes on. */
  testResult: NonNullable<CallRecord['testResult']> | null;
  trace: readonly TraceEntry[];
};

export function toCallItem(record: CallRecord): CallItem {
  return {
    id: record.id,
    callId: record.callId,
    emergencyCallId: record.emergencyCallId,
    incidentId: record.incidentId,
    kind: record.kind,
    startedAt: record.startedAt,
    answeredAt: record.answeredAt,
    endedAt: record.endedAt,
    dialed: record.dialed,
    callerNumber: record.caller.number,
    callbackNumber: record.callback.number,
    organizationId: record.organizationId,
    location: record.location,
    destination: record.destination,
    attempts: record.attempts,
    // What lets somebody ask where the caller is stays in the record.
    conveyed: { ...record.conveyed, geolocation: record.conveyed.geolocation.map(redactReferences) },
    standing: record.standing,
    flags: record.flags,
    outcome: record.outcome,
    spokenText: record.spokenText,
    spokenTranslation: record.spokenTranslation ?? null,
    testResult: record.testResult ?? null,
    trace: record.trace,
  };
}
