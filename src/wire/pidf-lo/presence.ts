import type { CivicAddress } from '../../domain/civic-address.ts';
import type { LocationValue } from '../../domain/location-value.ts';
import type { Shape } from '../../domain/shape.ts';

/**
 * One `geopriv` element of a presence document (RFC 4119 §2.2, RFC 5491 §3). `civic` and `shape` are the first of their
 * kind in it; both together describe one place (rule 6).
 */
export type PidfLocation = LocationValue & {
  /** The element of the presence document that holds it; `tuple` when absent. */
  element?: 'device' | 'tuple' | 'person';
  /** Its `id`; must be an XML name. Made up when written without. */
  id?: string;
  /** `deviceID` (RFC 4479) of a `device`, which cannot be written without. */
  deviceId?: string;
  /** The civic address stands before the shape. */
  civicFirst?: boolean;
  /** `xml:lang` of the civic address. */
  civicLanguage?: string;
  /** Further shapes and addresses in the same `location-info`, in their order. */
  otherShapes?: readonly Shape[];
  otherCivics?: readonly CivicAddress[];
  /** RFC 4119 §2.2.2. */
  retransmissionAllowed?: boolean;
  retentionExpiry?: Date;
  /** Where what the location is based on was measured (RFC 7105 §4.4). */
  source?: readonly LocationSource[];
  /** That the confidence of an area is not known is said, for silence means 95 % (RFC 7459 §4.1). */
  confidenceUnknown?: true;
};

export const LOCATION_SOURCES = ['lis', 'device', 'other'] as const;
export type LocationSource = (typeof LOCATION_SOURCES)[number];

/** A PIDF-LO document. */
export type PidfDocument = {
  /** `pres:` URI of the presentity, an unlinked pseudonym where we write it (RFC 5985 §6.6). */
  entity: string;
  /** Every location that holds a usable civic address or shape, in document order. */
  locations: readonly PidfLocation[];
};

/** A document as read: `notes` tells in words, for a trace, what was not understood, repaired or passed over. */
export type ReadPidfDocument = PidfDocument & { notes: readonly string[] };

const PRIORITY = ['device', 'tuple', 'person'] as const;

/** The location to use when one is wanted: the first `device`, else `tuple`, else `person` (RFC 5491 §3 rule 8). */
export function preferredLocation(document: PidfDocument): PidfLocation | undefined {
  for (const element of PRIORITY) {
    const found = document.locations.find((location) => (location.element ?? 'tuple') === element);
    if (found !== undefined) return found;
  }
  return undefined;
}
