import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import { partPattern } from '../../storage/conditions.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import type { IncidentTables } from '../../storage/tables/incident-tables.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { AlertMoment } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type {
  ActVia,
  Incident,
  IncidentAct,
  IncidentItem,
  IncidentStanding,
  IncidentState,
  KeptOccasion,
} from './incident.ts';

/** A later step, as it is planned. */
export type NewStep = {
  incidentId: string;
  /** Tells apart what several moments of one incident plan. */
  source: string;
  afterSeconds: number;
  /** ISO 8601. */
  dueAt: string;
  /** When it was told without the database; null: it was not. */
  firedAt: string | null;
  /** Somebody took the incident on before it was stored. */
  isPaused: boolean;
  occasion: KeptOccasion;
  planned: readonly ToldRecipient[];
};

export type StoredStep = Omit<NewStep, 'planned'> & { planned: readonly ToldRecipient[] };

/** What was done, as the timeline shows it. */
export type IncidentEntry = {
  id: string;
  at: string;
  action: 'acknowledge' | 'resolve' | 'reopen' | 'note' | 'escalate';
  by: string | null;
  via: ActVia | null;
  note: string | null;
  /** Of an escalation. */
  detail: EscalationDetail | null;
};

export type EscalationDetail = { afterSeconds: number; told: number; labels: readonly string[] };

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

/** Adds later steps that are not there yet; they wait unless somebody took their incident on. */
export async function insertSteps(tx: Transaction, steps: readonly NewStep[]): Promise<void> {
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
): Promise<StoredStep[]> {
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

/** Notes that steps were told; gives back those that no other node had noted. */
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
): Promise<{ incident: Incident; steps: StoredStep[] }[]> {
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

export async function selectSteps(db: Queryable, incidentId: string): Promise<(StoredStep & { isPaused: boolean })[]> {
  const rows = await db
    .selectFrom('incidentSteps')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .orderBy('dueAt')
    .orderBy('source')
    .execute();
  return rows.map(stepOf);
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

/** Writes entries that are not there yet; gives the ids of those it wrote. */
export async function insertEntries(
  tx: Transaction,
  incidentEntries: readonly (IncidentEntry & { incidentId: string })[],
): Promise<ReadonlySet<string>> {
  if (incidentEntries.length === 0) return new Set();
  const rows = await tx
    .insertInto('incidentEntries')
    .values(
      incidentEntries.map(({ detail, at, ...entry }) => ({
        ...entry,
        at: new Date(at),
        detail: detail && JSON.stringify(detail),
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export async function selectEntries(db: Queryable, incidentId: string): Promise<IncidentEntry[]> {
  const rows = await db
    .selectFrom('incidentEntries')
    .selectAll()
    .where('incidentId', '=', incidentId)
    .orderBy('at')
    .orderBy('id')
    .execute();
  return rows.map(({ incidentId: _own, at, action, via, detail, ...row }) => ({
    ...row,
    at: at.toISOString(),
    action: action as IncidentEntry['action'],
    via: via as ActVia | null,
    detail: detail === null ? null : (JSON.parse(detail) as EscalationDetail),
  }));
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

export async function selectIncident(
  db: Queryable,
  organizationId: string | null,
  id: string,
): Promise<IncidentItem | undefined> {
  let query = items(db).where('incidents.id', '=', id);
  if (organizationId !== null) query = query.where('organizationId', '=', organizationId);
  const row = await query.executeTakeFirst();
  return row && itemOf(row);
}

/** The occasion that opened an incident, without its call. */
export async function selectOccasion(db: Queryable, id: string): Promise<KeptOccasion | undefined> {
  const row = await db.selectFrom('incidents').select('occasion').where('id', '=', id).executeTakeFirst();
  return row && (JSON.parse(row.occasion) as KeptOccasion);
}

/** Where a page ends: state, opening and id of its last incident. */
export type IncidentCursor = { state: IncidentState; openedAt: string; id: string };

/** What an incident must be to be listed; a filter left out does not filter. */
export type IncidentFilter = {
  state?: IncidentState | undefined;
  severity?: AlertSeverity | undefined;
  trigger?: AlertTrigger | undefined;
  isDrill?: boolean | undefined;
  locationId?: string | undefined;
  responseLocationId?: string | undefined;
  /** Opened then or later. */
  since?: Date | undefined;
  /** Opened before. */
  until?: Date | undefined;
  /** Any part of title, caller, callback number and place. */
  text?: string | undefined;
  /** By time alone; unless told open ones stand first. */
  sort?: SortWord<'openedAt'> | undefined;
};

const RANKS: Readonly<Record<IncidentState, number>> = { open: 0, acknowledged: 1, resolved: 2 };
const RANK = sql<number>`(case state when 'open' then 0 when 'acknowledged' then 1 else 2 end)`;
/** What no index knows is looked for in so many at once: on the embedded database nothing else runs meanwhile. */
const SEARCHED = 10_000;

type IncidentRequest = Omit<IncidentFilter, 'text'> & {
  organizationId: string;
  locationIds?: readonly string[] | undefined;
  after?: IncidentCursor | undefined;
};

/** Unless told, open ones first, then those somebody took on, then settled ones; the newest of each first. */
export async function selectIncidents(
  db: Queryable,
  { max, text, ...request }: IncidentRequest & Pick<IncidentFilter, 'text'> & { max: number },
): Promise<IncidentItem[]> {
  if (text === undefined) return selectOrdered(db, request, max);
  const holdsText = sql<SqlBool>`concat_ws(' ', title, caller, callback_number, place) ilike ${partPattern(text)}`;
  const found: IncidentItem[] = [];
  let { after } = request;
  while (found.length < max) {
    const part = db
      .selectFrom('incidents')
      .select(['id', 'state', 'openedAt'])
      .where(conditionOf({ ...request, after }))
      .orderBy(orderOf(request))
      .limit(SEARCHED);
    const isFound = sql<SqlBool>`incidents.id in (select id from ${part.as('part')}) and ${holdsText}`;
    found.push(...(await selectOrdered(db, { ...request, after }, max - found.length, isFound)));
    const last = await part
      .offset(SEARCHED - 1)
      .limit(1)
      .executeTakeFirst();
    if (last === undefined) break;
    after = { state: last.state as IncidentState, openedAt: last.openedAt.toISOString(), id: last.id };
  }
  return found;
}

async function selectOrdered(
  db: Queryable,
  request: IncidentRequest,
  max: number,
  more?: RawBuilder<SqlBool>,
): Promise<IncidentItem[]> {
  let query = items(db).where(conditionOf(request)).orderBy(orderOf(request)).limit(max);
  if (more !== undefined) query = query.where(more);
  return (await query.execute()).map(itemOf);
}

function conditionOf(request: IncidentRequest): RawBuilder<SqlBool> {
  const { after, locationIds, organizationId, sort } = request;
  const all = [sql<SqlBool>`organization_id = ${organizationId}`, ...conditions(request)];
  if (locationIds) all.push(sql<SqlBool>`location_id = any(${[...locationIds]}::text[])`);
  if (after) {
    const isAfter = sort === 'openedAt' ? sql`>` : sql`<`;
    const rank = RANKS[after.state];
    const isLater = sql<SqlBool>`(opened_at, incidents.id) ${isAfter} (${new Date(after.openedAt)}::timestamptz, ${after.id}::uuid)`;
    all.push(sort === undefined ? sql<SqlBool>`(${RANK} > ${rank} or (${RANK} = ${rank} and ${isLater}))` : isLater);
  }
  return sql.join(all, sql` and `);
}

function orderOf({ sort }: IncidentRequest): RawBuilder<unknown> {
  if (sort === 'openedAt') return sql`opened_at, incidents.id`;
  return sort === undefined ? sql`${RANK}, opened_at desc, incidents.id desc` : sql`opened_at desc, incidents.id desc`;
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

function conditions(filter: IncidentFilter): RawBuilder<SqlBool>[] {
  const { state, severity, trigger, isDrill, locationId, responseLocationId, since, until } = filter;
  const found: RawBuilder<SqlBool>[] = [];
  if (state !== undefined) found.push(sql<SqlBool>`state = ${state}`);
  if (severity !== undefined) found.push(sql<SqlBool>`severity = ${severity}`);
  if (trigger !== undefined) found.push(sql<SqlBool>`trigger = ${trigger}`);
  if (isDrill !== undefined) found.push(sql<SqlBool>`is_drill = ${isDrill}`);
  if (locationId !== undefined) found.push(sql<SqlBool>`location_id = ${locationId}`);
  if (responseLocationId !== undefined) found.push(sql<SqlBool>`response_location_id = ${responseLocationId}`);
  if (since !== undefined) found.push(sql<SqlBool>`opened_at >= ${since}`);
  if (until !== undefined) found.push(sql<SqlBool>`opened_at < ${until}`);
  return found;
}

function items(db: Queryable) {
  return db
    .selectFrom('incidents')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('incidentSteps')
          .whereRef('incidentSteps.incidentId', '=', 'incidents.id')
          .select([
            sql<Date | null>`min(due_at) filter (where fired_at is null and not is_paused)`.as('nextStepAt'),
            sql<string>`count(*) filter (where fired_at is not null)`.as('stepsTold'),
            sql<string>`count(*) filter (where fired_at is null)`.as('stepsWaiting'),
          ])
          .as('steps'),
      (join) => join.onTrue(),
    )
    .selectAll('incidents')
    .select(['steps.nextStepAt', 'steps.stepsTold', 'steps.stepsWaiting']);
}

type ItemRow = Awaited<ReturnType<ReturnType<typeof items>['execute']>>[number];

function itemOf({ nextStepAt, stepsTold, stepsWaiting, ...row }: ItemRow): IncidentItem {
  return {
    ...incidentOf(row),
    nextStepAt: nextStepAt?.toISOString() ?? null,
    stepsTold: Number(stepsTold ?? 0),
    stepsWaiting: Number(stepsWaiting ?? 0),
  };
}

function incidentOf(row: Selectable<IncidentTables['incidents']>): Incident {
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

function stepOf(row: Selectable<IncidentTables['incidentSteps']>): StoredStep {
  return {
    ...row,
    dueAt: row.dueAt.toISOString(),
    firedAt: row.firedAt?.toISOString() ?? null,
    occasion: JSON.parse(row.occasion) as KeptOccasion,
    planned: JSON.parse(row.planned) as readonly ToldRecipient[],
  };
}

/** An act as the timeline keeps it. */
export function entryOf({
  id,
  incidentId,
  action,
  by,
  via,
  at,
  note,
}: IncidentAct): IncidentEntry & { incidentId: string } {
  return { id, incidentId, at, action, by, via, note, detail: null };
}
