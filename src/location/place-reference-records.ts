import { sql } from 'kysely';
import type { PlaceReferences } from '../places/places.ts';
import type { Transaction } from '../storage/database.ts';

/** How many network elements and devices name these emergency response locations. */
export async function countPlaceReferences(
  tx: Transaction,
  organizationId: string,
  responseLocationIds: readonly string[],
): Promise<PlaceReferences> {
  const ids = [...responseLocationIds];
  const { rows } = await sql<PlaceReferences>`
    select
      (select count(distinct (kind, value, port))::int from wire_map_elements
        where organization_id = ${organizationId} and response_location_id = any(${ids}::uuid[])) as wire_map_elements,
      (select count(*)::int from device_overrides
        where organization_id = ${organizationId} and response_location_id = any(${ids}::uuid[])) as device_overrides`.execute(
    tx,
  );
  return rows[0] ?? { wireMapElements: 0, deviceOverrides: 0 };
}
