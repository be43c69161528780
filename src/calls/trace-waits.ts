import type { TraceEntry } from '../domain/call-record.ts';
import type { AppendOutcome } from './call-journal.ts';
import type { EmergencyCall } from './emergency-call.ts';
import { redactReferences } from './redact-reference.ts';

/** The two steps for which a call may have to wait, as its trace tells them: with their deadline, and whether it passed. */

/** The LIS of others that were asked for the locations of a call (RFC 6753). */
export function traceDereference({ conveyed }: EmergencyCall, durationMs: number, deadlineMs: number): TraceEntry {
  const asked = conveyed.filter(({ form }) => form === 'foreign');
  const found = asked.filter(({ value }) => value !== null).length;
  return {
    step: 'dereference',
    choice: `${found} of ${asked.length} found`,
    reason: asked.map(({ note }) => note).join('; '),
    durationMs: Math.round(durationMs),
    inputs: { uris: asked.slice(0, 8).map(({ uri }) => redactReferences((uri ?? '').slice(0, 256))) },
    deadlineMs,
    isLate: found < asked.length && durationMs >= deadlineMs,
  };
}

/** The journal that had to have the call before it left (decision 16). */
export function traceJournal(outcome: AppendOutcome, durationMs: number, deadlineMs: number): TraceEntry {
  const isLate = outcome === 'late';
  return {
    step: 'journal',
    choice: outcome,
    reason: isLate ? 'the journal did not have the call in time, or cannot be written' : 'on disk before the call left',
    durationMs: Math.round(durationMs * 1000) / 1000,
    deadlineMs,
    isLate,
  };
}
