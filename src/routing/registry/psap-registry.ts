import type { Audit } from '../../audit/audit.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { createCountyNames, type NamedArea } from './county-names.ts';
import { createRegistryImports } from './import-registry.ts';
import { createPsapWorklist } from './psap-worklist.ts';
import type { RegistryEntry } from './registry-entry.ts';
import { type EntryFilter, selectEntryPage } from './registry-records.ts';

/** PSAP registries: importing them, reading them, and the worklist of what they leave open. Operator only: the door checks. */
export type PsapRegistry = ReturnType<typeof createRegistryImports> &
  ReturnType<typeof createPsapWorklist> & {
    /** Rows of all registries by state and name. */
    listRegistry(
      filter: EntryFilter,
      page: { start: number; max: number },
    ): Promise<(RegistryEntry & { source: string })[]>;
  };

/** `areas`: the built-in boundaries that rows are matched with. */
export function createPsapRegistry(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  areas: readonly NamedArea[];
}): PsapRegistry {
  return {
    ...createRegistryImports({ ...deps, counties: createCountyNames(deps.areas) }),
    ...createPsapWorklist(deps),
    listRegistry: (filter, page) => selectEntryPage(deps.database.db, filter, page),
  };
}
