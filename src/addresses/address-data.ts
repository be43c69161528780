import type { Audit } from '../audit/audit.ts';
import type { Database } from '../storage/database.ts';
import { createSnapshot, type Snapshot } from '../storage/snapshot.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { createAddressLayerSnapshot } from './address-layer-snapshot.ts';
import type { AddressSources, AddressValidation, UncheckedAddress } from './addresses.ts';
import { type AddressLayerManagement, createAddressLayerManagement } from './manage-address-layers.ts';
import {
  type AddressOverrideManagement,
  addressOverrideSnapshotDefinition,
  createAddressOverrideManagement,
} from './manage-address-overrides.ts';
import { createMapFeatureFinder, type MapFeatureFinder } from './map-features.ts';
import { type AddressReviews, createAddressReviews, type StoredAddress } from './review-addresses.ts';

export type { LayerVersion, StartLayerImport } from './manage-address-layers.ts';
export type { AddressOverrideView } from './manage-address-overrides.ts';
export type { AddressReview, AddressStatus, StatusQuery, StoredAddress } from './review-addresses.ts';

/** The data that addresses are checked against, and what follows when they change. Layers are the operator's, platform-wide. */
export type AddressData = AddressSources &
  Omit<AddressLayerManagement, 'stop'> &
  AddressOverrideManagement &
  Omit<AddressReviews, 'stop'> & {
    snapshots: readonly Snapshot<unknown>[];
    /** Streets and houses of small areas, for maps. */
    mapFeatures: MapFeatureFinder;
    /** Ends what runs beside. */
    stop(): Promise<void>;
  };

export function createAddressData(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  snapshotFolder: string | undefined;
  /** Files that are being read; undefined = somewhere temporary. */
  importFolder: string | undefined;
  /** What programs that read files (GDAL) get of the environment; none: nothing. */
  toolEnvironment?: Readonly<Record<string, string>>;
  /** Late-bound: addresses are checked by the room's other face. */
  validate: (address: UncheckedAddress, organizationId?: string) => Promise<AddressValidation>;
  storedAddresses: () => AsyncIterable<StoredAddress>;
}): AddressData {
  const { database, logger } = deps;
  const layers = createAddressLayerSnapshot({ database, logger, folder: deps.snapshotFolder });
  const overrides = createSnapshot(
    { folder: deps.snapshotFolder, logger },
    addressOverrideSnapshotDefinition({ database }),
  );
  const { stop: stopReviews, ...reviews } = createAddressReviews(deps);

  /** Stored addresses are looked at with what is in force now, also where the feed has not come by yet. */
  function reviewAfter(reading: Promise<void>, reason: string): void {
    reading.then(
      () => reviews.reviewSoon(reason),
      (error: unknown) =>
        logger.warn({ err: errorText(error) }, 'address data could not be read after a change; the feed tries again'),
    );
  }

  const { stop: stopImports, ...management } = createAddressLayerManagement({
    ...deps,
    onSwitched: (reason) => reviewAfter(layers.loadFromDatabase(), reason),
  });
  return {
    layers: () => layers.current(),
    overridesOf: (organizationId) => overrides.current().get(organizationId),
    ...management,
    ...createAddressOverrideManagement({
      ...deps,
      onChanged: (organizationId) => {
        const change = { sequence: 0, kind: 'address-overrides', organizationId } as const;
        reviewAfter(overrides.apply([change]), `address overrides of ${organizationId}`);
      },
    }),
    ...reviews,
    snapshots: [layers, overrides],
    mapFeatures: createMapFeatureFinder(() => layers.current()),
    async stop() {
      await stopImports();
      await stopReviews();
    },
  };
}
