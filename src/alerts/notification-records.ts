import type { Queryable, Transaction } from '../storage/database.ts';
import type { LocationNotification, OrganizationNotification } from './notification-settings.ts';

type StoredOrganization = { enabled: boolean; allLocations: boolean; emailAddress: string | null };
type StoredLocation = { enabled: boolean; emailAddress: string | null };

function organizationOf(row: StoredOrganization): OrganizationNotification {
  return {
    emergencyCallNotificationEnabled: row.enabled,
    allowEmailNotificationAllLocationEnabled: row.allLocations,
    emailAddress: row.emailAddress,
  };
}

function locationOf(row: StoredLocation): LocationNotification {
  return { emergencyCallNotificationEnabled: row.enabled, emailAddress: row.emailAddress };
}

export async function findOrganizationNotification(
  db: Queryable,
  organizationId: string,
): Promise<OrganizationNotification | undefined> {
  const row = await db
    .selectFrom('organizationNotifications')
    .select(['enabled', 'allLocations', 'emailAddress'])
    .where('organizationId', '=', organizationId)
    .executeTakeFirst();
  return row && organizationOf(row);
}

export async function saveOrganizationNotification(
  tx: Transaction,
  organizationId: string,
  settings: OrganizationNotification,
  now: Date,
): Promise<void> {
  const values = {
    enabled: settings.emergencyCallNotificationEnabled,
    allLocations: settings.allowEmailNotificationAllLocationEnabled,
    emailAddress: settings.emailAddress,
    updatedAt: now,
  };
  await tx
    .insertInto('organizationNotifications')
    .values({ organizationId, ...values })
    .onConflict((conflict) => conflict.column('organizationId').doUpdateSet(values))
    .execute();
}

export async function findLocationNotification(
  db: Queryable,
  organizationId: string,
  locationId: string,
): Promise<LocationNotification | undefined> {
  const row = await db
    .selectFrom('locationNotifications')
    .select(['enabled', 'emailAddress'])
    .where('organizationId', '=', organizationId)
    .where('locationId', '=', locationId)
    .executeTakeFirst();
  return row && locationOf(row);
}

export async function saveLocationNotification(
  tx: Transaction,
  organizationId: string,
  locationId: string,
  settings: LocationNotification,
  now: Date,
): Promise<void> {
  const values = {
    enabled: settings.emergencyCallNotificationEnabled,
    emailAddress: settings.emailAddress,
    updatedAt: now,
  };
  await tx
    .insertInto('locationNotifications')
    .values({ organizationId, locationId, ...values })
    .onConflict((conflict) => conflict.columns(['organizationId', 'locationId']).doUpdateSet(values))
    .execute();
}

/** Everything that one organization (or, without `organizationId`, every organization) said, for the snapshot. */
export async function selectNotifications(
  db: Queryable,
  organizationId?: string,
): Promise<{
  organizations: { organizationId: string; settings: OrganizationNotification }[];
  locations: { organizationId: string; locationId: string; settings: LocationNotification }[];
}> {
  let organizations = db.selectFrom('organizationNotifications').selectAll();
  let locations = db.selectFrom('locationNotifications').selectAll();
  if (organizationId !== undefined) {
    organizations = organizations.where('organizationId', '=', organizationId);
    locations = locations.where('organizationId', '=', organizationId);
  }
  return {
    organizations: (await organizations.execute()).map((row) => ({
      organizationId: row.organizationId,
      settings: organizationOf(row),
    })),
    locations: (await locations.execute()).map((row) => ({
      organizationId: row.organizationId,
      locationId: row.locationId,
      settings: locationOf(row),
    })),
  };
}
