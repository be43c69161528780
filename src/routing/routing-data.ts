import type { Database } from '../storage/database.ts';
import { PLATFORM, type SnapshotDefinition } from '../storage/snapshot.ts';
import { defaultBoundaries } from './default-boundaries.ts';
import { readDefaultPlaces } from './default-data.ts';
import { createCivicLocator } from './locate-civic.ts';
import { selectBoundaries, selectPsaps } from './routing-records.ts';
import type { BoundaryRow, RoutingRows } from './routing-rows.ts';
import { buildRoutingSnapshot, type RoutingSnapshot } from './routing-snapshot.ts';

export type RoutingDataDeps = {
  database: Database;
  /** Where calls for a built-in mapping go, by its sourceId: `sip:us-county-48201@127.0.0.1:5071`. */
  defaultUri: (sourceId: string) => string;
};

/**
 * What ROUTE keeps in memory. Before anything is loaded, and with the database away for good, the built-in boundaries
 * answer; PSAPs and imported boundaries come on top.
 */
export function routingSnapshotDefinition(deps: RoutingDataDeps): SnapshotDefinition<SavedRows, RoutingSnapshot> {
  const { database, defaultUri } = deps;
  const defaults = defaultBoundaries();
  const locateCivic = createCivicLocator(defaults, readDefaultPlaces());
  const load = async (): Promise<SavedRows> => ({
    psaps: await selectPsaps(database.db),
    boundaries: (await selectBoundaries(database.db)).map((row) => ({
      ...row,
      outline: Buffer.from(row.outline).toString('base64'),
    })),
  });
  return {
    name: 'routing',
    version: 2,
    kinds: ['routing'],
    loadAll: async () => new Map([[PLATFORM, await load()]]),
    loadOne: (key) => (key === PLATFORM ? load() : Promise.resolve(null)),
    build: (rows) => buildRoutingSnapshot(readRows(rows.get(PLATFORM)), { defaults, locateCivic, defaultUri }),
  };
}

/** As kept on disk: outlines as text. */
type SavedRows = {
  psaps: RoutingRows['psaps'];
  boundaries: readonly (Omit<BoundaryRow, 'outline'> & { outline: string })[];
};

function readRows(saved: SavedRows | undefined): RoutingRows {
  return {
    psaps: saved?.psaps ?? [],
    boundaries: (saved?.boundaries ?? []).map((row) => ({ ...row, outline: Buffer.from(row.outline, 'base64') })),
  };
}
