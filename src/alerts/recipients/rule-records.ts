import { type SqlBool, sql } from 'kysely';
import type { AlertSeverity, AlertTrigger } from '../../domain/alert-trigger.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { byName, sorted } from '../../storage/sorted.ts';
import type { AlertRule, AlertRulePlace, AlertStep, RulePlaceKind } from './alert-rule.ts';
import { nameKey } from './name-key.ts';
import type { OfOrganization, RowChoice } from './recipient-records.ts';

export type RuleFilter = {
  /** Part of the name, in any case. */
  text?: string | undefined;
  trigger?: AlertTrigger | undefined;
  isEnabled?: boolean | undefined;
  placeKind?: RulePlaceKind | undefined;
  /** Of exactly that place. */
  placeId?: string | undefined;
  /** Rules that name it themselves, not through a group. */
  recipientId?: string | undefined;
  groupId?: string | undefined;
};

type PlaceColumns = { locationId: string | null; buildingId: string | null; responseLocationId: string | null };
type TargetRow = { ruleId: string; afterSeconds: number; recipientId: string | null; groupId: string | null };

const BATCH = 1_000;

function placeOf({ locationId, buildingId, responseLocationId }: PlaceColumns): AlertRulePlace {
  if (locationId !== null) return { kind: 'location', id: locationId };
  if (buildingId !== null) return { kind: 'building', id: buildingId };
  if (responseLocationId !== null) return { kind: 'response-location', id: responseLocationId };
  return { kind: 'organization', id: null };
}

function columnsOf({ kind, id }: AlertRulePlace): PlaceColumns {
  return {
    locationId: kind === 'location' ? id : null,
    buildingId: kind === 'building' ? id : null,
    responseLocationId: kind === 'response-location' ? id : null,
  };
}

function stepsOf(targets: readonly TargetRow[]): AlertStep[] {
  const steps: { afterSeconds: number; recipientIds: string[]; groupIds: string[] }[] = [];
  for (const { afterSeconds, recipientId, groupId } of targets) {
    let step = steps.at(-1);
    if (step?.afterSeconds !== afterSeconds) {
      step = { afterSeconds, recipientIds: [], groupIds: [] };
      steps.push(step);
    }
    if (recipientId !== null) step.recipientIds.push(recipientId);
    if (groupId !== null) step.groupIds.push(groupId);
  }
  return steps;
}

/** By name. */
export async function selectRules(
  db: Queryable,
  { organizationId, ids, window }: RowChoice,
  { filter = {} }: { filter?: RuleFilter } = {},
): Promise<OfOrganization<AlertRule>[]> {
  let query = sorted(db.selectFrom('alertRules').selectAll(), 'name', { name: [] }, [...byName('nameKey'), 'id']);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  if (ids !== undefined) query = query.where(sql<SqlBool>`id = any(${[...ids]}::uuid[])`);
  if (window !== undefined) query = query.offset(window.start).limit(window.max);
  for (const condition of conditionsOf(filter)) query = query.where(condition);
  const rows = await query.execute();
  if (rows.length === 0) return [];
  let targets = db
    .selectFrom('alertRuleTargets')
    .select(['ruleId', 'afterSeconds', 'recipientId', 'groupId'])
    .orderBy('ruleId')
    .orderBy('afterSeconds')
    .orderBy('position');
  if (organizationId !== undefined) targets = targets.where('organizationId', '=', organizationId);
  if (ids !== undefined || window !== undefined) {
    targets = targets.where(sql<SqlBool>`rule_id = any(${rows.map(({ id }) => id)}::uuid[])`);
  }
  const byRule = Map.groupBy(await targets.execute(), ({ ruleId }) => ruleId);
  return rows.map((row) => ({
    organizationId: row.organizationId,
    id: row.id,
    name: row.name,
    isEnabled: row.isEnabled,
    place: placeOf(row),
    triggers: row.triggers as AlertTrigger[],
    severity: row.severity as AlertSeverity | null,
    steps: stepsOf(byRule.get(row.id) ?? []),
  }));
}

/** How many rules the filter finds. */
export async function countRules(db: Queryable, organizationId: string, filter: RuleFilter): Promise<number> {
  let query = db
    .selectFrom('alertRules')
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('organizationId', '=', organizationId);
  for (const condition of conditionsOf(filter)) query = query.where(condition);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

function conditionsOf(filter: RuleFilter) {
  const { groupId, isEnabled, placeId, placeKind, recipientId, text, trigger } = filter;
  const found = [];
  if (text !== undefined) found.push(sql<SqlBool>`position(${nameKey(text)} in name_key) > 0`);
  if (trigger !== undefined) found.push(sql<SqlBool>`${trigger} = any(triggers)`);
  if (isEnabled !== undefined) found.push(sql<SqlBool>`is_enabled = ${isEnabled}`);
  if (placeId !== undefined)
    found.push(sql<SqlBool>`${placeId}::uuid in (location_id, building_id, response_location_id)`);
  if (placeKind === 'organization') {
    found.push(sql<SqlBool>`num_nonnulls(location_id, building_id, response_location_id) = 0`);
  } else if (placeKind !== undefined) {
    const column = {
      location: 'locationId',
      building: 'buildingId',
      'response-location': 'responseLocationId',
    } as const;
    found.push(sql<SqlBool>`${sql.ref(column[placeKind])} is not null`);
  }
  for (const [column, id] of [
    ['recipientId', recipientId],
    ['groupId', groupId],
  ] as const) {
    if (id === undefined) continue;
    found.push(
      sql<SqlBool>`exists (select from alert_rule_targets where rule_id = alert_rules.id and ${sql.ref(column)} = ${id})`,
    );
  }
  return found;
}

export async function insertRule(tx: Transaction, organizationId: string, rule: AlertRule, now: Date): Promise<void> {
  await tx
    .insertInto('alertRules')
    .values({ id: rule.id, organizationId, ...valuesOf(rule), createdAt: now, updatedAt: now })
    .execute();
  await insertTargets(tx, organizationId, rule);
}

/** Everything of the rule but its id. */
export async function replaceRule(tx: Transaction, organizationId: string, rule: AlertRule, now: Date): Promise<void> {
  await tx
    .updateTable('alertRules')
    .set({ ...valuesOf(rule), updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('id', '=', rule.id)
    .execute();
  await tx
    .deleteFrom('alertRuleTargets')
    .where('organizationId', '=', organizationId)
    .where('ruleId', '=', rule.id)
    .execute();
  await insertTargets(tx, organizationId, rule);
}

export async function deleteRuleRow(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('alertRules').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

/** Takes a recipient or a group out of every rule. */
export async function deleteTargets(
  tx: Transaction,
  organizationId: string,
  column: 'recipientId' | 'groupId',
  id: string,
): Promise<void> {
  await tx.deleteFrom('alertRuleTargets').where('organizationId', '=', organizationId).where(column, '=', id).execute();
}

/** Lets the rules of one building be those of another. True when there were any. */
export async function moveRulesOfBuilding(
  tx: Transaction,
  organizationId: string,
  from: string,
  to: string,
): Promise<boolean> {
  const rows = await tx
    .updateTable('alertRules')
    .set({ buildingId: to })
    .where('organizationId', '=', organizationId)
    .where('buildingId', '=', from)
    .returning('id')
    .execute();
  return rows.length > 0;
}

function valuesOf({ name, isEnabled, place, triggers, severity }: AlertRule) {
  return { name, nameKey: nameKey(name), isEnabled, ...columnsOf(place), triggers: [...triggers], severity };
}

async function insertTargets(tx: Transaction, organizationId: string, { id: ruleId, steps }: AlertRule): Promise<void> {
  const targets = steps.flatMap(({ afterSeconds, recipientIds, groupIds }) =>
    [
      ...groupIds.map((groupId) => ({ groupId, recipientId: null })),
      ...recipientIds.map((recipientId) => ({ groupId: null, recipientId })),
    ].map((target, position) => ({ organizationId, ruleId, afterSeconds, position, ...target })),
  );
  for (let from = 0; from < targets.length; from += BATCH) {
    await tx
      .insertInto('alertRuleTargets')
      .values(targets.slice(from, from + BATCH))
      .execute();
  }
}
