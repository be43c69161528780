import type { Audit } from '../../audit/audit.ts';
import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { Scope } from '../../domain/scope.ts';
import { announceChange } from '../../storage/change-feed.ts';
import type { Database } from '../../storage/database.ts';
import { createSnapshot, type Snapshot } from '../../storage/snapshot.ts';
import type { Clock } from '../../support/clock.ts';
import type { Logger } from '../../support/logger.ts';
import { lockRecipients } from '../recipients/recipient-records.ts';
import {
  type AlertSettings,
  type AlertSettingsPatch,
  DEFAULT_ALERT_SETTINGS,
  patchAlertSettings,
} from './alert-settings.ts';
import { findAlertSettings, saveAlertSettings, selectAlertSettings } from './alert-settings-records.ts';

/** What organizations settled about their alerts. */
export type AlertSettingsManagement = {
  readonly snapshot: Snapshot<unknown>;
  /** From memory; the defaults of an organization that never said anything. Never throws. */
  settingsOf(organizationId: string): AlertSettings;
  /** Organizations whose contract's recipients are told of this. */
  organizationsTold(trigger: AlertTrigger): readonly string[];
  readAlertSettings(scope: Scope): Promise<AlertSettings>;
  /** Changes what the patch names. Problems: `invalid`. */
  updateAlertSettings(scope: Scope, patch: AlertSettingsPatch): Promise<AlertSettings>;
};

export function createAlertSettings(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  snapshotFolder: string | undefined;
}): AlertSettingsManagement {
  const { database, audit, clock, logger } = deps;
  const snapshot = createSnapshot<AlertSettings, ReadonlyMap<string, AlertSettings>>(
    { folder: deps.snapshotFolder, logger },
    {
      name: 'alert-settings',
      version: 1,
      kinds: ['notifications'],
      loadAll: () => selectAlertSettings(database.db),
      loadOne: async (key) => (await findAlertSettings(database.db, key)) ?? null,
      build: (rows) => rows,
    },
  );
  return {
    snapshot,
    settingsOf: (organizationId) => snapshot.current().get(organizationId) ?? DEFAULT_ALERT_SETTINGS,
    organizationsTold: (trigger) =>
      [...snapshot.current()].flatMap(([organizationId, { contractTriggers }]) =>
        contractTriggers.includes(trigger) ? [organizationId] : [],
      ),
    async readAlertSettings({ organizationId }) {
      return (await findAlertSettings(database.db, organizationId)) ?? DEFAULT_ALERT_SETTINGS;
    },
    updateAlertSettings: (scope, patch) =>
      database.db.transaction().execute(async (tx) => {
        const { organizationId } = scope;
        await lockRecipients(tx, organizationId);
        const before = (await findAlertSettings(tx, organizationId)) ?? DEFAULT_ALERT_SETTINGS;
        const after = patchAlertSettings(before, patch);
        await saveAlertSettings(tx, organizationId, after, new Date(clock.nowMs()));
        await audit.record(tx, scope, {
          action: 'alert.settings-updated',
          subject: `organization ${organizationId}`,
          before,
          after,
        });
        await announceChange(tx, 'notifications', organizationId);
        return after;
      }),
  };
}
