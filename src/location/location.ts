import type { LocationValue } from '../domain/location-value.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import type { DeviceQuestion, LocatedDevice, LocationTarget, TargetPlaces } from './located-device.ts';

export type {
  DeviceQuestion,
  LocatedDevice,
  LocatingRule,
  LocationCandidate,
  LocationTarget,
  TargetPlaces,
} from './located-device.ts';

export type IssuedLocationUri = { uri: string; expires: Date };

export type ResolvedLocationUri =
  | {
      found: true;
      organizationId: string;
      target: LocationTarget;
      places: TargetPlaces;
      /** The target's address as of now, not as of when the URI was made. */
      value: LocationValue;
      expires: Date;
    }
  | { found: false; reason: 'unknown' | 'expired' | 'revoked' };

/** FIND: the location information server. Everything here answers from memory; nothing throws. */
export type Location = {
  locateDevice(question: DeviceQuestion): LocatedDevice;
  /** null only on a node that never saw the database: it has no key yet. */
  issueLocationUri(organizationId: string, target: LocationTarget, lifetimeMs?: number): IssuedLocationUri | null;
  resolveLocationUri(uriOrReference: string, nowMs: number): ResolvedLocationUri;
  isOwnLocationUri(uri: string): boolean;
  readonly snapshots: readonly Snapshot<unknown>[];
};
