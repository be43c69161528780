import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alerts, type AlertsDeps, createAlerts } from '../../src/alerts/alerts.ts';
import type { AlertSender } from '../../src/alerts/senders/alert-sender.ts';
import { everySender } from '../../src/alerts/senders/every-sender.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import type { PlaceBuilding, PlaceLocation, ResponseLocation } from '../../src/places/places.ts';
import type { Database } from '../../src/storage/database.ts';
import { systemClock } from '../../src/support/clock.ts';
import { newId } from '../../src/support/ids.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createMetrics, type Metrics } from '../../src/support/metrics.ts';
import { openMigratedDatabase } from './embedded-template.ts';

export const TEST_MAIL_FROM = 'Waymark <alerts@waymark.example>';

export const silentLogger = createLogger('silent');

/** An in-memory database with every table. */
export async function openTestDatabase(): Promise<Database> {
  const database = await openMigratedDatabase(silentLogger);
  return database;
}

/** An organization of its own and a full administrator's scope on it. */
export async function addOrganization(database: Database): Promise<Scope> {
  const organizationId = newId();
  await database.db
    .insertInto('organizations')
    .values({ id: organizationId, name: 'Example', partnerId: null })
    .execute();
  return {
    organizationId,
    homeOrganizationId: organizationId,
    tokenId: 'test',
    trackingId: 'test',
    role: 'fullAdmin',
    scopes: new Set(),
  };
}

type Site = { location: PlaceLocation; building?: PlaceBuilding; responseLocations: ResponseLocation[] };

/** Places held in memory: what alerts asks of that room. */
export function createSites(): AlertsDeps['places'] & {
  add(
    organizationId: string,
    options?: { alertingEmail?: string; erlEmails?: string[] },
  ): { locationId: string; erlId: string };
} {
  const sites = new Map<string, Site>();
  const times = { createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
  const postalAddress = { address1: '12 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' };
  const address = { country: 'US', A1: 'TX', A3: 'Dallas', HNO: '12', RD: 'Elm', STS: 'St', PC: '75201' };
  const site = (organizationId: string, locationId: string): Site | undefined => {
    const found = sites.get(locationId);
    return found?.location.organizationId === organizationId ? found : undefined;
  };
  return {
    add(organizationId, options = {}) {
      const locationId = newId();
      const erlId = newId();
      const buildingId = newId();
      sites.set(locationId, {
        location: {
          id: locationId,
          organizationId,
          name: 'Dallas office',
          timeZone: 'America/Chicago',
          preferredLanguage: 'en_US',
          announcementLanguage: 'en_US',
          postalAddress,
          address,
          country: 'US',
          callingEnabled: true,
          addressCheck: null,
          ...times,
        },
        ...(options.alertingEmail !== undefined && {
          building: {
            id: buildingId,
            organizationId,
            locationId,
            postalAddress,
            hasOwnAddress: false,
            address,
            addressCheck: null,
            alertingEmail: options.alertingEmail,
            ...times,
          },
        }),
        responseLocations: [
          {
            id: erlId,
            organizationId,
            name: 'Third floor, east',
            buildingId,
            locationId,
            detail: { FLR: '3', ROOM: '312' },
            civic: { ...address, FLR: '3', ROOM: '312' },
            alertEmails: options.erlEmails ?? [],
            elins: [],
            mergedIds: [],
            ...times,
          },
        ],
      });
      return { locationId, erlId };
    },
    async getLocation(scope, locationId) {
      const found = site(scope.organizationId, locationId);
      if (!found) throw new ProblemError('not-found', 'no such location');
      return found.location;
    },
    async getBuildingById(scope, id) {
      const found = [...sites.values()].find(({ building }) => building?.id === id)?.building;
      if (found?.organizationId !== scope.organizationId) throw new ProblemError('not-found', 'no such building');
      return found;
    },
    async getResponseLocation(scope, id) {
      const found = [...sites.values()].flatMap((one) => one.responseLocations).find((one) => one.id === id);
      if (found?.organizationId !== scope.organizationId) throw new ProblemError('not-found', 'no such place');
      return found;
    },
    location: (organizationId, locationId) => site(organizationId, locationId)?.location,
    locationsOf: (organizationId) =>
      [...sites.values()].map((one) => one.location).filter((location) => location.organizationId === organizationId),
    building: (organizationId, locationId) => site(organizationId, locationId)?.building,
    responseLocationsOf: (organizationId) =>
      [...sites.values()]
        .flatMap((one) => one.responseLocations)
        .filter((one) => one.organizationId === organizationId),
    responseLocation: (organizationId, id) =>
      [...sites.values()]
        .flatMap((one) => one.responseLocations)
        .find((one) => one.id === id && one.organizationId === organizationId),
  };
}

export type AlertsFixture = { alerts: Alerts; metrics: Metrics };

/** The room as platform.ts would make it, with test defaults; `overrides` laid over them. */
export function createTestAlerts({
  sender,
  ...deps
}: Pick<AlertsDeps, 'database' | 'places'> & { sender: AlertSender } & Partial<AlertsDeps>): AlertsFixture {
  const metrics = createMetrics({ processMetrics: false });
  const clock = deps.clock ?? systemClock;
  const alerts = createAlerts({
    audit: createAudit({ database: deps.database, clock }),
    senders: everySender({ email: sender }),
    mailFrom: TEST_MAIL_FROM,
    publicUrl: 'http://127.0.0.1:8911',
    snapshotFolder: undefined,
    acceptedLogPath: undefined,
    isSimulated: () => false,
    routing: { destinationsFor: () => null },
    clock,
    logger: silentLogger,
    metrics,
    retryPolicy: { retries: 3, firstDelaySeconds: 1, maxDelaySeconds: 1 },
    ...deps,
  });
  return { alerts, metrics };
}

/** A folder that is removed after `use`. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'waymark-alerts-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Asks `condition` until it holds; an error after `timeoutMs`. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(`not so after ${timeoutMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
