import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';

/** The places for which a rule holds. A location and its building cover everything in them. */
export type AlertRulePlace =
  | { kind: 'organization'; id: null }
  | { kind: 'location' | 'building' | 'response-location'; id: string };

export const RULE_PLACE_KINDS = ['organization', 'location', 'building', 'response-location'] as const;
export type RulePlaceKind = (typeof RULE_PLACE_KINDS)[number];

/** Who is told so many seconds after an occasion; of later steps, as long as nobody acknowledged. */
export type AlertStep = {
  afterSeconds: number;
  recipientIds: readonly string[];
  groupIds: readonly string[];
};

/** Who is told of what happens where, and in which order. */
export type AlertRule = {
  id: string;
  name: string;
  isEnabled: boolean;
  place: AlertRulePlace;
  /** At least one; the weightiest first. */
  triggers: readonly AlertTrigger[];
  /** null: that of the trigger. */
  severity: AlertSeverity | null;
  /** 1 to 20, by `afterSeconds`. */
  steps: readonly AlertStep[];
};
