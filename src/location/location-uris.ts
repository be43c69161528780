import type { LocationValue } from '../domain/location-value.ts';
import type { Clock } from '../support/clock.ts';
import type { LocatingRule, LocationTarget } from './located-device.ts';
import type { IssuedLocationUri, ResolvedLocationUri } from './location.ts';
import type { LocationUriIndex } from './location-uri-snapshot.ts';
import { type KnownPlaces, placeOfTarget } from './place-of-target.ts';
import { resolutionOf } from './resolution-table.ts';
import { openReference, referenceId, type SealedReference, sealReference } from './seal-reference.ts';

/** RFC 5985 §6.5.2: between 30 minutes and 24 hours. An hour below the limit leaves room for clocks that differ. */
const DEFAULT_LIFETIME_MS = 23 * 3_600_000;
const SHORTEST_LIFETIME_MS = 31 * 60_000;

const PATH = '/held/l/';

const MAX_URI = 2_048;

/**
 * The reference in a URI that somebody on the way spelled anew: host in capitals, default port written out, http for https
 * (RFC 3986 §6.2). What it leads to is told by its reference alone.
 */
function respelledReference(text: string, base: string): string | undefined {
  // Most URIs that are not ours end here.
  if (!text.includes(PATH)) return undefined;
  const uri = URL.parse(text);
  const own = URL.parse(base);
  if (!uri || !own || !/^https?:$/.test(uri.protocol)) return undefined;
  const isSameHost = uri.hostname === own.hostname && portOf(uri) === portOf(own);
  return isSameHost && uri.pathname.startsWith(own.pathname) ? uri.pathname.slice(own.pathname.length) : undefined;
}

/** The two schemes have one door: their default ports count as one. */
function portOf({ protocol, port }: URL): string {
  return port === (protocol === 'https:' ? '443' : '80') ? '' : port;
}

export type LocationUriDeps = {
  index: () => LocationUriIndex;
  places: KnownPlaces;
  clock: Clock;
  /** WAYMARK_PUBLIC_URL; a function, for the port may be known only after listening. */
  publicUrl: () => string;
};

export type OpenedReference =
  | { found: true; reference: SealedReference; id: string }
  | { found: false; reason: 'unknown' | 'expired' | 'revoked' };

/** What the rule that found the device says of the location; a place that the platform itself put on a call has none. */
function howFound(
  target: LocationTarget,
  rule: LocatingRule | null,
): Pick<LocationValue, 'method' | 'confidencePercent'> {
  if (rule === null) return { method: target.kind === 'erl' ? 'Wiremap' : 'Manual' };
  const { method, confidencePercent } = resolutionOf(rule);
  return { method, confidencePercent };
}

/** Location URIs (RFC 5985 §6.5.1): made and resolved from memory. */
export function createLocationUris(deps: LocationUriDeps) {
  const uriBase = (): string => `${deps.publicUrl().replace(/\/+$/, '')}${PATH}`;

  /** The reference in a location URI of ours; a bare reference is one already. */
  function referenceOf(uriOrReference: string): string | undefined {
    if (!uriOrReference.includes(':')) return uriOrReference;
    const base = uriBase();
    if (uriOrReference.startsWith(base)) return uriOrReference.slice(base.length);
    return uriOrReference.length <= MAX_URI ? respelledReference(uriOrReference, base) : undefined;
  }

  function openLocationUri(uriOrReference: string, nowMs: number): OpenedReference {
    const text = referenceOf(uriOrReference);
    const id = text === undefined ? undefined : referenceId(text);
    const { keys, revoked } = deps.index();
    const reference = text === undefined ? undefined : openReference(keys, text);
    if (reference === undefined || id === undefined) return { found: false, reason: 'unknown' };
    if (reference.expiresSeconds * 1_000 <= nowMs) return { found: false, reason: 'expired' };
    if (revoked.get(reference.organizationId)?.has(id) === true) return { found: false, reason: 'revoked' };
    return { found: true, reference, id };
  }

  return {
    openLocationUri,

    isOwnLocationUri: (uri: string): boolean => uri.includes(':') && referenceOf(uri) !== undefined,

    issueLocationUri(
      organizationId: string,
      target: LocationTarget,
      rule: LocatingRule | null = null,
      lifetimeMs: number = DEFAULT_LIFETIME_MS,
    ): IssuedLocationUri | null {
      const key = deps.index().keys.at(-1);
      if (key === undefined) return null;
      const lifetime = Math.min(DEFAULT_LIFETIME_MS, Math.max(SHORTEST_LIFETIME_MS, lifetimeMs));
      const issuedSeconds = Math.floor(deps.clock.nowMs() / 1_000);
      const expiresSeconds = issuedSeconds + Math.floor(lifetime / 1_000);
      const reference = sealReference(key, { organizationId, target, rule, issuedSeconds, expiresSeconds });
      return { uri: uriBase() + reference, expires: new Date(expiresSeconds * 1_000) };
    },

    resolveLocationUri(uriOrReference: string, nowMs: number): ResolvedLocationUri {
      const opened = openLocationUri(uriOrReference, nowMs);
      if (!opened.found) return opened;
      const { organizationId, target, rule, issuedSeconds, expiresSeconds } = opened.reference;
      const foundAt = new Date(issuedSeconds * 1_000);
      const place = placeOfTarget(deps.places, organizationId, target);
      if (place === undefined) return { found: false, reason: 'unknown' };
      return {
        found: true,
        id: opened.id,
        organizationId,
        target,
        places: place.places,
        rule,
        value: { ...place.value, ...howFound(target, rule), timestamp: foundAt },
        expires: new Date(expiresSeconds * 1_000),
      };
    },
  };
}

export type LocationUris = ReturnType<typeof createLocationUris>;
