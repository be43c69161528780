import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { isElementKind } from './wire-map-element.ts';
import {
  buildWireMapIndex,
  emptyWireMapRows,
  switchPortKey,
  type WireMapIndex,
  type WireMapRows,
} from './wire-map-index.ts';
import { readElementPages, selectAddressRanges } from './wire-map-records.ts';

/** The wire map of every organization, each with an index of its own: no lookup can leave its organization. */
export type WireMaps = ReadonlyMap<string, WireMapIndex>;

async function loadRows(database: Database, organizationId?: string): Promise<Map<string, WireMapRows>> {
  const maps = new Map<string, WireMapRows>();
  const erlPlaces = new Map<string, number>();
  const of = (id: string): WireMapRows => {
    let rows = maps.get(id);
    if (rows === undefined) {
      rows = emptyWireMapRows();
      maps.set(id, rows);
    }
    return rows;
  };
  for await (const page of readElementPages(database.db, organizationId)) {
    for (const element of page) {
      if (!isElementKind(element.kind)) continue;
      const rows = of(element.organizationId);
      // An ERL belongs to one organization, so its place in that organization's list is found by its id alone.
      let target = erlPlaces.get(element.responseLocationId);
      if (target === undefined) {
        target = rows.responseLocations.push(element.responseLocationId) - 1;
        erlPlaces.set(element.responseLocationId, target);
      }
      const column = rows.elements[element.kind];
      column.keys.push(element.kind === 'switch-port' ? switchPortKey(element.value, element.port) : element.value);
      column.targets.push(target);
    }
  }
  for (const { organizationId: id, range, locationId } of await selectAddressRanges(database.db, organizationId)) {
    of(id).addressRanges.push({ range, locationId });
  }
  return maps;
}

export function wireMapSnapshotDefinition(deps: { database: Database }): SnapshotDefinition<WireMapRows, WireMaps> {
  return {
    name: 'wire-map',
    version: 1,
    kinds: ['wire-map'],
    loadAll: () => loadRows(deps.database),
    loadOne: async (organizationId) => (await loadRows(deps.database, organizationId)).get(organizationId) ?? null,
    build(rows, previous, changed) {
      const maps = new Map<string, WireMapIndex>();
      for (const [organizationId, one] of rows) {
        const kept = changed?.has(organizationId) === false ? previous?.get(organizationId) : undefined;
        maps.set(organizationId, kept ?? buildWireMapIndex(one));
      }
      return maps;
    },
  };
}
