import { type Selectable, sql } from 'kysely';
import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { IncidentTables } from '../../storage/tables/incident-tables.ts';
import type { AlertMoment } from '../alert-occasion.ts';
import type { ActVia, Incident, IncidentStanding, IncidentState, KeptOccasion } from './incident.ts';

/** Adds incidents that are not there yet, and gives the ids of those it added. */
export async function insertIncidents(
  tx: Transaction,
  incidents: readonly { incident: Incident; occasion: KeptOccasion }[],
): Promise<ReadonlySet<string>> {
  if (incidents.length === 0) return new Set();
  // One parameter, however many there are.
  const list = JSON.stringify(
    incidents.map(({ incident, occasion }) => ({ ...incident, occasion: JSON.stringify(occasion) })),
  );
  const { rows } = await sql<{ id: string }>`
    insert into incidents (id, organization_id, call_id, moment, trigger, severity, is_drill, location_id,
      response_location_id, opened_at, changed_at, title, caller, callback_number, place, occasion)
    select (i->>'id')::uuid, (i->>'organizationId')::uuid, (i->>'callId')::uuid, i->>'moment', i->>'trigger',
      i->>'severity', (i->>'isDrill')::boolean, i->>'locationId', i->>'responseLocationId',
      (i->>'openedAt')::timestamptz, (i->>'openedAt')::timestamptz, i->>'title', i->>'caller',
      i->>'callbackNumber', i->>'place', i->>'occasion'
    from jsonb_array_elements(${list}::jsonb) as i
    on conflict (id) do nothing
    returning id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** Which of these are there. */
export async function selectExisting(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('incidents')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return rows.map(({ id }) => id);
}

/** Which of these somebody took on. */
export async function selectTakenOn(db: Queryable, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('incidents')
    .select('id')
    .where('id', 'in', [...ids])
    .where('state', '!=', 'open')
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * An incident to be changed: nobody else changes it until the transaction ends. Whoever tells one of its steps may still add an
 * entry that refers to it: each would wait for the other otherwise.
 */
export async function lockIncident(
  tx: Transaction,
  id: string,
): Promise<{ incident: Incident; occasion: KeptOccasion } | undefined> {
  const row = await tx.selectFrom('incidents').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row && { incident: incidentOf(row), occasion: JSON.parse(row.occasion) as KeptOccasion };
}

export async function updateStanding(
  tx: Transaction,
  id: string,
  standing: IncidentStanding,
  changedAt: Date,
): Promise<void> {
  const moment = (text: string | null) => (text === null ? null : new Date(text));
  await tx
    .updateTable('incidents')
    .set({
      state: standing.state,
      acknowledgedAt: moment(standing.acknowledgedAt),
      acknowledgedBy: standing.acknowledgedBy,
      acknowledgedVia: standing.acknowledgedVia,
      resolvedAt: moment(standing.resolvedAt),
      resolvedBy: standing.resolvedBy,
      resolvedVia: standing.resolvedVia,
      reopenedAt: moment(standing.reopenedAt),
      changedAt,
    })
    .where('id', '=', id)
    .execute();
}

/** How many are open, by severity. */
export async function countOpen(db: Queryable): Promise<{ severity: string; count: number }[]> {
  const rows = await db
    .selectFrom('incidents')
    .select((eb) => ['severity', eb.fn.countAll<string>().as('count')])
    .where('state', '=', 'open')
    .groupBy('severity')
    .execute();
  return rows.map(({ severity, count }) => ({ severity, count: Number(count) }));
}

/** Deletes at most `max` incidents on which nothing happened since; their steps and entries go with them. */
export async function deleteOldIncidents(db: Queryable, before: Date, max: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    delete from incidents where id in (select id from incidents where changed_at < ${before} order by changed_at limit ${max})
    returning id`.execute(db);
  return rows.length;
}

export function incidentOf(row: Selectable<IncidentTables['incidents']>): Incident {
  const { occasion: _occasion, changedAt: _changedAt, ...rest } = row;
  return {
    ...rest,
    moment: row.moment as AlertMoment,
    trigger: row.trigger as AlertTrigger,
    severity: row.severity as AlertSeverity,
    state: row.state as IncidentState,
    openedAt: row.openedAt.toISOString(),
    acknowledgedAt: row.acknowledgedAt?.toISOString() ?? null,
    acknowledgedVia: row.acknowledgedVia as ActVia | null,
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
    resolvedVia: row.resolvedVia as ActVia | null,
    reopenedAt: row.reopenedAt?.toISOString() ?? null,
  };
}
