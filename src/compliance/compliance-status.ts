import { type CompletedStage, nextStage, type Stage, stageRank } from '../domain/stage.ts';
import type { LocationStage } from './stage-machine.ts';
import type { StageStanding } from './stage-standing.ts';

/** Contract section 3, OrgStatus. */
export type OrgStatus = 'INITIALISE' | 'ENABLED' | 'OPTED_OUT';

/** Contract section 3, Compliance. */
export type ComplianceStatus = 'OPTED_OUT' | 'EXEMPTED' | 'NON_COMPLIANT' | 'COMPLIANT';

/** Contract section 3, OrgState: no D at the end of ROUTING_ENABLE. */
export type OrgState = 'LOCATION_SETUP' | 'ALERTS' | 'NETWORK_ELEMENTS' | 'ROUTING_ENABLE';

/** Contract section 3, LocState. */
export type LocState = OrgState | 'OPTED_OUT' | 'EXEMPTED' | 'COMPLIANT';

/** What the statuses are computed from. */
export type ComplianceFacts = {
  account: { companyId: string; redskyOrgId: string; adminExists: boolean; enabled: boolean } | undefined;
  organization: StageStanding;
  locations: readonly LocationStage[];
};

/** Both the stage completed last and the one to complete next, which the contract's `state` does not tell apart. */
export type StageProgress = { completed: CompletedStage; next: Stage | null; optedOut: boolean };

export type StatusHead = {
  orgStatus: OrgStatus;
  complianceStatus: ComplianceStatus;
  companyId?: string;
  redSkyOrgId?: string;
  adminExists: boolean;
};

export type NamedLocation = { id: string; name: string };

export type OrganizationStatus = StatusHead & {
  organization: StageProgress;
  /** Absent when the organization has no location (decision 3). */
  locationsStatus?: {
    /** Absent when no location takes part: all are exempt or opted out. */
    state?: OrgState;
    count: number;
    locations: NamedLocation[];
  };
};

export type LocationListEntry = NamedLocation & { state: LocState; progress: StageProgress };

export type LocationStatusPage = StatusHead & {
  organization: StageProgress;
  locationsStatus?: { count: number; locations: LocationListEntry[] };
};

export type LocationStatus = StatusHead & {
  location: StageProgress;
  locationsStatus: { state: LocState; count: number; locations: NamedLocation[] };
};

export const LIST_ORDERS = ['locationName', 'locationState'] as const;

export type ListOptions = {
  /** Offset of the first entry. */
  start: number;
  max: number;
  order: (typeof LIST_ORDERS)[number];
  descending: boolean;
};

/** How many of the least advanced locations `redSky/status` names. */
const LEAST_ADVANCED_SHOWN = 4;

const ORG_STATE = {
  LOCATION_SETUP: 'LOCATION_SETUP',
  ALERTS: 'ALERTS',
  NETWORK_ELEMENTS: 'NETWORK_ELEMENTS',
  ROUTING_ENABLED: 'ROUTING_ENABLE',
} as const satisfies Record<Stage, OrgState>;

// The order of `order=locationState`: as the stages are completed, those outside the service last.
const STATE_ORDER: readonly LocState[] = [
  'LOCATION_SETUP',
  'ALERTS',
  'NETWORK_ELEMENTS',
  'ROUTING_ENABLE',
  'COMPLIANT',
  'EXEMPTED',
  'OPTED_OUT',
];

const names = new Intl.Collator('en');

function byName(a: NamedLocation, b: NamedLocation): number {
  return names.compare(a.name, b.name) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** Decision 1: the stage completed last; LOCATION_SETUP also before the first. */
function orgState(completed: CompletedStage): OrgState {
  return ORG_STATE[completed ?? 'LOCATION_SETUP'];
}

function isOptedOut(facts: ComplianceFacts, location: LocationStage): boolean {
  return facts.organization.optedOut || location.standing.optedOut;
}

/** Decision 1: as orgState, but who completed everything is COMPLIANT. */
function locState(facts: ComplianceFacts, location: LocationStage): LocState {
  if (location.exempt) return 'EXEMPTED';
  if (isOptedOut(facts, location)) return 'OPTED_OUT';
  const { completed } = location.standing;
  return completed === 'ROUTING_ENABLED' ? 'COMPLIANT' : orgState(completed);
}

function progress(standing: StageStanding): StageProgress {
  return { completed: standing.completed, next: nextStage(standing.completed), optedOut: standing.optedOut };
}

function locationProgress(facts: ComplianceFacts, location: LocationStage): StageProgress {
  return { ...progress(location.standing), optedOut: isOptedOut(facts, location) };
}

function orgStatus(organization: StageStanding): OrgStatus {
  if (organization.optedOut) return 'OPTED_OUT';
  return organization.completed === 'ROUTING_ENABLED' ? 'ENABLED' : 'INITIALISE';
}

/** Decision 4. An opted-out location is not exempt and has not completed anything, so it is in the way of COMPLIANT. */
function complianceStatus({ organization, locations }: ComplianceFacts): ComplianceStatus {
  if (organization.optedOut) return 'OPTED_OUT';
  const subject = locations.filter((location) => !location.exempt);
  if (locations.length > 0 && subject.length === 0) return 'EXEMPTED';
  // Without any location there is nothing to be compliant with but the organization's own stages.
  const standings = subject.length === 0 ? [organization] : subject.map((location) => location.standing);
  return standings.every((standing) => standing.completed === 'ROUTING_ENABLED') ? 'COMPLIANT' : 'NON_COMPLIANT';
}

function statusHead(facts: ComplianceFacts): StatusHead {
  const { account, organization } = facts;
  return {
    orgStatus: orgStatus(organization),
    complianceStatus: complianceStatus(facts),
    ...(account && { companyId: account.companyId, redSkyOrgId: account.redskyOrgId }),
    adminExists: account?.adminExists ?? false,
  };
}

/** `redSky/status`: the least advanced locations, by name, and the stage they completed last (decisions 1 and 3). */
export function describeOrganization(facts: ComplianceFacts): OrganizationStatus {
  const head = { ...statusHead(facts), organization: progress(facts.organization) };
  if (facts.locations.length === 0) return head;
  const inService = facts.locations.filter((location) => !location.exempt && !isOptedOut(facts, location));
  const lowest = Math.min(...inService.map((location) => stageRank(location.standing.completed)));
  const least = inService.filter((location) => stageRank(location.standing.completed) === lowest).sort(byName);
  const first = least[0];
  return {
    ...head,
    locationsStatus: {
      ...(first && { state: orgState(first.standing.completed) }),
      count: facts.locations.length,
      locations: least.slice(0, LEAST_ADVANCED_SHOWN).map(({ id, name }) => ({ id, name })),
    },
  };
}

/** `redSky/complianceStatus`: one page of all locations; `count` is all of them. */
export function describeLocations(facts: ComplianceFacts, options: ListOptions): LocationStatusPage {
  const head = { ...statusHead(facts), organization: progress(facts.organization) };
  if (facts.locations.length === 0) return head;
  const entries = facts.locations.map((location) => ({
    id: location.id,
    name: location.name,
    state: locState(facts, location),
    progress: locationProgress(facts, location),
  }));
  const direction = options.descending ? -1 : 1;
  entries.sort((a, b) => {
    const byState = options.order === 'locationState' ? STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) : 0;
    return byState === 0 && options.order === 'locationState' ? byName(a, b) : direction * (byState || byName(a, b));
  });
  return {
    ...head,
    locationsStatus: {
      count: facts.locations.length,
      locations: entries.slice(options.start, options.start + options.max),
    },
  };
}

/** `locations/{id}/redSky/status`: the account's head, and the one location asked for. */
export function describeLocation(facts: ComplianceFacts, location: LocationStage): LocationStatus {
  const { id, name } = location;
  return {
    ...statusHead(facts),
    location: locationProgress(facts, location),
    locationsStatus: { state: locState(facts, location), count: 1, locations: [{ id, name }] },
  };
}
