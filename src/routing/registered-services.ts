import { canonicalServiceUrn, parentServiceUrn, SOS, TEST_SOS } from '../domain/service-urn.ts';
import type { RoutingSnapshot } from './routing-snapshot.ts';

/** The children of `urn:service:sos` that RFC 5031 §4.2 registers. */
const SOS_CHILDREN = [
  'ambulance',
  'animal-control',
  'fire',
  'gas',
  'marine',
  'mountain',
  'physician',
  'poison',
  'police',
];

/** What every authority for `sos` is an authority for: itself and its registered children, for test calls too. */
export const SOS_SERVICES: readonly string[] = [
  SOS,
  TEST_SOS,
  ...SOS_CHILDREN.flatMap((child) => [`${SOS}.${child}`, `${TEST_SOS}.${child}`]),
];

const REGISTERED: ReadonlySet<string> = new Set([
  ...SOS_SERVICES,
  // RFC 8147 §7.
  ...['ecall', 'ecall.automatic', 'ecall.manual'].flatMap((child) => [`${SOS}.${child}`, `${TEST_SOS}.${child}`]),
]);

/** RFC 7163: what a country registers below this is its own affair. */
const COUNTRY_SPECIFIC = `${SOS}.country-specific.`;

/** NENA i3 keeps the registry of these; here an authority for a parent is one for the children. */
const I3_SERVICES = 'urn:emergency:service:';

/** The service that an answer is for: the one asked for, or what stands in for it. */
export type AnsweredService = { service: string; isSubstitute: boolean };

/**
 * RFC 5222 §5.4: an answer is for the service that was asked for when that exists, by a registration or by boundaries of its
 * own; else for its nearest parent that does.
 */
export function answeredService(snapshot: RoutingSnapshot, asked: string): AnsweredService {
  if (REGISTERED.has(asked)) return { service: asked, isSubstitute: false };
  const canonical = canonicalServiceUrn(asked);
  for (let urn: string | undefined = canonical; urn !== undefined; urn = parentServiceUrn(urn)) {
    const exists =
      REGISTERED.has(urn) ||
      snapshot.importedLayers.has(urn) ||
      urn.startsWith(COUNTRY_SPECIFIC) ||
      urn.startsWith(I3_SERVICES);
    if (exists) return { service: urn, isSubstitute: urn !== canonical };
  }
  return { service: canonical, isSubstitute: false };
}
