import type { CallAttempt, CallOutcome, CallRecord, TraceEntry } from '../domain/call-record.ts';
import type { Clock } from '../support/clock.ts';
import type { CallRecorder } from './call-recorder.ts';

/** What changes about a call after it was decided. */
export type CallChange = {
  outcome?: CallOutcome | undefined;
  attempts?: readonly CallAttempt[] | undefined;
  answeredAt?: string | undefined;
  endedAt?: string | undefined;
  trace?: readonly TraceEntry[] | undefined;
  flags?: CallRecord['flags'] | undefined;
  destination?: CallRecord['destination'] | undefined;
  testResult?: CallRecord['testResult'] | undefined;
};

/** The record of a call that goes on, saved anew with every change. */
export type CallSession = {
  readonly record: CallRecord;
  change(change: CallChange): void;
  /** Adds to the trace what need not be written before the next change. */
  note(entry: TraceEntry): void;
  /** Now, in ISO 8601, as told from the start of the call: a clock that is set meanwhile does not change how long it took. */
  nowText(): string;
};

export function createCallSession(
  first: CallRecord,
  recorder: Pick<CallRecorder, 'update'>,
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): CallSession {
  let record = first;
  /** Between the two clocks; it was the same when the call began, a moment ago. */
  const aheadMs = clock.nowMs() - clock.monotonicMs();
  return {
    get record() {
      return record;
    },
    change(change) {
      const before = record;
      // Field by field: two spread objects take the engine three times as long.
      record = {
        ...record,
        version: record.version + 1,
        outcome: change.outcome ?? record.outcome,
        attempts: change.attempts ?? record.attempts,
        answeredAt: change.answeredAt ?? record.answeredAt,
        endedAt: change.endedAt ?? record.endedAt,
        trace: change.trace ?? record.trace,
        flags: change.flags ?? record.flags,
        destination: change.destination ?? record.destination,
      };
      if (change.testResult) record.testResult = change.testResult;
      recorder.update(record, before);
    },
    note(entry) {
      record = { ...record, trace: [...record.trace, entry] };
    },
    nowText: () => new Date(Math.round(clock.monotonicMs() + aheadMs)).toISOString(),
  };
}
