import type { Database } from '../storage/database.ts';
import type { SnapshotDefinition } from '../storage/snapshot.ts';
import { selectNotifications } from './notification-records.ts';
import {
  type LocationNotification,
  type OrganizationNotification,
  SILENT_LOCATION,
  SILENT_ORGANIZATION,
} from './notification-settings.ts';

type Rows = { organization: OrganizationNotification | null; locations: [string, LocationNotification][] };

/** The settings of every organization, in memory and on disk, so that alerts find their recipients without the database. */
export type NotificationIndex = {
  organization(organizationId: string): OrganizationNotification;
  location(organizationId: string, locationId: string): LocationNotification;
};

type Entry = { organization: OrganizationNotification; locations: ReadonlyMap<string, LocationNotification> };

export function notificationSnapshotDefinition(database: Database): SnapshotDefinition<Rows, NotificationIndex> {
  async function load(organizationId?: string): Promise<Map<string, Rows>> {
    const stored = await selectNotifications(database.db, organizationId);
    const rows = new Map<string, Rows>();
    const rowsOf = (id: string): Rows => {
      let entry = rows.get(id);
      if (!entry) {
        entry = { organization: null, locations: [] };
        rows.set(id, entry);
      }
      return entry;
    };
    for (const row of stored.organizations) rowsOf(row.organizationId).organization = row.settings;
    for (const row of stored.locations) rowsOf(row.organizationId).locations.push([row.locationId, row.settings]);
    return rows;
  }

  return {
    name: 'notifications',
    version: 1,
    kinds: ['notifications'],
    loadAll: () => load(),
    loadOne: async (key) => (await load(key)).get(key) ?? null,
    build(rows) {
      const entries = new Map<string, Entry>();
      for (const [id, stored] of rows) {
        entries.set(id, {
          organization: stored.organization ?? SILENT_ORGANIZATION,
          locations: new Map(stored.locations),
        });
      }
      return {
        organization: (id) => entries.get(id)?.organization ?? SILENT_ORGANIZATION,
        location: (id, locationId) => entries.get(id)?.locations.get(locationId) ?? SILENT_LOCATION,
      };
    },
  };
}
