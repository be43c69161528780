/**
 * What can happen. `call.*`: a call or test call of the organization; `alert.*`: a message about one of them; `incident.*`:
 * something that somebody should act on began, was passed on to the next, was taken on by somebody, was settled, or was opened
 * again; `journal.*`: the platform's own journal, for its operators; `events.lost`: something happened that the listener was not
 * told, so that it has to read `/api/calls` anew.
 */
export type CallEventType =
  | 'call.started'
  | 'call.routed'
  | 'call.attempted'
  | 'call.answered'
  | 'call.ended'
  | 'call.flagged'
  | 'alert.accepted'
  | 'alert.failed'
  | 'incident.opened'
  | 'incident.escalated'
  | 'incident.acknowledged'
  | 'incident.resolved'
  | 'incident.reopened'
  | 'journal.degraded'
  | 'journal.recovered'
  | 'events.lost';

/** Something that happened, before it has a number. */
export type NewEvent = {
  type: CallEventType;
  at: string;
  /** null: nobody's, for the operator; `events.lost` is for everybody. */
  organizationId: string | null;
  /** For those who see some locations only. */
  locationId: string | null;
  data: Readonly<Record<string, unknown>>;
};

/** Something that happened, in the order in which every node of the platform tells it. */
export type CallEvent = NewEvent & { sequence: string };
