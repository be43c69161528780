import { sql } from 'kysely';
import type { Queryable, Transaction } from '../storage/database.ts';
import { NO_END } from './wire-map-records.ts';

/** A large change that is being written; `isAlive` by the database's clock. */
export type WireMapLease = {
  organizationId: string;
  holder: string;
  holderToken: string;
  action: string;
  beganAt: Date;
  isAlive: boolean;
};

// Rows are picked as arrays of ids: so the planner goes to them by their key and never through the whole table.

/** A holder renews its lease with every step; who was silent for so long has died. */
const LEASE_SECONDS = 60;

export async function selectLease(db: Queryable, organizationId: string): Promise<WireMapLease | undefined> {
  const { rows } = await sql<WireMapLease>`
    select organization_id, holder, holder_token, action, began_at,
      renewed_at > now() - make_interval(secs => ${LEASE_SECONDS}) as is_alive
    from wire_map_leases where organization_id = ${organizationId}`.execute(db);
  return rows[0];
}

/** Takes the lease, or takes it over. */
export async function putLease(
  tx: Transaction,
  lease: Pick<WireMapLease, 'organizationId' | 'holder' | 'holderToken' | 'action'>,
): Promise<void> {
  const { organizationId, holder, holderToken, action } = lease;
  await sql`
    insert into wire_map_leases (organization_id, holder, holder_token, action, began_at, renewed_at)
    values (${organizationId}, ${holder}, ${holderToken}, ${action}, now(), now())
    on conflict (organization_id) do update set holder = excluded.holder, holder_token = excluded.holder_token,
      action = excluded.action, began_at = excluded.began_at, renewed_at = excluded.renewed_at`.execute(tx);
}

/** False when somebody took it over. Until the transaction ends nobody can. */
export async function renewLease(tx: Transaction, organizationId: string, holder: string): Promise<boolean> {
  const { rows } = await sql`
    update wire_map_leases set renewed_at = now()
    where organization_id = ${organizationId} and holder = ${holder} returning holder`.execute(tx);
  return rows.length > 0;
}

export async function deleteLease(db: Queryable, organizationId: string, holder: string): Promise<void> {
  await db
    .deleteFrom('wireMapLeases')
    .where('organizationId', '=', organizationId)
    .where('holder', '=', holder)
    .execute();
}

/** Takes back a part of what was written and is not in force, of revisions after `newest`; false when nothing was left. */
export async function takeBackSome(
  tx: Transaction,
  organizationId: string,
  newest: number,
  limit: number,
): Promise<boolean> {
  const { rows: deleted } = await sql`
    delete from wire_map_elements where revision > ${newest}::int and id = any (array(
      select id from wire_map_elements
      where organization_id = ${organizationId} and revision > ${newest}::int limit ${limit}
    )) returning id`.execute(tx);
  if (deleted.length > 0) return true;
  const { rows: kept } = await sql`
    update wire_map_elements set ended_revision = ${NO_END}::int
    where ended_revision > ${newest}::int and ended_revision < 2147483647 and id = any (array(
      select id from wire_map_elements
      where organization_id = ${organizationId} and ended_revision > ${newest}::int and ended_revision < 2147483647
      limit ${limit}
    )) returning id`.execute(tx);
  return kept.length > 0;
}

/**
 * Moves a part of what is no longer in force to the history; false when nothing was left. What another node is moving at the
 * same time counts as left: the history is whole only when that node has committed.
 */
export async function keepSomeEnded(
  tx: Transaction,
  organizationId: string,
  newest: number,
  limit: number,
): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    with found as materialized (
      select id from wire_map_elements
      where organization_id = ${organizationId} and ended_revision <= ${newest}::int and ended_revision < 2147483647
      limit ${limit}
    ), gone as (
      delete from wire_map_elements
      where ended_revision <= ${newest}::int and id = any (array(select id from found)) returning *
    ), kept as (
      insert into wire_map_history (organization_id, id, kind, value, port, response_location_id, description, created_at,
        updated_at, revision, ended_revision)
      select organization_id, id, kind, value, port, response_location_id, description, created_at, updated_at, revision,
        ended_revision from gone
    ) select count(*)::int as found from found`.execute(tx);
  return (rows[0]?.found ?? 0) > 0;
}

/** Organizations of which ended elements wait to be moved to the history. */
export async function selectUntidy(db: Queryable): Promise<string[]> {
  const { rows } = await sql<{ organizationId: string }>`
    select distinct organization_id from wire_map_elements where ended_revision < 2147483647`.execute(db);
  return rows.map(({ organizationId }) => organizationId);
}
