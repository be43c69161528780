import { type Selectable, sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { IncidentTables } from '../../storage/tables/incident-tables.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { Incident, KeptOccasion } from './incident.ts';
import { incidentOf } from './incident-records.ts';

/** A later step: planned, waiting or told. */
export type IncidentStep = {
  incidentId: string;
  /** Tells apart what several moments of one incident plan. */
  source: string;
  afterSeconds: number;
  /** ISO 8601. */
  dueAt: string;
  /** When it was told without the database; null: it was not. */
  firedAt: string | null;
  /** Somebody took the incident on. */
  isPaused: boolean;
  occasion: KeptOccasion;
  planned: readonly ToldRecipient[];
};

/** Adds later steps that are not there yet; they wait unless somebody took their incident on. */
export async function insertSteps(tx: Transaction, steps: readonly IncidentStep[]): Promise<void> {
  if (steps.length === 0) return;
  const list = JSON.stringify(
    steps.map((step) => ({
      ...step,
      occasion: JSON.stringify(step.occasion),
      planned: JSON.stringify(step.planned),
    })),
  );
  await sql`
    insert into incident_steps (incident_id, source, after_seconds, due_at, fired_at, is_paused, occasion, planned)
    select i.id, s->>'source', (s->>'afterSeconds')::integer, (s->>'dueAt')::timestamptz,
      (s->>'firedAt')::timestamptz, (s->>'isPaused')::boolean or i.state <> 'open', s->>'occasion', s->>'planned'
    from jsonb_array_elements(${list}::jsonb) as s join incidents as i on i.id = (s->>'incidentId')::uuid
    on conflict do nothing`.execute(tx);
}

/**
 * Takes steps that are due and that no other node holds, for as long as the transaction lasts; not those of `except`, and none
 * but those of `only` where that is given.
 * PostgreSQL looks at a row again once it has its lock: a step that an acknowledgement paused meanwhile is not taken.
 */
export async function takeDueSteps(
  tx: Transaction,
  now: Date,
  max: number,
  { except, only }: { except: readonly string[]; only: readonly string[] | undefined },
): Promise<IncidentStep[]> {
  if (only?.length === 0) return [];
  let query = tx
    .selectFrom('incidentSteps')
    .selectAll()
    .where('firedAt', 'is', null)
    .where('isPaused', '=', false)
    .where('dueAt', '<=', now)
    .orderBy('dueAt')
    .limit(max)
    .forUpdate()
    .skipLocked();
  if (only) query = query.where('incidentId', 'in', [...only]);
  if (except.length > 0) query = query.where('incidentId', 'not in', [...except]);
  return (await query.execute()).map(stepOf);
}

/** Notes that steps were told, unless another node noted it before. */
export async function noteFired(
  tx: Transaction,
  steps: readonly { incidentId: string; source: string; afterSeconds: number; firedAt: string }[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql`
    update incident_steps as s set fired_at = (f->>'firedAt')::timestamptz
    from jsonb_array_elements(${JSON.stringify(steps)}::jsonb) as f
    where s.incident_id = (f->>'incidentId')::uuid and s.source = f->>'source'
      and s.after_seconds = (f->>'afterSeconds')::integer and s.fired_at is null`.execute(tx);
}

/** When the next step is due that waits; null: none does. */
export async function selectNextDue(db: Queryable): Promise<Date | null> {
  const row = await db
    .selectFrom('incidentSteps')
    .select((eb) => eb.fn.min('dueAt').as('dueAt'))
    .where('firedAt', 'is', null)
    .where('isPaused', '=', false)
    .executeTakeFirst();
  return row?.dueAt ?? null;
}

/** Open incidents with their steps that wait, the first due first; of all of them, or of these. */
export async function selectWaiting(
  db: Queryable,
  maxSteps: number,
  ids?: readonly string[],
): Promise<{ incident: Incident; steps: IncidentStep[] }[]> {
  if (ids?.length === 0) return [];
  let query = db
    .selectFrom('incidentSteps')
    .selectAll()
    .where('firedAt', 'is', null)
    .where('isPaused', '=', false)
    .orderBy('dueAt')
    .limit(maxSteps);
  if (ids) query = query.where('incidentId', 'in', [...ids]);
  const steps = Map.groupBy((await query.execute()).map(stepOf), ({ incidentId }) => incidentId);
  if (steps.size === 0) return [];
  const rows = await db
    .selectFrom('incidents')
    .selectAll()
    .where('id', 'in', [...steps.keys()])
    .where('state', '=', 'open')
    .execute();
  return rows.map((row) => ({ incident: incidentOf(row), steps: steps.get(row.id) ?? [] }));
}

/** The steps of these incidents that were told. */
export async function selectFired(
  db: Queryable,
  ids: readonly string[],
): Promise<{ incidentId: string; source: string; afterSeconds: number; firedAt: Date }[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('incidentSteps')
    .select(['incidentId', 'source', 'afterSeconds', 'firedAt'])
    .where('incidentId', 'in', [...ids])
    .where('firedAt', 'is not', null)
    .execute();
  return rows.flatMap(({ firedAt, ...row }) => (firedAt ? [{ ...row, firedAt }] : []));
}

/** Later steps wait no more, or wait again. */
export async function pauseSteps(tx: Transaction, incidentId: string, isPaused: boolean): Promise<void> {
  await tx
    .updateTable('incidentSteps')
    .set({ isPaused })
    .where('incidentId', '=', incidentId)
    .where('firedAt', 'is', null)
    .execute();
}

/** The highest time of the steps that were told; 0: the first message alone. */
export async function selectToldUpTo(db: Queryable, incidentId: string): Promise<number> {
  const row = await db
    .selectFrom('incidentSteps')
    .select((eb) => eb.fn.max('afterSeconds').as('afterSeconds'))
    .where('incidentId', '=', incidentId)
    .where('firedAt', 'is not', null)
    .executeTakeFirst();
  return row?.afterSeconds ?? 0;
}

function stepOf(row: Selectable<IncidentTables['incidentSteps']>): IncidentStep {
  return {
    ...row,
    dueAt: row.dueAt.toISOString(),
    firedAt: row.firedAt?.toISOString() ?? null,
    occasion: JSON.parse(row.occasion) as KeptOccasion,
    planned: JSON.parse(row.planned) as readonly ToldRecipient[],
  };
}
