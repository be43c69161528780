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
  /** In the order of `byName`. */
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

export type LocationAlone = {
  location: StageProgress;
  locationsStatus: { state: LocState; count: number; locations: NamedLocation[] };
};

export type LocationStatus = StatusHead & LocationAlone;

const LIST_ORDERS = ['locationName', 'locationState'] as const;

export type ListOptions = {
  /** Offset of the first entry. */
  start: number;
  max: number;
  order: (typeof LIST_ORDERS)[number];
  descending: boolean;
  /** Only these of them, for whoever looks after some; undefined = all. */
  locationIds?: ReadonlySet<string> | undefined;
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

/** By name as people sort them; ties, which only differ in case or accents, by id. */
export function byName(a: NamedLocation, b: NamedLocation): number {
  return names.compare(a.name, b.name) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** Decision 1: the stage completed last; LOCATION_SETUP also before the first. */
function orgState(completed: CompletedStage): OrgState {
  return ORG_STATE[completed ?? 'LOCATION_SETUP'];
}

function isOptedOut(facts: Pick<ComplianceFacts, 'organization'>, location: LocationStage): boolean {
  return facts.organization.optedOut || location.standing.optedOut;
}

/** Decision 1: as orgState, but who completed everything is COMPLIANT. */
function locState(facts: Pick<ComplianceFacts, 'organization'>, location: LocationStage): LocState {
  if (location.exempt) return 'EXEMPTED';
  if (isOptedOut(facts, location)) return 'OPTED_OUT';
  const { completed } = location.standing;
  return completed === 'ROUTING_ENABLED' ? 'COMPLIANT' : orgState(completed);
}

function progress(standing: StageStanding): StageProgress {
  return { completed: standing.completed, next: nextStage(standing.completed), optedOut: standing.optedOut };
}

function locationProgress(facts: Pick<ComplianceFacts, 'organization'>, location: LocationStage): StageProgress {
  return { ...progress(location.standing), optedOut: isOptedOut(facts, location) };
}

function orgStatus(organization: StageStanding): OrgStatus {
  if (organization.optedOut) return 'OPTED_OUT';
  return organization.completed === 'ROUTING_ENABLED' ? 'ENABLED' : 'INITIALISE';
}

/** Decision 4. An opted-out location is not exempt and has not completed anything, so it is in the way of COMPLIANT. */
function complianceStatus({ organization, locations }: ComplianceFacts): ComplianceStatus {
  if (organization.optedOut) return 'OPTED_OUT';
  // Without any location there is nothing to be compliant with but the organization's own stages.
  if (locations.length === 0) return organization.completed === 'ROUTING_ENABLED' ? 'COMPLIANT' : 'NON_COMPLIANT';
  if (locations.every((location) => location.exempt)) return 'EXEMPTED';
  const isDone = ({ exempt, standing }: LocationStage): boolean => exempt || standing.completed === 'ROUTING_ENABLED';
  return locations.every(isDone) ? 'COMPLIANT' : 'NON_COMPLIANT';
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

/** Those that completed least of the locations in service, the first of them by name; in one pass, for there may be 10,000. */
function leastAdvanced(facts: ComplianceFacts): LocationStage[] {
  let lowest = Number.POSITIVE_INFINITY;
  let least: LocationStage[] = [];
  for (const location of facts.locations) {
    if (location.exempt || isOptedOut(facts, location)) continue;
    const rank = stageRank(location.standing.completed);
    if (rank < lowest) {
      lowest = rank;
      least = [location];
    } else if (rank === lowest && least.length < LEAST_ADVANCED_SHOWN) {
      least.push(location);
    }
  }
  return least;
}

/** `redSky/status`: the least advanced locations, by name, and the stage they completed last (decisions 1 and 3). */
export function describeOrganization(facts: ComplianceFacts): OrganizationStatus {
  const head = { ...statusHead(facts), organization: progress(facts.organization) };
  if (facts.locations.length === 0) return head;
  const least = leastAdvanced(facts);
  const [first] = least;
  return {
    ...head,
    locationsStatus: {
      ...(first && { state: orgState(first.standing.completed) }),
      count: facts.locations.length,
      locations: least.map(({ id, name }) => ({ id, name })),
    },
  };
}

/** The part of the list that is asked for; within one state always by name, whatever the direction. */
function page(facts: ComplianceFacts, { start, max, order, descending }: ListOptions): LocationStage[] {
  const { locations } = facts;
  if (order === 'locationState') {
    const byState = new Map<LocState, LocationStage[]>(STATE_ORDER.map((state) => [state, []]));
    for (const location of locations) byState.get(locState(facts, location))?.push(location);
    const states = descending ? STATE_ORDER.toReversed() : STATE_ORDER;
    return states.flatMap((state) => byState.get(state) ?? []).slice(start, start + max);
  }
  if (!descending) return locations.slice(start, start + max);
  const end = Math.max(locations.length - start, 0);
  return locations.slice(Math.max(end - max, 0), end).reverse();
}

/** `redSky/complianceStatus`: one page of the locations; `count` is all of those that may be listed. */
export function describeLocations(facts: ComplianceFacts, options: ListOptions): LocationStatusPage {
  const head = { ...statusHead(facts), organization: progress(facts.organization) };
  const { locationIds } = options;
  const locations = locationIds ? facts.locations.filter(({ id }) => locationIds.has(id)) : facts.locations;
  if (locations.length === 0) return head;
  const entries = page({ ...facts, locations }, options).map((location) => ({
    id: location.id,
    name: location.name,
    state: locState(facts, location),
    progress: locationProgress(facts, location),
  }));
  return { ...head, locationsStatus: { count: locations.length, locations: entries } };
}

/** The one location asked for, without the account's head. */
export function describeLocationAlone(
  facts: Pick<ComplianceFacts, 'organization'>,
  location: LocationStage,
): LocationAlone {
  const { id, name } = location;
  return {
    location: locationProgress(facts, location),
    locationsStatus: { state: locState(facts, location), count: 1, locations: [{ id, name }] },
  };
}

/** `locations/{id}/redSky/status`: the account's head, and the one location asked for. */
export function describeLocation(facts: ComplianceFacts, location: LocationStage): LocationStatus {
  return { ...statusHead(facts), ...describeLocationAlone(facts, location) };
}
