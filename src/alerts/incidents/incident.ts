import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertMoment, AlertOccasion } from '../alert-occasion.ts';

/** Nobody took it on yet; somebody did; it is settled. */
export const INCIDENT_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** How somebody acted: by the link in a message, or through `/api` (the alert desk too). */
export type ActVia = 'link' | 'api';

/** What people can do about an incident. A note changes no state. */
export type IncidentAction = 'acknowledge' | 'resolve' | 'reopen' | 'note';

/** Something that somebody did about an incident; whoever has it can store it, once. */
export type IncidentAct = {
  /** UUID; stored under it, so that an act is stored once. */
  id: string;
  incidentId: string;
  action: IncidentAction;
  /** Who: what receipts show of a recipient, or the name of a token. */
  by: string;
  via: ActVia;
  /** ISO 8601. */
  at: string;
  note: string | null;
  /** Of the endpoint whose link it was; null: none. */
  endpointTag: string | null;
};

/** In which state an incident is, and since when by whom. Moments are ISO 8601. */
export type IncidentStanding = {
  state: IncidentState;
  acknowledgedAt: string | null;
  acknowledgedBy: string | null;
  acknowledgedVia: ActVia | null;
  resolvedAt: string | null;
  resolvedBy: string | null;
  resolvedVia: ActVia | null;
  reopenedAt: string | null;
};

/** Something that happened and that somebody on site should act on. */
export type Incident = IncidentStanding & {
  /** That of the call; of what is no call, made of the organization and what it is about. */
  id: string;
  organizationId: string;
  callId: string | null;
  moment: AlertMoment;
  /** The weightiest. */
  trigger: AlertTrigger;
  severity: AlertSeverity;
  isDrill: boolean;
  locationId: string | null;
  responseLocationId: string | null;
  openedAt: string;
  /** What happened, on one line. */
  title: string;
  /** Name and number; null: no call, or nothing is known. */
  caller: string | null;
  callbackNumber: string | null;
  /** Where, on one line; null: not known. */
  place: string | null;
};

/** An incident with how its escalation goes. */
export type IncidentItem = Incident & {
  /** When the next step is due; null: none waits, or somebody took it on. */
  nextStepAt: string | null;
  stepsTold: number;
  stepsWaiting: number;
};

/** The occasion as it is kept: the call has its own record. */
export type KeptOccasion = Omit<AlertOccasion, 'call'>;
