import type { CallRecord } from '../../domain/call-record.ts';
import type { CallEventType, NewEvent } from './call-event.ts';

type Described = readonly [type: CallEventType, at: string, data: Readonly<Record<string, unknown>>];

function describeStart(record: CallRecord): Described[] {
  const { startedAt, dialed, caller, callback, location, flags, destination } = record;
  return [
    [
      'call.started',
      startedAt,
      {
        dialed,
        callerNumber: caller.number,
        callerName: caller.displayName,
        callbackNumber: callback.number,
        location: location?.text ?? null,
        locationId: location?.locationId ?? null,
        flags,
      },
    ],
    ['call.routed', startedAt, { destination, reason: destination.reason }],
  ];
}

/** What happened between two versions of a record; `before` null: the call is new. */
export function describeChange(before: CallRecord | null, after: CallRecord, now: string): NewEvent[] {
  const described: Described[] = before ? [] : describeStart(after);
  for (const attempt of after.attempts.slice(before?.attempts.length ?? 0)) {
    described.push(['call.attempted', now, { attempt }]);
  }
  const flags = before ? after.flags.filter((flag) => !before.flags.includes(flag)) : [];
  if (flags.length > 0) described.push(['call.flagged', now, { flags }]);
  if (after.answeredAt !== null && before?.answeredAt !== after.answeredAt) {
    described.push(['call.answered', after.answeredAt, { destination: after.destination }]);
  }
  if (after.endedAt !== null && before?.endedAt !== after.endedAt) {
    described.push(['call.ended', after.endedAt, { outcome: after.outcome, answeredAt: after.answeredAt }]);
  }
  const { organizationId, location } = after;
  return described.map(([type, at, data]) => ({
    type,
    at,
    organizationId,
    locationId: location?.locationId ?? null,
    data: { id: after.id, callId: after.callId, kind: after.kind, ...data },
  }));
}
