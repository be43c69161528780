import { isInE911Coverage } from '../domain/e911-coverage.ts';
import type { Scope } from '../domain/scope.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import { createChangeStages } from './change-stages.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { complianceSnapshot } from './compliance-snapshot.ts';
import {
  type ComplianceFacts,
  describeLocation,
  describeLocations,
  describeOrganization,
  type ListOptions,
  type LocationAlone,
  type LocationStatus,
  type LocationStatusPage,
  type OrganizationStatus,
} from './compliance-status.ts';
import { createCurrentFacts } from './current-facts.ts';
import { readLocationStage, requireLocationReach } from './read-facts.ts';
import type { LocationStage, StageRequest } from './stage-machine.ts';
import { deriveStanding, NOTHING_COMPLETED, type Standing } from './stage-standing.ts';
import { createUpdateLocationStatus } from './update-location-status.ts';
import { createUpdateOrganizationStatus } from './update-organization-status.ts';

export type { ComplianceDeps, StageNews } from './compliance-deps.ts';
export type {
  ListOptions,
  LocationAlone,
  LocationStatus,
  LocationStatusPage,
  OrganizationStatus,
  StageProgress,
} from './compliance-status.ts';
export type { StageRequest } from './stage-machine.ts';
export type { Standing } from './stage-standing.ts';

/** Stages of an E911 account and of every location, and what each switches on. */
export type Compliance = {
  readOrganizationStatus(scope: Scope): Promise<OrganizationStatus>;
  /** Moves the organization and every location exactly one stage behind it (decision 2). */
  updateOrganizationStatus(scope: Scope, request: StageRequest): Promise<OrganizationStatus>;
  /** A location administrator's own locations alone. */
  listLocationStatus(scope: Scope, options: Omit<ListOptions, 'locationIds'>): Promise<LocationStatusPage>;
  readLocationStatus(scope: Scope, locationId: string): Promise<LocationStatus>;
  updateLocationStatus(scope: Scope, locationId: string, request: StageRequest): Promise<LocationAlone>;
  /** What is switched on at a location, as stored now. */
  readStanding(scope: Scope, locationId: string): Promise<Standing>;
  /** Whether test or emergency calls are switched on at any location, as stored now. */
  anyLocationEnabled(scope: Scope): Promise<boolean>;
  /** What is switched on, from memory; null = no location is known. Never throws, never waits. */
  standing(organizationId: string, locationId: string | null): Standing;
  readonly snapshots: readonly Snapshot<unknown>[];
};

export function createCompliance(deps: ComplianceDeps): Compliance {
  const { database, accounts, places } = deps;
  const snapshot = createSnapshot(
    { folder: deps.snapshotFolder, logger: deps.logger },
    complianceSnapshot(database.db),
  );
  const changeStages = createChangeStages(deps);
  const currentFacts = createCurrentFacts(deps);
  const facts = (scope: Scope) => currentFacts(scope.organizationId);

  /** The location and what is around it. Only one that is no longer, or not yet, among the facts is asked for by itself. */
  async function locationFacts(scope: Scope, locationId: string) {
    const known = await facts(scope);
    const wanted = locationId.toLowerCase();
    const location =
      known.locations.find(({ id }) => id === wanted) ??
      (await readLocationStage(deps, database.db, scope.organizationId, locationId));
    requireLocationReach(scope, location.id);
    return { known, location };
  }

  function standingOf(known: ComplianceFacts, location: LocationStage): Standing {
    return deriveStanding({
      accountEnabled: known.account?.enabled ?? false,
      organization: known.organization,
      location: location.standing,
      exempt: location.exempt,
    });
  }

  return {
    readOrganizationStatus: async (scope) => describeOrganization(await facts(scope)),
    updateOrganizationStatus: createUpdateOrganizationStatus({ ...deps, changeStages }),
    listLocationStatus: async (scope, options) =>
      describeLocations(await facts(scope), { ...options, locationIds: scope.locationIds }),
    async readLocationStatus(scope, locationId) {
      const { known, location } = await locationFacts(scope, locationId);
      return describeLocation(known, location);
    },
    updateLocationStatus: createUpdateLocationStatus({ ...deps, changeStages }),
    async readStanding(scope, locationId) {
      const { known, location } = await locationFacts(scope, locationId);
      return standingOf(known, location);
    },
    async anyLocationEnabled(scope) {
      const known = await facts(scope);
      return known.locations.some((location) => standingOf(known, location).testCallsEnabled);
    },
    standing(organizationId, locationId) {
      const stages = snapshot.current().get(organizationId);
      const country = locationId === null ? undefined : places.location(organizationId, locationId)?.country;
      return deriveStanding({
        accountEnabled: accounts.account(organizationId)?.enabled ?? false,
        organization: stages?.organization ?? NOTHING_COMPLETED,
        location: locationId === null ? null : (stages?.locations.get(locationId) ?? NOTHING_COMPLETED),
        exempt: country !== undefined && !isInE911Coverage(country),
      });
    },
    snapshots: [snapshot],
  };
}
