import type { Scope } from '../domain/scope.ts';
import type { PlacesDeps } from './change-places.ts';
import type { ResponseLocationFilter } from './manage-response-locations.ts';
import type { ResponseLocation } from './place.ts';
import { selectLocationBriefs } from './places-records.ts';
import { RESPONSE_LOCATION_COLUMNS, shapeCells, writeRow } from './response-location-csv.ts';

const PAGE = 1_000;

/** The response locations that the scope may see, as far as the filter leaves them, as the CSV that importResponseLocations reads; importing it
 * changes nothing. */
export function createExportResponseLocations(
  deps: PlacesDeps,
  list: (scope: Scope, filter: ResponseLocationFilter) => Promise<{ items: ResponseLocation[]; total: number }>,
) {
  return async function exportResponseLocations(scope: Scope, filter: ResponseLocationFilter = {}): Promise<string> {
    const briefs = await selectLocationBriefs(deps.database.db, scope.organizationId);
    const names = new Map(briefs.map(({ id, name }) => [id, name]));
    const lines = [RESPONSE_LOCATION_COLUMNS.join(',')];
    for (let start = 0; ; start += PAGE) {
      const { items } = await list(scope, { ...filter, start, max: PAGE });
      for (const one of items) {
        const row = writeRow({
          id: one.id,
          location: names.get(one.locationId) ?? one.locationId,
          name: one.name,
          ...one.detail,
          ...shapeCells(one.shape),
          elins: one.elins.join(' '),
          alertEmails: one.alertEmails.join(' '),
        });
        lines.push(row);
      }
      if (items.length < PAGE) break;
    }
    return `${lines.join('\r\n')}\r\n`;
  };
}
