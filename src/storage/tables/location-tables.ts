import type { ColumnType, Generated } from 'kysely';

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
    /** The revision before which it holds; the greatest integer = no end. In force: from `revision` to before this one. */
    endedRevision: Generated<number>;
  };
  /** What elements were before: each row held from `revision` until `endedRevision`. */
  wireMapHistory: Omit<LocationTables['wireMapElements'], 'endedRevision'> & { endedRevision: number };
  /** Who is writing a large change of an organization's wire map; nobody else may write beside. */
  wireMapLeases: {
    organizationId: string;
    holder: string;
    /** The token of who began it, and what. */
    holderToken: string;
    action: string;
    beganAt: Date;
    /** Past a minute the holder has died. */
    renewedAt: Date;
  };
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
    /** Whether what the file does not name goes. */
    replace: boolean;
    /** A token. */
    startedBy: string;
    report: ColumnType<unknown, string | null, string | null>;
    problem: ColumnType<unknown, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** What was read of an import's file, until it is applied or forgotten: rows as JSON text. */
  wireMapImportBatches: { importId: string; batch: number; rows: string };
  /** Elements that the file of an import names, while one that replaces is under way. */
  wireMapImportNamed: { importId: string; elementId: string; notedAt: Generated<Date> };
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
