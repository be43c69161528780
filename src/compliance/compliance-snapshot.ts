import type { Queryable } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { selectAllStages, selectLocationStages, selectOrganizationStage } from './compliance-records.ts';
import type { StageStanding } from './stage-standing.ts';

export type StageRows = { organization: StageStanding; locations: [locationId: string, StageStanding][] };

export type OrganizationStages = { organization: StageStanding; locations: ReadonlyMap<string, StageStanding> };

export type ComplianceIndex = ReadonlyMap<string, OrganizationStages>;

/** Stages in memory, for calls. */
export function complianceSnapshot(db: Queryable): SnapshotDefinition<StageRows, ComplianceIndex> {
  return {
    name: 'compliance',
    version: 1,
    kinds: ['compliance'],
    loadAll: () => selectAllStages(db),
    loadOne: async (organizationId) => ({
      organization: await selectOrganizationStage(db, organizationId),
      locations: [...(await selectLocationStages(db, organizationId))],
    }),
    build(rows, previous, changed) {
      const index = new Map(previous && changed ? previous : []);
      for (const organizationId of previous && changed ? changed : rows.keys()) {
        const row = rows.get(organizationId);
        if (row) {
          index.set(organizationId, { organization: row.organization, locations: new Map(row.locations) });
        } else {
          index.delete(organizationId);
        }
      }
      return index;
    },
  };
}
