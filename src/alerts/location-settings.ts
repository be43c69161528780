import { ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import { announceChange } from '../storage/change-feed.ts';
import { isForeignKeyViolation } from '../storage/constraint-violation.ts';
import { readAddressField } from './email-addresses.ts';
import {
  findLocationNotification,
  findOrganizationNotification,
  saveLocationNotification,
} from './notification-records.ts';
import {
  type LocationNotification,
  type LocationNotificationPatch,
  type LocationNotificationView,
  SILENT_LOCATION,
  SILENT_ORGANIZATION,
} from './notification-settings.ts';
import type { SettingsDeps } from './organization-settings.ts';
import { lockRecipients } from './recipients/recipient-records.ts';

export type LocationSettingsDeps = SettingsDeps & {
  /** Rejects with `not-found` when the organization of the scope has no such location, `forbidden` when it may not touch it. */
  requireLocation(scope: Scope, locationId: string): Promise<unknown>;
};

/** What the location said about emergency call notification, and its organization beside it (contract section 5). */
export async function readLocationSettings(
  deps: LocationSettingsDeps,
  scope: Scope,
  locationId: string,
): Promise<LocationNotificationView> {
  await deps.requireLocation(scope, locationId);
  const { db } = deps.database;
  const settings = (await findLocationNotification(db, scope.organizationId, locationId)) ?? SILENT_LOCATION;
  const organization = (await findOrganizationNotification(db, scope.organizationId)) ?? SILENT_ORGANIZATION;
  return { ...settings, organization };
}

/** Changes what the patch names and gives the settings as they then are. */
export async function updateLocationSettings(
  deps: LocationSettingsDeps,
  scope: Scope,
  locationId: string,
  patch: LocationNotificationPatch,
): Promise<LocationNotification> {
  await deps.requireLocation(scope, locationId);
  const address = patch.emailAddress === undefined ? undefined : readAddressField(patch.emailAddress, 'emailAddress');
  const change = deps.database.db.transaction().execute(async (tx) => {
    await lockRecipients(tx, scope.organizationId);
    const before = (await findLocationNotification(tx, scope.organizationId, locationId)) ?? SILENT_LOCATION;
    const after: LocationNotification = {
      emergencyCallNotificationEnabled:
        patch.emergencyCallNotificationEnabled ?? before.emergencyCallNotificationEnabled,
      emailAddress: address === undefined ? before.emailAddress : address,
    };
    await saveLocationNotification(tx, scope.organizationId, locationId, after, new Date(deps.clock.nowMs()));
    await deps.audit.record(tx, scope, {
      action: 'notification.location-updated',
      subject: `location ${locationId}`,
      before,
      after,
    });
    await announceChange(tx, 'notifications', scope.organizationId);
    return after;
  });
  try {
    return await change;
  } catch (error) {
    if (!isForeignKeyViolation(error)) throw error;
    throw new ProblemError('conflict', 'the location was just removed', { cause: error });
  }
}
