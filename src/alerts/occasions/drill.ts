import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertChannel } from '../alert-endpoint.ts';
import type { DrillTarget } from '../recipients/judge-drill.ts';
import type { PassedOver } from '../recipients/judge-occasion.ts';

/** An alert that is tried out: whom, where, and what for. Exactly one of `ruleId`, `groupId`, `recipientId` and `trigger`. */
export type DrillRequest = {
  ruleId?: string | undefined;
  groupId?: string | undefined;
  recipientId?: string | undefined;
  /** Whoever would be told of it at the place. */
  trigger?: AlertTrigger | undefined;
  locationId?: string | undefined;
  responseLocationId?: string | undefined;
  /** What those who are told read of it; at most 500 characters. */
  note?: string | undefined;
  /** Only tell who would be told. */
  dryRun?: boolean | undefined;
};

/** Somebody whom a drill tells, by one endpoint. */
export type DrillRecipient = {
  /** The key of the message. */
  key: string;
  label: string;
  channel: AlertChannel;
  recipientId: string | null;
  /** Seconds after the start; later steps are told only while nobody acknowledged. */
  afterSeconds: number;
  reasons: readonly string[];
};

/** A drill that took place; the same as stored. */
export type Drill = {
  /** UUID. */
  id: string;
  incidentId: string;
  /** ISO 8601. */
  startedAt: string;
  /** The name of the token. */
  startedBy: string;
  target: DrillTarget;
  locationId: string | null;
  responseLocationId: string | null;
  note: string;
  told: readonly DrillRecipient[];
};

/** Who would be told by a drill, and who would not. */
export type DrillPlan = {
  recipients: readonly DrillRecipient[];
  passedOver: readonly PassedOver[];
};

/** What became of one message of a drill. `not-sent`: its step has not come, or somebody acknowledged before. */
export type DrillResult = DrillRecipient & {
  state: 'not-sent' | 'queued' | 'accepted' | 'failed' | 'exhausted';
  attempts: number;
  queuedAt: string | null;
  acceptedAt: string | null;
  /** From the start of the drill to the other side taking the message; null: it has not. */
  acceptedAfterMs: number | null;
  /** The other side's words. */
  response: string | null;
  lastError: string | null;
};

/** A drill with what became of it. */
export type DrillView = Omit<Drill, 'told'> & {
  results: readonly DrillResult[];
  /** Messages, by what became of them. */
  counts: Readonly<Record<DrillResult['state'], number>>;
  /** From the start to the last message that was taken; null: none was. */
  slowestMs: number | null;
};

/** A drill in a list. */
export type DrillItem = Omit<Drill, 'told'> & { recipients: number };
