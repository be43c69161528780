import type { CallRecord, TraceEntry } from '../domain/call-record.ts';

type Changing =
  | 'version'
  | 'answeredAt'
  | 'endedAt'
  | 'destination'
  | 'attempts'
  | 'flags'
  | 'outcome'
  | 'spokenText'
  | 'spokenTranslation'
  | 'testResult';

/** What hardly ever changes once a call is decided. */
type Fixed = Omit<CallRecord, Changing | 'trace'>;

/** A record as JSON, and its pieces: a later version of the same call mostly has the same ones. */
export type EncodedRecord = {
  readonly record: CallRecord;
  readonly json: string;
  readonly fixed: Fixed;
  readonly fixedJson: string;
  readonly traceJson: string;
};

/**
 * The same as JSON.stringify but for the order of the fields. What has not changed since `before` is not encoded again: every call is
 * written once before it is forwarded and once when it has ended.
 */
export function encodeRecord(record: CallRecord, before?: EncodedRecord): EncodedRecord {
  const { version, answeredAt, endedAt, destination, attempts, flags, outcome, trace } = record;
  const changing: { [Key in Changing]: CallRecord[Key] | undefined } = {
    version,
    answeredAt,
    endedAt,
    destination,
    attempts,
    flags,
    outcome,
    spokenText: record.spokenText,
    spokenTranslation: record.spokenTranslation,
    testResult: record.testResult,
  };
  const { fixed, fixedJson } = before && isSame(before.fixed, record) ? before : encodeFixed(record);
  const traceJson = encodeTrace(trace, before);
  // Pieces are cut before they are put together: to cut what was put together, the engine copies it first.
  const json = `${fixedJson.slice(0, -1)},${JSON.stringify(changing).slice(1, -1)},"trace":${traceJson}}`;
  return { record, json, fixed, fixedJson, traceJson };
}

function isSame(fixed: Fixed, record: CallRecord): boolean {
  for (const name in fixed) if (fixed[name as keyof Fixed] !== record[name as keyof Fixed]) return false;
  return true;
}

function encodeFixed(record: CallRecord): Pick<EncodedRecord, 'fixed' | 'fixedJson'> {
  const fixed: Fixed = {
    id: record.id,
    callId: record.callId,
    emergencyCallId: record.emergencyCallId,
    incidentId: record.incidentId,
    kind: record.kind,
    startedAt: record.startedAt,
    dialed: record.dialed,
    requestUri: record.requestUri,
    organizationId: record.organizationId,
    trunkId: record.trunkId,
    peer: record.peer,
    caller: record.caller,
    callback: record.callback,
    location: record.location,
    standing: record.standing,
    conveyed: record.conveyed,
  };
  return { fixed, fixedJson: JSON.stringify(fixed) };
}

/** Entries are added to a trace, not changed. */
function encodeTrace(trace: readonly TraceEntry[], before: EncodedRecord | undefined): string {
  const known = before?.record.trace ?? [];
  if (!before || known.length === 0 || !known.every((entry, index) => entry === trace[index])) {
    return JSON.stringify(trace);
  }
  if (known.length === trace.length) return before.traceJson;
  const added = JSON.stringify(trace.slice(known.length));
  return `${before.traceJson.slice(0, -1)},${added.slice(1)}`;
}
