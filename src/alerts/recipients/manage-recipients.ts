import { createFieldFaults } from '../../domain/field-faults.ts';
import { missing } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Queryable } from '../../storage/database.ts';
import { keepRemoval } from '../../storage/kept-removals.ts';
import { recordRemoval, wasRemoved } from '../../storage/removed-resources.ts';
import { isUuid, newId } from '../../support/ids.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import { changeRecipients, type ManagementDeps, trailOf, withChanges } from './change-recipients.ts';
import { createEndpointCheck } from './check-endpoints.ts';
import { releaseFromUse } from './find-recipient-use.ts';
import { keptRemoval, REMOVED_ROWS } from './kept-removal.ts';
import { type NewRecipient, readRecipient } from './read-recipient.ts';
import {
  deleteRecipientRow,
  insertRecipients,
  type RecipientFilter,
  selectRecipients,
  updateRecipientRow,
} from './recipient-records.ts';

/** `start` and `max` cut a window out of what is listed by name. */
export type RecipientListRequest = RecipientFilter & { start: number; max: number };

/** Recipients of alerts: who they are and how they are reached. */
export function createRecipientManagement(deps: ManagementDeps) {
  const { db } = deps.database;

  return {
    /** Throws `invalid` (every field at fault) or `conflict` (the name is taken). */
    async createRecipient(scope: Scope, given: NewRecipient): Promise<AlertRecipient> {
      const recipient = readRecipient(newId(), given);
      return changeRecipients(deps, scope, 'recipient', async (tx, now) => {
        const faults = createFieldFaults();
        await createEndpointCheck(tx, scope.organizationId)(recipient.endpoints, faults);
        faults.throwIfAny();
        await insertRecipients(tx, scope.organizationId, [recipient], now);
        const entry = {
          action: 'alert-recipient.created',
          subject: `alert recipient ${recipient.id}`,
          after: trailOf(recipient),
        };
        return { result: recipient, entry };
      });
    },

    async listRecipients(scope: Scope, { start, max, ...filter }: RecipientListRequest): Promise<AlertRecipient[]> {
      const ids = [filter.groupId, filter.connectionId];
      if (ids.some((id) => id !== undefined && !isUuid(id))) return [];
      const window = { start, max };
      return (await selectRecipients(db, { organizationId: scope.organizationId, window }, { filter })).map(viewOf);
    },

    /** Throws `not-found` or `gone`. */
    getRecipient: (scope: Scope, id: string): Promise<AlertRecipient> => requireRecipient(db, scope, id),

    /** Throws as `createRecipient`, `not-found` or `gone`. */
    async updateRecipient(scope: Scope, id: string, changes: Partial<NewRecipient>): Promise<AlertRecipient> {
      return changeRecipients(deps, scope, 'recipient', async (tx, now) => {
        const before = await requireRecipient(tx, scope, id);
        const recipient = readRecipient(before.id, withChanges<NewRecipient>(before, changes));
        if (changes.endpoints !== undefined) {
          const faults = createFieldFaults();
          await createEndpointCheck(tx, scope.organizationId)(recipient.endpoints, faults);
          faults.throwIfAny();
        }
        await updateRecipientRow(tx, scope.organizationId, recipient, now);
        const entry = {
          action: 'alert-recipient.updated',
          subject: `alert recipient ${recipient.id}`,
          before: trailOf(before),
          after: trailOf(recipient),
        };
        return { result: recipient, entry };
      });
    },

    /**
     * Throws `not-found`, `gone` or `conflict`: a group or a rule names it. `force` takes it out of them first, unless a rule
     * would then tell nobody.
     */
    async removeRecipient(
      scope: Scope,
      id: string,
      { force = false }: { force?: boolean | undefined } = {},
    ): Promise<void> {
      const { organizationId } = scope;
      await changeRecipients(deps, scope, 'recipient', async (tx, now) => {
        const before = await requireRecipient(tx, scope, id);
        await keepRemoval(tx, keptRemoval(scope, 'alert-recipient', before, now), REMOVED_ROWS['alert-recipient']);
        const also = await releaseFromUse(tx, organizationId, { kind: 'recipient', id: before.id }, force);
        await deleteRecipientRow(tx, organizationId, before.id);
        await recordRemoval(tx, { organizationId, kind: 'alert-recipient', id: before.id });
        const entry = {
          action: 'alert-recipient.removed',
          subject: `alert recipient ${before.id}`,
          before: trailOf(before),
        };
        return { result: undefined, entry, also };
      });
    },
  };
}

async function requireRecipient(db: Queryable, scope: Scope, id: string): Promise<AlertRecipient> {
  const { organizationId } = scope;
  const [row] = isUuid(id) ? await selectRecipients(db, { organizationId, ids: [id] }) : [];
  if (!row)
    throw missing(await wasRemoved(db, { organizationId, kind: 'alert-recipient', id }), `alert recipient ${id}`);
  return viewOf(row);
}

function viewOf({ organizationId: _own, ...recipient }: AlertRecipient & { organizationId: string }): AlertRecipient {
  return recipient;
}
