import { isInE911Coverage } from '../domain/e911-coverage.ts';
import type { Scope } from '../domain/scope.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { ComplianceDeps } from './compliance-deps.ts';
import { complianceSnapshot } from './compliance-snapshot.ts';
import {
  type ComplianceFacts,
  describeLocation,
  describeLocations,
  describeOrganization,
  type ListOptions,
  type LocationStatus,
  type LocationStatusPage,
  type OrganizationStatus,
} from './compliance-status.ts';
import { readFacts, readLocations, requireLocation } from './read-facts.ts';
import type { LocationStage, StageRequest } from './stage-machine.ts';
import { deriveStanding, NOTHING_COMPLETED, type Standing } from './stage-standing.ts';
import { createUpdateLocationStatus } from './update-location-status.ts';
import { createUpdateOrganizationStatus } from './update-organization-status.ts';

export type { ComplianceDeps } from './compliance-deps.ts';
export type {
  ListOptions,
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
  listLocationStatus(scope: Scope, options: ListOptions): Promise<LocationStatusPage>;
  readLocationStatus(scope: Scope, locationId: string): Promise<LocationStatus>;
  updateLocationStatus(scope: Scope, locationId: string, request: StageRequest): Promise<LocationStatus>;
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
  const facts = async (scope: Scope) =>
    readFacts(deps, database.db, scope.organizationId, await readLocations(deps, scope));

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
    updateOrganizationStatus: createUpdateOrganizationStatus(deps),
    listLocationStatus: async (scope, options) => describeLocations(await facts(scope), options),
    async readLocationStatus(scope, locationId) {
      const known = await facts(scope);
      return describeLocation(known, requireLocation(known, locationId));
    },
    updateLocationStatus: createUpdateLocationStatus(deps),
    async readStanding(scope, locationId) {
      const known = await facts(scope);
      return standingOf(known, requireLocation(known, locationId));
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
