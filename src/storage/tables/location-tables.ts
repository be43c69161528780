import type { ColumnType } from 'kysely';

export interface LocationTables {
  /** What ties a network element to an emergency response location. */
  wireMapElements: {
    id: string;
    organizationId: string;
    /** `bssid`, `switch-chassis`, `switch-port`, `mac`, `ip-range`. */
    kind: string;
    /** Canonical: MAC as `aa:bb:cc:dd:ee:ff`, range as CIDR or `from-to`. */
    value: string;
    /** Port of a switch; empty for every other kind. */
    port: string;
    responseLocationId: string;
    description: string;
    createdAt: Date;
    updatedAt: Date;
    /** The revision of the organization's wire map that made the element what it is. */
    revision: number;
  };
  /** What elements were before: each row held from `revision` until `endedRevision`. */
  wireMapHistory: LocationTables['wireMapElements'] & { endedRevision: number };
  /** Every change of an organization's wire map, counted from 1. */
  wireMapRevisions: {
    organizationId: string;
    revision: number;
    /** Tells this revision from one of the same number in another copy of the database. */
    id: string;
    action: string;
    added: number;
    changed: number;
    removed: number;
    madeAt: Date;
  };
  /** Imports that run beside their request. */
  wireMapImports: {
    id: string;
    organizationId: string;
    state: string;
    percent: number;
    report: ColumnType<unknown, string | null, string | null>;
    problem: ColumnType<unknown, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** Addresses from which an organization's sites reach the public network. */
  addressRanges: {
    id: string;
    organizationId: string;
    /** CIDR or `from-to`. */
    range: string;
    /** The site behind these addresses: where a device is when nothing else tells. */
    locationId: string | null;
    description: string;
    createdAt: Date;
  };
  /** Location URIs that no longer resolve although they have not expired. */
  locationUriRevocations: {
    organizationId: string;
    /** The random part of the reference. */
    referenceId: string;
    expiresAt: Date;
    revokedAt: Date;
  };
}
