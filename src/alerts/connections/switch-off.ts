import type { Audit } from '../../audit/audit.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { replaceConnection, selectConnection } from './connection-records.ts';

/**
 * Switches a connection off because its other side said that it is gone for good. One that was changed since is left as it is:
 * the answer was not about it any more.
 */
export function createSwitchOff(deps: { database: Database; audit: Audit; clock: Clock }) {
  return (
    { organizationId, id, version }: { organizationId: string; id: string; version: number },
    reason: string,
  ): Promise<void> =>
    deps.database.db.transaction().execute(async (tx) => {
      const before = await selectConnection(tx, organizationId, id, 'update');
      if (before === undefined || !before.isEnabled || before.version !== version) return;
      const change = { isEnabled: false, disabledReason: reason };
      const updatedAt = new Date(deps.clock.nowMs()).toISOString();
      await replaceConnection(tx, { ...before, ...change, version: version + 1, updatedAt });
      await deps.audit.record(
        tx,
        { organizationId, tokenId: 'alerts', trackingId: id },
        {
          action: 'alert-connection.switched-off',
          subject: `alert-connection ${id}`,
          before: { isEnabled: true, disabledReason: before.disabledReason },
          after: change,
          detail: { name: before.name },
        },
      );
      await announceChange(tx, 'alert-connections', organizationId);
    });
}
