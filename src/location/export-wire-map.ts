import type { Scope } from '../domain/scope.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import { createResponseLocationNames } from './response-location-names.ts';
import { WIRE_MAP_COLUMNS } from './wire-map-formats.ts';
import { loadWireMapPlaces } from './wire-map-places.ts';
import { readElementPages } from './wire-map-records.ts';

function cell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole wire map as the CSV that importWireMap reads; importing it again changes nothing. */
export function createExportWireMap(deps: WireMapDeps): (scope: Scope) => Promise<string> {
  return async (scope) => {
    const names = createResponseLocationNames(await loadWireMapPlaces(deps, scope));
    const lines = [WIRE_MAP_COLUMNS.join(',')];
    for await (const page of readElementPages(deps.database.db, scope.organizationId)) {
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
        lines.push(WIRE_MAP_COLUMNS.map((column) => cell(cells[column])).join(','));
      }
    }
    return `${lines.join('\r\n')}\r\n`;
  };
}
