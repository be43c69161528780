import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import {
  type StageGroup,
  type StageRows,
  selectAllStages,
  selectOrganizationStage,
  selectStageGroups,
} from './compliance-records.ts';
import type { StageStanding } from './stage-standing.ts';

export type OrganizationStages = { organization: StageStanding; locations: ReadonlyMap<string, StageStanding> };

export type ComplianceIndex = ReadonlyMap<string, OrganizationStages>;

/** Where each location stands, by its id. */
export function standingsByLocation(groups: readonly StageGroup[]): Map<string, StageStanding> {
  const standings = new Map<string, StageStanding>();
  for (const { standing, locationIds } of groups) for (const id of locationIds) standings.set(id, standing);
  return standings;
}

/** Stages in memory, for calls. */
export function complianceSnapshot(db: Queryable): SnapshotDefinition<StageRows, ComplianceIndex> {
  return {
    name: 'compliance',
    version: 2,
    kinds: ['compliance'],
    loadAll: () => selectAllStages(db),
    loadOne: async (organizationId) => ({
      organization: await selectOrganizationStage(db, organizationId),
      groups: await selectStageGroups(db, organizationId),
    }),
    build(rows, previous, changed) {
      const index = new Map(previous && changed ? previous : []);
      for (const organizationId of previous && changed ? changed : rows.keys()) {
        const row = rows.get(organizationId);
        if (row) {
          index.set(organizationId, { organization: row.organization, locations: standingsByLocation(row.groups) });
        } else {
          index.delete(organizationId);
        }
      }
      return index;
    },
  };
}
