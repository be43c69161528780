import type { ColumnType, JSONColumnType } from 'kysely';

/** A jsonb column that is written once, when its row is. */
type InsertedJson<Value> = JSONColumnType<Value & object, string, never>;

export interface OccasionsTables {
  /** What an organization settled about its alerts; no row = as by default. */
  alertSettings: {
    organizationId: string;
    /** null: no location is ever stale. */
    staleAfterSeconds: number | null;
    contractTriggers: string[];
    language: string;
    tellsAcknowledgements: boolean;
    /** null: nothing is forgotten. */
    retentionDays: number | null;
    updatedAt: ColumnType<Date, Date, Date>;
  };
  /** Alerts that somebody tried out; what became of their messages stands in the receipts of the incident. */
  alertDrills: {
    id: string;
    organizationId: string;
    incidentId: string;
    startedAt: Date;
    startedBy: string;
    trigger: string;
    locationId: string | null;
    responseLocationId: string | null;
    /** A DrillTarget. */
    target: InsertedJson<object>;
    note: string;
    /** DrillRecipient[]: who was to be told by which message. */
    told: InsertedJson<readonly object[]>;
  };
  /** Whether something that can be well or not (a destination, a channel) was told to be in trouble. */
  alertConditions: {
    subject: string;
    isBad: boolean;
    changedAt: Date;
  };
}
