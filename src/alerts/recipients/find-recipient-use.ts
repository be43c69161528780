import type { AuditEntry } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { Transaction } from '../../storage/database.ts';
import type { AlertRule } from './alert-rule.ts';
import { deleteMember, selectGroups } from './group-records.ts';
import { deleteTargets, selectRules } from './rule-records.ts';

/** What is to be removed. */
type Removed = { kind: 'recipient' | 'group'; id: string };

const MAX_NAMED = 5;

/**
 * Takes a recipient or a group out of what names it, so that it can be removed. Throws `conflict` that says what names it,
 * unless `isForced`; and in any case where a rule would then tell nobody at all. Gives what the trail says of those that named it.
 */
export async function releaseFromUse(
  tx: Transaction,
  organizationId: string,
  removed: Removed,
  isForced: boolean,
): Promise<AuditEntry[]> {
  const isRecipient = removed.kind === 'recipient';
  const groups = isRecipient ? await selectGroups(tx, { organizationId }, { filter: { recipientId: removed.id } }) : [];
  const naming = isRecipient ? { recipientId: removed.id } : { groupId: removed.id };
  const rules = await selectRules(tx, { organizationId }, { filter: naming });
  const uses = [...groups.map(({ name }) => `group "${name}"`), ...rules.map(({ name }) => `rule "${name}"`)];
  if (uses.length === 0) return [];
  if (!isForced) {
    throw new ProblemError(
      'conflict',
      `the ${removed.kind} is still named by ${listed(uses)}; force=true takes it out`,
    );
  }
  const silent = await rulesLeftSilent(
    tx,
    organizationId,
    removed,
    rules,
    groups.map(({ id }) => id),
  );
  if (silent.length > 0) {
    throw new ProblemError(
      'conflict',
      `without it nobody would be told by ${listed(silent.map((name) => `rule "${name}"`))}`,
    );
  }
  await deleteTargets(tx, organizationId, isRecipient ? 'recipientId' : 'groupId', removed.id);
  if (isRecipient) await deleteMember(tx, organizationId, removed.id);
  const without = `alert ${removed.kind} ${removed.id}`;
  const ids = (those: readonly { id: string }[]): string[] => those.map(({ id }) => id);
  return [
    { action: 'alert-group.updated', subject: 'alert groups', detail: { without, groups: ids(groups) } },
    { action: 'alert-rule.updated', subject: 'alert rules', detail: { without, rules: ids(rules) } },
  ].filter((_, index) => (index === 0 ? groups : rules).length > 0);
}

/** Names of rules that name it, themselves or by a group, and nobody else. */
async function rulesLeftSilent(
  tx: Transaction,
  organizationId: string,
  removed: Removed,
  naming: readonly AlertRule[],
  groupIds: readonly string[],
): Promise<string[]> {
  const rules = new Map(naming.map((rule) => [rule.id, rule]));
  for (const groupId of groupIds) {
    for (const rule of await selectRules(tx, { organizationId }, { filter: { groupId } })) rules.set(rule.id, rule);
  }
  const named = new Set([...rules.values()].flatMap(({ steps }) => steps.flatMap((step) => step.groupIds)));
  const groups = await selectGroups(tx, { organizationId, ids: [...named] });
  const members = new Map(groups.map((group) => [group.id, group.recipientIds]));
  const isHeard = ({ steps }: AlertRule): boolean =>
    steps.some(
      (step) =>
        step.recipientIds.some((id) => id !== removed.id) ||
        step.groupIds.some((id) => id !== removed.id && (members.get(id) ?? []).some((one) => one !== removed.id)),
    );
  return [...rules.values()].filter((rule) => !isHeard(rule)).map(({ name }) => name);
}

function listed(uses: readonly string[]): string {
  const more = uses.length - MAX_NAMED;
  return `${uses.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
