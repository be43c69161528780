import type { CallAttempt, CallRecord } from '../../domain/call-record.ts';
import { counted } from '../../support/counted.ts';
import type { Receipt } from '../delivery/receipt.ts';
import type { Incident } from './incident.ts';
import type { IncidentEntry } from './incident-entry-records.ts';

/** One line of what happened, with where that is known from. */
export type TimelineEntry = {
  /** ISO 8601. */
  at: string;
  /** The record of the call, the receipts of alerts, or what was done about the incident. */
  source: 'call' | 'alert' | 'incident';
  /** `call.placed`, `alert.accepted`, `incident.acknowledged` … */
  kind: TimelineKind;
  /** A sentence, in English. */
  text: string;
  /** No clock noted it: it was reckoned from durations that were measured. */
  isTimeDerived: boolean;
};

export type TimelineKind =
  | 'call.placed'
  | 'call.routed'
  | 'call.attempted'
  | 'call.answered'
  | 'call.ended'
  | 'alert.queued'
  | 'alert.attempted'
  | 'alert.accepted'
  | 'alert.failed'
  | 'alert.exhausted'
  | 'incident.opened'
  | 'incident.escalated'
  | 'incident.acknowledged'
  | 'incident.resolved'
  | 'incident.reopened'
  | 'incident.noted';

const ACT_KINDS: Readonly<Record<IncidentEntry['action'], TimelineKind>> = {
  escalate: 'incident.escalated',
  acknowledge: 'incident.acknowledged',
  resolve: 'incident.resolved',
  reopen: 'incident.reopened',
  note: 'incident.noted',
};

const ACT_VERBS: Readonly<Record<Exclude<IncidentEntry['action'], 'escalate'>, string>> = {
  acknowledge: 'acknowledged',
  resolve: 'resolved',
  reopen: 'opened again',
  note: 'noted',
};

const VIA_TEXTS = { link: ' by the link in a message', api: '' } as const;

const ATTEMPT_TEXTS: Readonly<Record<CallAttempt['outcome'], string>> = {
  answered: 'answered',
  refused: 'refused',
  silent: 'did not answer',
  unreachable: 'could not be reached',
  cancelled: 'was cancelled',
  ringing: 'rang',
  offered: 'was named to the trunk',
};

/** What happens in one millisecond is listed in this order. */
const ORDER: readonly TimelineKind[] = [
  'call.placed',
  'call.routed',
  'incident.opened',
  'call.attempted',
  'call.answered',
  'call.ended',
  'incident.escalated',
  'alert.queued',
  'alert.attempted',
  'alert.failed',
  'alert.exhausted',
  'alert.accepted',
];

/** Everything that is known of an incident, in the order in which it happened. */
export function writeTimeline(known: {
  incident: Incident;
  call: CallRecord | null;
  receipts: readonly Receipt[];
  entries: readonly IncidentEntry[];
}): TimelineEntry[] {
  const { incident, call, receipts, entries } = known;
  const lines: TimelineEntry[] = [
    line(incident.openedAt, 'incident', 'incident.opened', `Incident opened: ${incident.title} (${incident.severity})`),
    ...(call ? callLines(call) : []),
    ...receipts.flatMap(receiptLines),
    ...entries.map(entryLine),
  ];
  const rank = ({ kind }: TimelineEntry): number => (ORDER.indexOf(kind) + ORDER.length + 1) % (ORDER.length + 1);
  return lines.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || rank(a) - rank(b));
}

function line(
  at: string,
  source: TimelineEntry['source'],
  kind: TimelineKind,
  text: string,
  isTimeDerived = false,
): TimelineEntry {
  return { at, source, kind, text, isTimeDerived };
}

function callLines(call: CallRecord): TimelineEntry[] {
  const { startedAt, answeredAt, endedAt, caller, destination, location, outcome } = call;
  const who = caller.displayName ?? caller.number ?? 'an unknown caller';
  const where = location ? `, ${location.text}` : ', place unknown';
  const lines = [
    line(startedAt, 'call', 'call.placed', `Call to ${call.dialed} by ${who}${where}`),
    line(startedAt, 'call', 'call.routed', `Sent to ${destination.name}: ${destination.reason}`),
  ];
  // An attempt notes how long it took, not when it began: each begins when the one before it is over.
  const routedMs = call.trace.reduce((sum, { step, durationMs }) => (step === 'forward' ? sum : sum + durationMs), 0);
  let beginMs = Date.parse(startedAt) + Math.round(routedMs);
  for (const { name, outcome: came, status, durationMs } of call.attempts) {
    const at = new Date(beginMs + Math.round(durationMs)).toISOString();
    const answer = status === null ? '' : ` (${status})`;
    const text = `${name} ${ATTEMPT_TEXTS[came]}${answer}, after ${Math.round(durationMs)} ms`;
    lines.push(line(at, 'call', 'call.attempted', text, true));
    beginMs += Math.round(durationMs);
  }
  if (answeredAt !== null) lines.push(line(answeredAt, 'call', 'call.answered', `Answered by ${destination.name}`));
  if (endedAt !== null) lines.push(line(endedAt, 'call', 'call.ended', `Call ended: ${outcome}`));
  return lines;
}

function receiptLines(receipt: Receipt): TimelineEntry[] {
  const { attempts, channel, kind, lastAttemptAt, lastError, recipient, response, state } = receipt;
  const to = `${recipient} (${channel}, ${kind})`;
  const lines = [line(receipt.queuedAt.toISOString(), 'alert', 'alert.queued', `Alert for ${to} queued`)];
  if (receipt.acceptedAt) {
    const words = response === null || response === '' ? '' : `: ${response}`;
    const tries = attempts > 1 ? ` at attempt ${attempts}` : '';
    lines.push(
      line(receipt.acceptedAt.toISOString(), 'alert', 'alert.accepted', `Alert for ${to} accepted${tries}${words}`),
    );
  } else if (lastAttemptAt) {
    const reason = lastError === null ? '' : `: ${lastError}`;
    const at = lastAttemptAt.toISOString();
    if (state === 'exhausted') {
      lines.push(
        line(at, 'alert', 'alert.exhausted', `Alert for ${to} given up after ${counted(attempts, 'attempt')}${reason}`),
      );
    } else if (state === 'failed') {
      lines.push(line(at, 'alert', 'alert.failed', `Alert for ${to} failed, attempt ${attempts}${reason}`));
    } else lines.push(line(at, 'alert', 'alert.attempted', `Alert for ${to} attempted`));
  }
  return lines;
}

function entryLine(entry: IncidentEntry): TimelineEntry {
  const { action, at, by, detail, note, via } = entry;
  const kind = ACT_KINDS[action];
  if (action === 'escalate') {
    const told = detail?.told ?? 0;
    const more = told > (detail?.labels.length ?? 0) ? ' …' : '';
    const whom = told === 0 ? 'nobody more is to be told' : `${detail?.labels.join(', ')}${more}`;
    return line(at, 'incident', kind, `Step after ${detail?.afterSeconds ?? 0} s: ${whom}`);
  }
  const how = via === null ? '' : VIA_TEXTS[via];
  return line(
    at,
    'incident',
    kind,
    `${by ?? 'Somebody'} ${ACT_VERBS[action]}${how}${note === null ? '' : `: ${note}`}`,
  );
}
