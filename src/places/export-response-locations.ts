import type { Scope } from '../domain/scope.ts';
import type { PlacesDeps } from './change-places.ts';
import { selectLocationBriefs } from './location-records.ts';
import type { ResponseLocationFilter } from './manage-response-locations.ts';
import type { ResponseLocation } from './place.ts';
import { RESPONSE_LOCATION_COLUMNS, shapeCells, writeRow } from './response-location-csv.ts';

/** The response locations that the scope may see, as far as the filter leaves them, as the CSV that importResponseLocations reads; importing it
 * changes nothing. */
export function createExportResponseLocations(
  deps: PlacesDeps,
  pages: (scope: Scope, filter: ResponseLocationFilter) => AsyncIterable<readonly ResponseLocation[]>,
) {
  return async function exportResponseLocations(scope: Scope, filter: ResponseLocationFilter = {}): Promise<string> {
    const briefs = await selectLocationBriefs(deps.database.db, scope.organizationId);
    const names = new Map(briefs.map(({ id, name }) => [id, name]));
    const lines = [RESPONSE_LOCATION_COLUMNS.join(',')];
    for await (const items of pages(scope, filter)) {
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
    }
    return `${lines.join('\r\n')}\r\n`;
  };
}
