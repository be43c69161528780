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

type SessionRecorder = Pick<CallRecorder, 'update'>;
type SessionClock = Pick<Clock, 'nowMs' | 'monotonicMs'>;

/** The record of a call that goes on, saved anew with every change. */
export class CallSession {
  #record: CallRecord;
  readonly #recorder: SessionRecorder;
  readonly #clock: SessionClock;
  /** Between the two clocks; it was the same when the call began, a moment ago. */
  readonly #aheadMs: number;

  constructor(first: CallRecord, recorder: SessionRecorder, clock: SessionClock) {
    this.#record = first;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#aheadMs = clock.nowMs() - clock.monotonicMs();
  }

  get record(): CallRecord {
    return this.#record;
  }

  change(change: CallChange): void {
    const before = this.#record;
    // Field by field: two spread objects take the engine three times as long.
    const record: CallRecord = {
      ...before,
      version: before.version + 1,
      outcome: change.outcome ?? before.outcome,
      attempts: change.attempts ?? before.attempts,
      answeredAt: change.answeredAt ?? before.answeredAt,
      endedAt: change.endedAt ?? before.endedAt,
      trace: change.trace ?? before.trace,
      flags: change.flags ?? before.flags,
      destination: change.destination ?? before.destination,
    };
    if (change.testResult) record.testResult = change.testResult;
    this.#record = record;
    this.#recorder.update(record, before);
  }

  /** Adds to the trace what need not be written before the next change. */
  note(entry: TraceEntry): void {
    this.#record = { ...this.#record, trace: [...this.#record.trace, entry] };
  }

  /** Now, in ISO 8601, as told from the start of the call: a clock that is set meanwhile does not change how long it took. */
  nowText(): string {
    return new Date(Math.round(this.#clock.monotonicMs() + this.#aheadMs)).toISOString();
  }
}
