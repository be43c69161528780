import { type SqlBool, sql } from 'kysely';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { byName, type SortedBy, sorted } from '../../storage/sorted.ts';
import type { SortWord } from '../../support/sort-order.ts';
import type { AlertGroup } from './alert-recipient.ts';
import type { AlertSchedule } from './alert-schedule.ts';
import { nameKey } from './name-key.ts';
import type { OfOrganization, RowChoice } from './recipient-records.ts';

export type GroupFilter = {
  /** Part of the name, in any case. */
  text?: string | undefined;
  /** Groups in which that recipient is. */
  recipientId?: string | undefined;
  /** `name` unless told. */
  sort?: SortWord<GroupColumn> | undefined;
};

export type GroupColumn = 'name' | 'recipients';

const ORDERS: Readonly<Record<GroupColumn, readonly SortedBy[]>> = {
  name: [],
  recipients: [sql`(select count(*) from alert_group_members m where m.group_id = alert_groups.id)`],
};

const BATCH = 1_000;

/** By name unless told, with their recipients in the order in which they were given. */
export async function selectGroups(
  db: Queryable,
  { organizationId, ids, window }: RowChoice,
  { filter = {} }: { filter?: GroupFilter } = {},
): Promise<OfOrganization<AlertGroup>[]> {
  const selected = db.selectFrom('alertGroups').select(['id', 'organizationId', 'name', 'schedule']);
  let query = sorted(selected, filter.sort ?? 'name', ORDERS, [...byName('nameKey'), 'id']);
  if (organizationId !== undefined) query = query.where('organizationId', '=', organizationId);
  if (ids !== undefined) query = query.where(sql<SqlBool>`id = any(${[...ids]}::uuid[])`);
  if (window !== undefined) query = query.offset(window.start).limit(window.max);
  const { recipientId, text } = filter;
  if (text !== undefined) query = query.where(sql<SqlBool>`position(${nameKey(text)} in name_key) > 0`);
  if (recipientId !== undefined) {
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('alertGroupMembers')
          .select('groupId')
          .whereRef('groupId', '=', 'alertGroups.id')
          .where('recipientId', '=', recipientId),
      ),
    );
  }
  const rows = await query.execute();
  if (rows.length === 0) return [];
  let members = db
    .selectFrom('alertGroupMembers')
    .select(['groupId', 'recipientId'])
    .orderBy('groupId')
    .orderBy('position');
  // All of them are read whole where all groups are: a list of ids would only repeat them.
  if (organizationId !== undefined) members = members.where('organizationId', '=', organizationId);
  if (ids !== undefined || window !== undefined) {
    members = members.where(sql<SqlBool>`group_id = any(${rows.map(({ id }) => id)}::uuid[])`);
  }
  const byGroup = Map.groupBy(await members.execute(), ({ groupId }) => groupId);
  return rows.map((row) => ({
    organizationId: row.organizationId,
    id: row.id,
    name: row.name,
    recipientIds: (byGroup.get(row.id) ?? []).map((member) => member.recipientId),
    schedule: row.schedule as AlertSchedule | null,
  }));
}

/** Those of the ids that are groups of the organization. */
export async function selectGroupIds(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await tx
    .selectFrom('alertGroups')
    .select('id')
    .where('organizationId', '=', organizationId)
    .where(sql<SqlBool>`id = any(${[...ids]}::uuid[])`)
    .execute();
  return new Set(rows.map(({ id }) => id));
}

export async function insertGroup(
  tx: Transaction,
  organizationId: string,
  group: AlertGroup,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('alertGroups')
    .values({ id: group.id, organizationId, ...valuesOf(group), createdAt: now, updatedAt: now })
    .execute();
  await insertMembers(tx, organizationId, group);
}

/** Everything of the group but its id. */
export async function replaceGroup(
  tx: Transaction,
  organizationId: string,
  group: AlertGroup,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('alertGroups')
    .set({ ...valuesOf(group), updatedAt: now })
    .where('organizationId', '=', organizationId)
    .where('id', '=', group.id)
    .execute();
  await tx
    .deleteFrom('alertGroupMembers')
    .where('organizationId', '=', organizationId)
    .where('groupId', '=', group.id)
    .execute();
  await insertMembers(tx, organizationId, group);
}

export async function deleteGroupRow(tx: Transaction, organizationId: string, id: string): Promise<void> {
  await tx.deleteFrom('alertGroups').where('organizationId', '=', organizationId).where('id', '=', id).execute();
}

export async function deleteMember(tx: Transaction, organizationId: string, recipientId: string): Promise<void> {
  await tx
    .deleteFrom('alertGroupMembers')
    .where('organizationId', '=', organizationId)
    .where('recipientId', '=', recipientId)
    .execute();
}

function valuesOf({ name, schedule }: AlertGroup) {
  return { name, nameKey: nameKey(name), schedule: schedule && JSON.stringify(schedule) };
}

async function insertMembers(tx: Transaction, organizationId: string, group: AlertGroup): Promise<void> {
  const members = group.recipientIds.map((recipientId, position) => ({
    organizationId,
    groupId: group.id,
    recipientId,
    position,
  }));
  for (let from = 0; from < members.length; from += BATCH) {
    await tx
      .insertInto('alertGroupMembers')
      .values(members.slice(from, from + BATCH))
      .execute();
  }
}
