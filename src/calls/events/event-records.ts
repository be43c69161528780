import { sql } from 'kysely';
import { CHANGE_CHANNEL, type Database, type Queryable, type Transaction } from '../../storage/database.ts';
import type { CallEvent, CallEventType, NewEvent } from './call-event.ts';

// Held until commit, so that numbers become visible in their order: a reader that saw 8 never has to look back for 7.
// Nothing but events takes it: a node that hangs with it holds up no record of a call.
const EVENTS_LOCK = 911_000_028;
const LOCK_TIMEOUT_MS = 2_000;

/** Adds events in their order, and wakes the nodes that have listeners. */
export async function insertEvents(
  db: Pick<Database['db'], 'transaction'>,
  events: readonly NewEvent[],
): Promise<void> {
  // The data stay text: jsonb refuses some of what callers send.
  const list = JSON.stringify(events.map((event) => ({ ...event, data: JSON.stringify(event.data) })));
  await db.transaction().execute(async (tx: Transaction) => {
    await sql`select set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}ms`}, true)`.execute(tx);
    await sql`select pg_advisory_xact_lock(${EVENTS_LOCK})`.execute(tx);
    await sql`
      insert into call_events (type, at, organization_id, location_id, data)
      select e->>'type', (e->>'at')::timestamptz, (e->>'organizationId')::uuid, e->>'locationId', e->>'data'
      from jsonb_array_elements(${list}::jsonb) with ordinality as list (e, position)
      order by position`.execute(tx);
    await sql`select pg_notify(${CHANGE_CHANNEL}, 'call-events')`.execute(tx);
  });
}

/** Events after that one, oldest first. */
export async function selectEvents(db: Queryable, after: string, limit: number): Promise<CallEvent[]> {
  const rows = await db
    .selectFrom('callEvents')
    .selectAll()
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute();
  return rows.map(({ sequence, type, at, organizationId, locationId, data }) => ({
    sequence,
    type: type as CallEventType,
    at: at.toISOString(),
    organizationId,
    locationId,
    data: JSON.parse(data) as CallEvent['data'],
  }));
}

/** The oldest and the newest number that is kept; `0` each when there is none. */
export async function selectEventRange(db: Queryable): Promise<{ oldest: string; newest: string }> {
  const row = await db
    .selectFrom('callEvents')
    .select((eb) => [eb.fn.min('sequence').as('oldest'), eb.fn.max('sequence').as('newest')])
    .executeTakeFirst();
  return { oldest: row?.oldest ?? '0', newest: row?.newest ?? '0' };
}

/** Keeps the newest `keep` events that are younger than `before`, and the very newest: who has seen it has missed nothing. */
export async function deleteOldEvents(db: Queryable, before: Date, keep: number): Promise<void> {
  await sql`
    delete from call_events
    where (at < ${before} and sequence < (select max(sequence) from call_events))
      or sequence <= (select max(sequence) from call_events) - ${keep}`.execute(db);
}
