import { createFieldFaults } from '../../domain/field-faults.ts';
import { missing } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { keepRemoval } from '../../storage/kept-removals.ts';
import { recordRemoval, wasRemoved } from '../../storage/removed-resources.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { AlertGroup } from './alert-recipient.ts';
import { changeRecipients, type ManagementDeps, trailOf, withChanges } from './change-recipients.ts';
import { releaseFromUse } from './find-recipient-use.ts';
import { deleteGroupRow, type GroupFilter, insertGroup, replaceGroup, selectGroups } from './group-records.ts';
import { keptRemoval, REMOVED_ROWS } from './kept-removal.ts';
import { type NewGroup, readGroup } from './read-recipient.ts';
import { selectRecipientIds } from './recipient-records.ts';

/** `start` and `max` cut a window out of what is listed by name. */
export type GroupListRequest = GroupFilter & { start: number; max: number };

/** Groups of recipients who are told together. */
export function createGroupManagement(deps: ManagementDeps) {
  const { db } = deps.database;

  return {
    /** Throws `invalid` (every field at fault) or `conflict` (the name is taken). */
    async createGroup(scope: Scope, given: NewGroup): Promise<AlertGroup> {
      const group = readGroup(newId(), given);
      return changeRecipients(deps, scope, 'group', async (tx, now) => {
        await requireRecipients(tx, scope.organizationId, group);
        await insertGroup(tx, scope.organizationId, group, now);
        const entry = { action: 'alert-group.created', subject: `alert group ${group.id}`, after: trailOf(group) };
        return { result: group, entry };
      });
    },

    async listGroups(scope: Scope, { start, max, ...filter }: GroupListRequest): Promise<AlertGroup[]> {
      if (filter.recipientId !== undefined && !isUuid(filter.recipientId)) return [];
      const window = { start, max };
      return (await selectGroups(db, { organizationId: scope.organizationId, window }, { filter })).map(viewOf);
    },

    /** Throws `not-found` or `gone`. */
    getGroup: (scope: Scope, id: string): Promise<AlertGroup> => requireGroup(db, scope, id),

    /** Throws as `createGroup`, `not-found` or `gone`. */
    async updateGroup(scope: Scope, id: string, changes: Partial<NewGroup>): Promise<AlertGroup> {
      return changeRecipients(deps, scope, 'group', async (tx, now) => {
        const before = await requireGroup(tx, scope, id);
        const group = readGroup(before.id, withChanges<NewGroup>(before, changes));
        await requireRecipients(tx, scope.organizationId, group);
        await replaceGroup(tx, scope.organizationId, group, now);
        const entry = {
          action: 'alert-group.updated',
          subject: `alert group ${group.id}`,
          before: trailOf(before),
          after: trailOf(group),
        };
        return { result: group, entry };
      });
    },

    /** Throws `not-found`, `gone` or `conflict`: a rule names it. `force` as for recipients. */
    async removeGroup(
      scope: Scope,
      id: string,
      { force = false }: { force?: boolean | undefined } = {},
    ): Promise<void> {
      const { organizationId } = scope;
      await changeRecipients(deps, scope, 'group', async (tx, now) => {
        const before = await requireGroup(tx, scope, id);
        await keepRemoval(tx, keptRemoval(scope, 'alert-group', before, now), REMOVED_ROWS['alert-group']);
        const also = await releaseFromUse(tx, organizationId, { kind: 'group', id: before.id }, force);
        await deleteGroupRow(tx, organizationId, before.id);
        await recordRemoval(tx, { organizationId, kind: 'alert-group', id: before.id });
        const entry = { action: 'alert-group.removed', subject: `alert group ${before.id}`, before: trailOf(before) };
        return { result: undefined, entry, also };
      });
    },
  };
}

async function requireRecipients(tx: Transaction, organizationId: string, { recipientIds }: AlertGroup): Promise<void> {
  const known = await selectRecipientIds(tx, organizationId, recipientIds);
  const faults = createFieldFaults();
  for (const [index, id] of recipientIds.entries()) {
    if (!known.has(id)) faults.add(`recipientIds.${index}`, `there is no alert recipient ${id}`);
  }
  faults.throwIfAny();
}

async function requireGroup(db: Queryable, scope: Scope, id: string): Promise<AlertGroup> {
  const { organizationId } = scope;
  const [row] = isUuid(id) ? await selectGroups(db, { organizationId, ids: [id] }) : [];
  if (!row) throw missing(await wasRemoved(db, { organizationId, kind: 'alert-group', id }), `alert group ${id}`);
  return viewOf(row);
}

function viewOf({ organizationId: _own, ...group }: AlertGroup & { organizationId: string }): AlertGroup {
  return group;
}
