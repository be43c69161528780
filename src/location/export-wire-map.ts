import type { Scope } from '../domain/scope.ts';
import type { WireMapDeps } from './change-wire-map.ts';
import { WIRE_MAP_COLUMNS } from './import-wire-map.ts';
import { loadResponseLocationNames } from './response-location-names.ts';
import { readElementPages } from './wire-map-records.ts';

function cell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The whole wire map as the CSV that importWireMap reads; importing it again changes nothing. */
export function createExportWireMap(deps: WireMapDeps): (scope: Scope) => Promise<string> {
  return async (scope) => {
    const names = await loadResponseLocationNames(deps.places, scope);
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
