import type { Audit } from '../audit/audit.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { readAddressField } from './email-addresses.ts';
import { findOrganizationNotification, saveOrganizationNotification } from './notification-records.ts';
import {
  type OrganizationNotification,
  type OrganizationNotificationPatch,
  SILENT_ORGANIZATION,
} from './notification-settings.ts';
import { lockRecipients } from './recipients/recipient-records.ts';

export type SettingsDeps = { database: Database; audit: Audit; clock: Clock };

/** What the organization said about emergency call notification (contract section 5). */
export async function readOrganizationSettings(deps: SettingsDeps, scope: Scope): Promise<OrganizationNotification> {
  return (await findOrganizationNotification(deps.database.db, scope.organizationId)) ?? SILENT_ORGANIZATION;
}

/** Changes what the patch names and gives the settings as they then are. */
export async function updateOrganizationSettings(
  deps: SettingsDeps,
  scope: Scope,
  patch: OrganizationNotificationPatch,
): Promise<OrganizationNotification> {
  const address = patch.emailAddress === undefined ? undefined : readAddressField(patch.emailAddress, 'emailAddress');
  return deps.database.db.transaction().execute(async (tx) => {
    await lockRecipients(tx, scope.organizationId);
    const before = (await findOrganizationNotification(tx, scope.organizationId)) ?? SILENT_ORGANIZATION;
    const after: OrganizationNotification = {
      emergencyCallNotificationEnabled:
        patch.emergencyCallNotificationEnabled ?? before.emergencyCallNotificationEnabled,
      allowEmailNotificationAllLocationEnabled:
        patch.allowEmailNotificationAllLocationEnabled ?? before.allowEmailNotificationAllLocationEnabled,
      emailAddress: address === undefined ? before.emailAddress : address,
    };
    await saveOrganizationNotification(tx, scope.organizationId, after, new Date(deps.clock.nowMs()));
    await deps.audit.record(tx, scope, {
      action: 'notification.organization-updated',
      subject: `organization ${scope.organizationId}`,
      before,
      after,
    });
    await announceChange(tx, 'notifications', scope.organizationId);
    return after;
  });
}
