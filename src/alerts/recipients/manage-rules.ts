import { createFieldFaults, type FieldFaults } from '../../domain/field-faults.ts';
import { missing, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Queryable, Transaction } from '../../storage/database.ts';
import { keepRemoval } from '../../storage/kept-removals.ts';
import { recordRemoval, wasRemoved } from '../../storage/removed-resources.ts';
import { isUuid, newId } from '../../support/ids.ts';
import { nameOrder, type SortKey, type SortWord, sortItems } from '../../support/sort-order.ts';
import type { AlertRule, AlertRulePlace } from './alert-rule.ts';
import {
  BUILT_IN_SOURCES,
  type BuiltInRule,
  type BuiltInRuleDeps,
  type BuiltInSource,
  builtInRules,
} from './built-in-rules.ts';
import { changeRecipients, type ManagementDeps, trailOf, withChanges } from './change-recipients.ts';
import { selectGroupIds } from './group-records.ts';
import { keptRemoval, REMOVED_ROWS } from './kept-removal.ts';
import { nameKey } from './name-key.ts';
import { type NewRule, readRule } from './read-rule.ts';
import { selectRecipientIds } from './recipient-records.ts';
import { countRules, deleteRuleRow, insertRule, type RuleFilter, replaceRule, selectRules } from './rule-records.ts';

/** A rule as it is shown: an organization's own, or one that its settings make. */
export type AlertRuleView = (AlertRule & { source: 'own'; isReadOnly: false }) | BuiltInRule;

/** Own rules by name, then those of the settings; `start` and `max` cut a window out of them. */
export type RuleListRequest = RuleFilter & {
  source?: 'own' | BuiltInSource | undefined;
  /** Of all of them together. */
  sort?: SortWord<RuleColumn> | undefined;
  start: number;
  max: number;
};

export type RuleColumn = 'name' | 'isEnabled';

const ORDERS: Readonly<Record<RuleColumn, (rule: AlertRuleView) => SortKey>> = {
  name: ({ name }) => nameOrder(nameKey(name)),
  isEnabled: ({ isEnabled }) => isEnabled,
};

/** Rules: who is told of what happens where. */
export function createRuleManagement(deps: ManagementDeps & { builtIn: BuiltInRuleDeps }) {
  const { places } = deps;
  const { db } = deps.database;

  /** A place of another organization does not exist for this one. The transaction cannot ask: it would wait for itself. */
  async function checkPlace(scope: Scope, place: AlertRulePlace): Promise<void> {
    try {
      if (place.kind === 'location') await places.getLocation(scope, place.id);
      if (place.kind === 'building') await places.getBuildingById(scope, place.id);
      if (place.kind === 'response-location') await places.getResponseLocation(scope, place.id);
    } catch (error) {
      if (!(error instanceof ProblemError) || (error.kind !== 'not-found' && error.kind !== 'gone')) throw error;
      throw new ProblemError('invalid', `place.id: ${error.message}`, {
        cause: error,
        fields: [{ path: 'place.id', message: error.message }],
      });
    }
  }

  return {
    /** Throws `invalid` (every field at fault) or `conflict` (the name is taken). */
    async createRule(scope: Scope, given: NewRule): Promise<AlertRuleView> {
      const rule = readRule(newId(), given);
      await checkPlace(scope, rule.place);
      return changeRecipients(deps, scope, 'rule', async (tx, now) => {
        await requireTargets(tx, scope.organizationId, rule);
        await insertRule(tx, scope.organizationId, rule, now);
        const entry = { action: 'alert-rule.created', subject: `alert rule ${rule.id}`, after: trailOf(rule) };
        return { result: viewOf(rule), entry };
      });
    },

    async listRules(scope: Scope, { start, max, source, sort, ...filter }: RuleListRequest): Promise<AlertRuleView[]> {
      const { organizationId } = scope;
      const isFindable = [filter.placeId, filter.recipientId, filter.groupId].every(
        (id) => id === undefined || isUuid(id),
      );
      if (!isFindable) return [];
      const wantsOwn = source === undefined || source === 'own';
      if (sort !== undefined) {
        const all = wantsOwn ? (await selectRules(db, { organizationId }, { filter })).map(viewOf) : [];
        if (source !== 'own') {
          for (const rule of builtInRules(deps.builtIn, organizationId)) {
            if ((source === undefined || rule.source === source) && meets(rule, filter)) all.push(rule);
          }
        }
        return sortItems(all, sort, ORDERS).slice(start, start + max);
      }
      const window = { start, max };
      const own = wantsOwn ? await selectRules(db, { organizationId, window }, { filter }) : [];
      if (source === 'own' || own.length === max) return own.map(viewOf);
      const found: AlertRuleView[] = own.map(viewOf);
      // Where own rules stand on this page, those of the settings begin on it.
      let passing = own.length > 0 ? 0 : start - (wantsOwn ? await countRules(db, organizationId, filter) : 0);
      for (const rule of builtInRules(deps.builtIn, organizationId)) {
        if (found.length === max) break;
        if ((source !== undefined && rule.source !== source) || !meets(rule, filter)) continue;
        if (passing > 0) passing -= 1;
        else found.push(rule);
      }
      return found;
    },

    /** Throws `not-found` or `gone`. */
    async getRule(scope: Scope, id: string): Promise<AlertRuleView> {
      if (isBuiltIn(id)) {
        for (const rule of builtInRules(deps.builtIn, scope.organizationId)) if (rule.id === id) return rule;
      }
      return viewOf(await requireRule(db, scope, id));
    },

    /** Throws as `createRule`, `not-found`, `gone`, or `conflict` for a rule that the settings make. */
    async updateRule(scope: Scope, id: string, changes: Partial<NewRule>): Promise<AlertRuleView> {
      refuseBuiltIn(id);
      if (changes.place !== undefined) {
        const before = await requireRule(db, scope, id);
        await checkPlace(scope, readRule(before.id, withChanges<NewRule>(before, changes), before).place);
      }
      return changeRecipients(deps, scope, 'rule', async (tx, now) => {
        const before = await requireRule(tx, scope, id);
        const rule = readRule(before.id, withChanges<NewRule>(before, changes), before);
        await requireTargets(tx, scope.organizationId, rule);
        await replaceRule(tx, scope.organizationId, rule, now);
        const entry = {
          action: 'alert-rule.updated',
          subject: `alert rule ${rule.id}`,
          before: trailOf(before),
          after: trailOf(rule),
        };
        return { result: viewOf(rule), entry };
      });
    },

    /** Throws `not-found`, `gone`, or `conflict` for a rule that the settings make. */
    async removeRule(scope: Scope, id: string): Promise<void> {
      refuseBuiltIn(id);
      const { organizationId } = scope;
      await changeRecipients(deps, scope, 'rule', async (tx, now) => {
        const before = await requireRule(tx, scope, id);
        await keepRemoval(tx, keptRemoval(scope, 'alert-rule', before, now), REMOVED_ROWS['alert-rule']);
        await deleteRuleRow(tx, organizationId, before.id);
        await recordRemoval(tx, { organizationId, kind: 'alert-rule', id: before.id });
        const entry = { action: 'alert-rule.removed', subject: `alert rule ${before.id}`, before: trailOf(before) };
        return { result: undefined, entry };
      });
    },
  };
}

function isBuiltIn(id: string): boolean {
  return BUILT_IN_SOURCES.some((source) => id === source || id.startsWith(`${source}:`));
}

function refuseBuiltIn(id: string): void {
  if (isBuiltIn(id)) {
    throw new ProblemError('conflict', 'this rule is made by settings: its changedBy says where they are changed');
  }
}

function meets(rule: BuiltInRule, filter: RuleFilter): boolean {
  const { groupId, isEnabled, placeId, placeKind, recipientId, text, trigger } = filter;
  if (recipientId !== undefined || groupId !== undefined) return false;
  if (trigger !== undefined && !rule.triggers.includes(trigger)) return false;
  if (isEnabled !== undefined && rule.isEnabled !== isEnabled) return false;
  if (placeKind !== undefined && rule.place.kind !== placeKind) return false;
  if (placeId !== undefined && rule.place.id !== placeId.toLowerCase()) return false;
  if (text === undefined) return true;
  const part = nameKey(text);
  return nameKey(rule.name).includes(part) || rule.addresses.some((address) => address.toLowerCase().includes(part));
}

async function requireTargets(tx: Transaction, organizationId: string, { steps }: AlertRule): Promise<void> {
  const faults = createFieldFaults();
  const recipients = await selectRecipientIds(tx, organizationId, [
    ...new Set(steps.flatMap((step) => step.recipientIds)),
  ]);
  const groups = await selectGroupIds(tx, organizationId, [...new Set(steps.flatMap((step) => step.groupIds))]);
  for (const [index, { groupIds, recipientIds }] of steps.entries()) {
    requireKnown(recipientIds, recipients, `steps.${index}.recipientIds`, 'alert recipient', faults);
    requireKnown(groupIds, groups, `steps.${index}.groupIds`, 'alert group', faults);
  }
  faults.throwIfAny();
}

function requireKnown(
  ids: readonly string[],
  known: ReadonlySet<string>,
  path: string,
  noun: string,
  faults: FieldFaults,
): void {
  for (const [index, id] of ids.entries()) {
    if (!known.has(id)) faults.add(`${path}.${index}`, `there is no ${noun} ${id}`);
  }
}

async function requireRule(db: Queryable, scope: Scope, id: string): Promise<AlertRule> {
  const { organizationId } = scope;
  const [row] = isUuid(id) ? await selectRules(db, { organizationId, ids: [id] }) : [];
  if (!row) throw missing(await wasRemoved(db, { organizationId, kind: 'alert-rule', id }), `alert rule ${id}`);
  const { organizationId: _own, ...rule } = row;
  return rule;
}

function viewOf(rule: AlertRule & { organizationId?: string }): AlertRuleView {
  const { organizationId: _own, ...own } = rule;
  return { ...own, source: 'own', isReadOnly: false };
}
