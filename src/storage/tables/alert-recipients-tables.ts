import type { JSONColumnType } from 'kysely';

/** A jsonb column written as JSON text. */
type Json<Value extends object | null> = JSONColumnType<Value>;

export interface AlertRecipientsTables {
  alertRecipients: {
    id: string;
    organizationId: string;
    name: string;
    nameKey: string;
    language: string;
    timeZone: string | null;
    /** An AlertSchedule. */
    schedule: JSONColumnType<object | null, string | null, string | null>;
    /** AlertEndpoint[]. */
    endpoints: Json<readonly object[]>;
    createdAt: Date;
    updatedAt: Date;
  };
  alertGroups: {
    id: string;
    organizationId: string;
    name: string;
    nameKey: string;
    schedule: JSONColumnType<object | null, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  alertGroupMembers: {
    organizationId: string;
    groupId: string;
    recipientId: string;
    position: number;
  };
  /** No place: everywhere in the organization. */
  alertRules: {
    id: string;
    organizationId: string;
    name: string;
    nameKey: string;
    isEnabled: boolean;
    locationId: string | null;
    buildingId: string | null;
    responseLocationId: string | null;
    triggers: string[];
    severity: string | null;
    createdAt: Date;
    updatedAt: Date;
  };
  /** A recipient or a group in a step of a rule; a step is all rows with the same `afterSeconds`. */
  alertRuleTargets: {
    organizationId: string;
    ruleId: string;
    afterSeconds: number;
    position: number;
    recipientId: string | null;
    groupId: string | null;
  };
}
