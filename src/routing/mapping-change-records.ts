import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';

const PAGE_ROWS = 500;

/** Notes that what these boundaries map to changes with this transaction (RFC 5222 §5.2, `lastUpdated`). */
export async function noteMappingChanges(
  tx: Transaction,
  sourceIds: readonly (string | null | undefined)[],
  changedAt: Date,
): Promise<void> {
  const known = [...new Set(sourceIds.filter((sourceId) => typeof sourceId === 'string'))];
  if (known.length === 0) return;
  await sql`
    insert into mapping_changes (source_id, changed_at)
    select source_id, ${changedAt}::timestamptz from json_array_elements_text(${JSON.stringify(known)}::json) as t (source_id)
    on conflict (source_id) do update set changed_at = greatest(mapping_changes.changed_at, excluded.changed_at)`.execute(
    tx,
  );
}

/** By sourceId, in pages; moments as ISO 8601. */
export async function* selectMappingChanges(db: Queryable): AsyncGenerator<[sourceId: string, changedAt: string][]> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('mappingChanges')
      .selectAll()
      .where('sourceId', '>', after)
      .orderBy('sourceId')
      .limit(PAGE_ROWS)
      .execute();
    const last = rows.at(-1);
    if (!last) return;
    after = last.sourceId;
    yield rows.map(({ changedAt, sourceId }) => [sourceId, changedAt.toISOString()]);
  }
}
