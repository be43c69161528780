import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import { partPattern } from '../../storage/conditions.ts';
import type { Queryable } from '../../storage/database.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { IncidentItem, IncidentState } from './incident.ts';
import { incidentOf } from './incident-records.ts';

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

function orderOf({ sort }: IncidentRequest): RawBuilder<unknown> {
  if (sort === 'openedAt') return sql`opened_at, incidents.id`;
  return sort === undefined ? sql`${RANK}, opened_at desc, incidents.id desc` : sql`opened_at desc, incidents.id desc`;
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
