import { sql } from 'kysely';
import type { CallRecord } from '../domain/call-record.ts';
import type { Queryable, Transaction } from '../storage/database.ts';

/** An escape of NUL or of a surrogate, as JSON.stringify writes them. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** JSON that PostgreSQL takes: what callers send may hold NUL and lone surrogates, which jsonb refuses. */
function toJson(record: CallRecord): string {
  const json = JSON.stringify(record);
  if (!UNSTORABLE.test(json)) return json;
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Writes the records that are newer than what is stored: idempotent by call id. Each id may occur once. */
export async function upsertCalls(tx: Transaction, records: readonly CallRecord[]): Promise<void> {
  const rows = records.map((record) => ({
    id: record.id,
    version: record.version,
    callId: storable(record.callId),
    kind: record.kind,
    startedAt: new Date(record.startedAt),
    organizationId: record.organizationId,
    locationId: record.location?.locationId ?? null,
    outcome: record.outcome,
    alerted: false,
    record: toJson(record),
  }));
  await tx
    .insertInto('emergencyCalls')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((eb) => ({
          version: eb.ref('excluded.version'),
          organizationId: eb.ref('excluded.organizationId'),
          locationId: eb.ref('excluded.locationId'),
          outcome: eb.ref('excluded.outcome'),
          record: eb.ref('excluded.record'),
        }))
        .whereRef('emergencyCalls.version', '<', 'excluded.version'),
    )
    .execute();
}

/** Takes the right to enqueue the alerts of these calls; those that another transaction has are not among the answer. */
export async function claimAlerts(tx: Transaction, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const claimed = await tx
    .updateTable('emergencyCalls')
    .set({ alerted: true })
    .where('id', 'in', ids)
    .where('alerted', '=', false)
    .returning('id')
    .execute();
  return new Set(claimed.map(({ id }) => id));
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
