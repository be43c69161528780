import { sql } from 'kysely';
import type { CallRecord } from '../domain/call-record.ts';
import type { Queryable, Transaction } from '../storage/database.ts';

/** JSON that PostgreSQL takes: what callers send may hold NUL and lone surrogates, which jsonb refuses. */
function toJson(record: CallRecord): string {
  return JSON.stringify(record, (_key, value: unknown) => (typeof value === 'string' ? storable(value) : value));
}

function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** Writes a record if it is newer than what is stored: idempotent by call id. */
export async function upsertCall(tx: Transaction, record: CallRecord): Promise<void> {
  const row = {
    version: record.version,
    callId: storable(record.callId),
    kind: record.kind,
    startedAt: new Date(record.startedAt),
    organizationId: record.organizationId,
    locationId: record.location?.locationId ?? null,
    outcome: record.outcome,
    record: toJson(record),
  };
  await tx
    .insertInto('emergencyCalls')
    .values({ id: record.id, alerted: false, ...row })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(row).where('emergencyCalls.version', '<', record.version),
    )
    .execute();
}

/** Takes the right to enqueue a call's alerts; false when another transaction had it. */
export async function claimAlerts(tx: Transaction, id: string): Promise<boolean> {
  const claimed = await tx
    .updateTable('emergencyCalls')
    .set({ alerted: true })
    .where('id', '=', id)
    .where('alerted', '=', false)
    .returning('id')
    .executeTakeFirst();
  return claimed !== undefined;
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
