import type { CallAttempt, CallOutcome, CallRecord, TraceEntry } from '../domain/call-record.ts';
import type { CallRecorder } from './call-recorder.ts';

/** What changes about a call after it was decided. */
export type CallChange = {
  outcome?: CallOutcome;
  attempts?: readonly CallAttempt[];
  answeredAt?: string;
  endedAt?: string;
  trace?: readonly TraceEntry[];
  flags?: CallRecord['flags'];
  destination?: CallRecord['destination'];
};

/** The record of a call that goes on, saved anew with every change. */
export type CallSession = {
  readonly record: CallRecord;
  change(change: CallChange): void;
};

export function createCallSession(first: CallRecord, recorder: Pick<CallRecorder, 'update'>): CallSession {
  let record = first;
  return {
    get record() {
      return record;
    },
    change(change) {
      record = { ...record, ...change, version: record.version + 1 };
      recorder.update(record);
    },
  };
}
