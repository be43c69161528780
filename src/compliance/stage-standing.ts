import { type CompletedStage, hasCompleted, STAGES, type Stage, stageRank } from '../domain/stage.ts';

/** What an organization or one location has reached. */
export type StageStanding = { completed: CompletedStage; optedOut: boolean };

/** Nothing completed: how organizations and locations start. */
export const NOTHING_COMPLETED: StageStanding = { completed: null, optedOut: false };

/** What a location's stages switch on (facts of the contract, section 3), for calls, 933 and the REST door alike. */
export type Standing = {
  /** Whether the organization has an enabled E911 account. */
  accountEnabled: boolean;
  organizationCompleted: CompletedStage;
  locationCompleted: CompletedStage;
  /** The location itself or its whole organization left the service. */
  optedOut: boolean;
  /** The location lies outside the United States, their territories and Canada. */
  exempt: boolean;
  /** 933: test calls are enabled (`integrationEnabled`). */
  testCallsEnabled: boolean;
  /** 911: calls are routed direct (`routingEnabled`); otherwise they still are routed, flagged (decision 10). */
  routingEnabled: boolean;
  /** Stages the location has not completed yet, in order. */
  missing: readonly Stage[];
};

/** Derives what is switched on; a call from no known location stands as its organization does. */
export function deriveStanding(facts: {
  accountEnabled: boolean;
  organization: StageStanding;
  /** null = no location is known. */
  location: StageStanding | null;
  exempt: boolean;
}): Standing {
  const { accountEnabled, organization, exempt } = facts;
  const location = facts.location ?? organization;
  const optedOut = organization.optedOut || location.optedOut;
  const inService = accountEnabled && !optedOut && !exempt;
  return {
    accountEnabled,
    organizationCompleted: organization.completed,
    locationCompleted: location.completed,
    optedOut,
    exempt,
    testCallsEnabled: inService && hasCompleted(location.completed, 'NETWORK_ELEMENTS'),
    routingEnabled: inService && hasCompleted(location.completed, 'ROUTING_ENABLED'),
    missing: STAGES.slice(stageRank(location.completed)),
  };
}
