import { type Scope, shownActor } from '../../domain/scope.ts';
import type { KeptRemoval, RemovedRow, RestorableKind } from '../../storage/kept-removals.ts';
import { trailOf } from './change-recipients.ts';

type RestorableRecipient = Extract<RestorableKind, 'alert-recipient' | 'alert-group' | 'alert-rule'>;

/** What goes with it: the groups and rules that it is taken out of have it back afterwards. */
export const REMOVED_ROWS: Readonly<Record<RestorableRecipient, RemovedRow>> = {
  'alert-recipient': {
    table: 'alert_recipients',
    along: ['alert_group_members_recipient', 'alert_rule_targets_recipient'],
  },
  'alert-group': { table: 'alert_groups', along: ['alert_rule_targets_group'] },
  'alert-rule': { table: 'alert_rules' },
};

/** A recipient, group or rule as it is kept when it is removed. */
export function keptRemoval(
  scope: Scope,
  kind: RestorableRecipient,
  removed: { id: string; name: string },
  removedAt: Date,
): KeptRemoval {
  return {
    organizationId: scope.organizationId,
    kind,
    id: removed.id,
    name: removed.name,
    locationId: null,
    removedBy: shownActor(scope),
    removedAt,
    summary: trailOf(removed),
    detail: {},
  };
}
