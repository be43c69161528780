import type { Scope } from '../domain/scope.ts';
import { guardedCell } from '../support/csv-cell.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import { elementQuery, type WireMapFilter } from './manage-wire-map.ts';
import { createResponseLocationNames } from './response-location-names.ts';
import { WIRE_MAP_COLUMNS } from './wire-map-formats.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';
import { readElementPages } from './wire-map-records.ts';

/**
 * What the filter leaves of the wire map, in its order, as the CSV that importWireMap reads; importing all of it again changes
 * nothing. Made as it is read.
 */
export function createExportWireMap(deps: WireMapDeps) {
  async function* linesOf(scope: Scope, query: Awaited<ReturnType<typeof elementQuery>>): AsyncGenerator<string> {
    yield `${WIRE_MAP_COLUMNS.join(',')}\r\n`;
    if (query === null) return;
    const names = createResponseLocationNames(await loadWireMapPlaces(deps, scope));
    for await (const page of readElementPages(deps.database.db, scope.organizationId, query)) {
      let lines = '';
      for (const row of page) {
        const name = names.nameOf(row.responseLocationId);
        const cells = {
          kind: row.kind,
          value: row.value,
          port: row.port,
          location: name?.location ?? '',
          erl: name?.erl ?? row.responseLocationId,
          description: row.description,
        };
        lines += `${WIRE_MAP_COLUMNS.map((column) => guardedCell(cells[column])).join(',')}\r\n`;
      }
      yield lines;
    }
  }

  return async function exportWireMap(scope: Scope, filter: WireMapFilter = {}): Promise<AsyncIterable<string>> {
    return linesOf(scope, await elementQuery(deps, scope, filter));
  };
}
