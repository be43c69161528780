import { sql } from 'kysely';
import type { CallRecord } from '../domain/call-record.ts';
import type { Queryable, Transaction } from '../storage/database.ts';

/** A call's record and the same as JSON. */
export type WrittenRecord = { record: CallRecord; json: string };

/** An escape of NUL or of a surrogate, as JSON.stringify writes them. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** JSON that PostgreSQL takes: what callers send may hold NUL and lone surrogates, which jsonb refuses. */
function toStorable({ record, json }: WrittenRecord): string {
  if (!json.includes('\\u') || !UNSTORABLE.test(json)) return json;
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/**
 * Writes the records that are newer than what is stored, and gives the ids of those that were not there: their alerts are
 * to be enqueued in the same transaction. Each id may occur once.
 */
export async function upsertCalls(tx: Transaction, written: readonly WrittenRecord[]): Promise<ReadonlySet<string>> {
  // One parameter, however many records: the columns are what the records say.
  const records = `[${written.map(toStorable).join(',')}]`;
  const added = await sql<{ id: string }>`
    insert into emergency_calls
      (id, version, call_id, kind, started_at, organization_id, location_id, outcome, alerted, record)
    select (r->>'id')::uuid, (r->>'version')::integer, r->>'callId', r->>'kind', (r->>'startedAt')::timestamptz,
      (r->>'organizationId')::uuid, r->'location'->>'locationId', r->>'outcome', r->>'kind' = '911', r
    from jsonb_array_elements(${records}::jsonb) as r
    on conflict (id) do nothing
    returning id`.execute(tx);
  if (added.rows.length < written.length) {
    await sql`
      update emergency_calls as c
      set version = (r->>'version')::integer, organization_id = (r->>'organizationId')::uuid,
        location_id = r->'location'->>'locationId', outcome = r->>'outcome', record = r
      from jsonb_array_elements(${records}::jsonb) as r
      where c.id = (r->>'id')::uuid and c.version < (r->>'version')::integer`.execute(tx);
  }
  return new Set(added.rows.map(({ id }) => id));
}

/** Where a page ends: the start and id of its last call. */
export type CallCursor = { startedAt: string; id: string };

/** Newest first. `organizationId` null: every call, also those of unknown organizations. */
export async function selectCalls(
  db: Queryable,
  filter: {
    organizationId: string | null;
    locationIds?: readonly string[] | undefined;
    max: number;
    before?: CallCursor | undefined;
  },
): Promise<CallRecord[]> {
  let query = db
    .selectFrom('emergencyCalls')
    .select('record')
    .orderBy('startedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(filter.max);
  if (filter.organizationId !== null) query = query.where('organizationId', '=', filter.organizationId);
  if (filter.locationIds)
    query = query.where('locationId', 'in', filter.locationIds.length > 0 ? filter.locationIds : ['']);
  if (filter.before) {
    const { startedAt, id } = filter.before;
    query = query.where(sql<boolean>`(started_at, id) < (${new Date(startedAt)}::timestamptz, ${id}::uuid)`);
  }
  const rows = await query.execute();
  return rows.map(({ record }) => record as CallRecord);
}

export async function selectCall(
  db: Queryable,
  organizationId: string | null,
  id: string,
): Promise<CallRecord | undefined> {
  let query = db.selectFrom('emergencyCalls').select('record').where('id', '=', id);
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  return (await query.executeTakeFirst())?.record as CallRecord | undefined;
}
