import { randomUUID } from 'node:crypto';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { ProblemError } from '../../src/domain/problem.ts';
import type { Scope } from '../../src/domain/scope.ts';
import { createChangeElements } from '../../src/location/change-elements.ts';
import { createExportWireMap } from '../../src/location/export-wire-map.ts';
import { createImportJobs } from '../../src/location/import-jobs.ts';
import { createImportWireMap, type ImportDeps } from '../../src/location/import-wire-map.ts';
import { createLintWireMap } from '../../src/location/lint-stored-wire-map.ts';
import { createAddressRangeManagement } from '../../src/location/manage-address-ranges.ts';
import { createWireMapManagement } from '../../src/location/manage-wire-map.ts';
import { createWireMapVersions } from '../../src/location/undo-wire-map.ts';
import { createWireMapSnapshot } from '../../src/location/wire-map-snapshot.ts';
import { createPlaces } from '../../src/places/places.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { openMigratedDatabase } from './embedded-template.ts';

export async function problemOf(work: Promise<unknown>): Promise<ProblemError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ProblemError) return error;
    throw error;
  }
  throw new Error('there was no problem');
}

/** The wire map of one organization, two sites with floors, over an in-memory database or a real one. */
export async function openWireMapWorld(options: { databaseUrl?: string; folder?: string } = {}) {
  const clock = createManualClock();
  const logger = createLogger('silent');
  const open = () => openMigratedDatabase(logger, options.databaseUrl);
  const database = await open();
  const audit = createAudit({ database, clock });
  const places = createPlaces({
    database,
    audit,
    clock,
    logger,
    snapshotFolder: undefined,
    addresses: createAddresses(),
    describeLocationUse: () => Promise.resolve(null),
  });
  const snapshot = createWireMapSnapshot({ database, logger, folder: options.folder });
  const deps: ImportDeps = { database, audit, clock, logger, places, wireMapState: (id) => snapshot.state(id) };

  async function organization(): Promise<Scope> {
    const id = randomUUID();
    await database.db.insertInto('organizations').values({ id, name: id, partnerId: null }).execute();
    const scope: Scope = {
      organizationId: id,
      homeOrganizationId: id,
      tokenId: 'token',
      trackingId: 'track',
      role: 'fullAdmin',
      scopes: new Set(),
    };
    for (const [name, floors] of [
      ['Dallas HQ', ['Lobby', 'Floor 2', 'Floor 3']],
      ['Annex', ['Lobby', 'Store']],
    ] as const) {
      const site = await places.createLocation(scope, {
        name,
        timeZone: 'America/Chicago',
        preferredLanguage: 'en_us',
        announcementLanguage: 'en_us',
        address: { address1: '1 Elm St', city: 'Dallas', state: 'TX', postalCode: '75201', country: 'US' },
      });
      await places.createBuilding(scope, site.id, { alertingEmail: 'desk@example.com' });
      for (const [floor, erl] of floors.entries()) {
        await places.createResponseLocation(scope, {
          locationId: site.id,
          name: erl,
          detail: { FLR: String(floor + 1) },
        });
      }
    }
    const changes = [{ sequence: 1, kind: 'locations' as const, organizationId: id }];
    for (const one of places.snapshots) await one.apply(changes);
    return scope;
  }

  return {
    deps,
    clock,
    database,
    places,
    snapshot,
    organization,
    ...createWireMapManagement(deps),
    ...createAddressRangeManagement(deps),
    ...createWireMapVersions(deps),
    ...createImportJobs({ ...deps, importFolder: undefined }),
    changeElements: createChangeElements(deps),
    importWireMap: createImportWireMap(deps),
    exportWireMap: createExportWireMap(deps),
    lintWireMap: createLintWireMap(deps),
    /** A second node on the same database, with a connection of its own where there is a real one. */
    async otherNode(folder?: string) {
      const own = options.databaseUrl === undefined ? database : await open();
      return {
        snapshot: createWireMapSnapshot({ database: own, logger, folder }),
        ...createImportJobs({ ...deps, database: own, importFolder: undefined }),
        close: () => (own === database ? Promise.resolve() : own.close()),
      };
    },
    /** What the platform does when the change feed tells of a change. */
    async follow({ organizationId }: Scope): Promise<void> {
      await snapshot.apply([{ sequence: 1, kind: 'wire-map', organizationId }]);
    },
    async close(): Promise<void> {
      await snapshot.stop?.();
      await database.close();
    },
  };
}

export type WireMapWorld = Awaited<ReturnType<typeof openWireMapWorld>>;
