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
