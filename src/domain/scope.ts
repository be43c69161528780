/** Administrator roles of the contract (section 1), the partner's, and the operator of this platform. */
export type Role = 'fullAdmin' | 'readOnlyAdmin' | 'userAdmin' | 'locationAdmin' | 'partnerAdmin' | 'operator';

export const ROLES: readonly Role[] = [
  'fullAdmin',
  'readOnlyAdmin',
  'userAdmin',
  'locationAdmin',
  'partnerAdmin',
  'operator',
];

/** OAuth scopes as the contract names them, plus Waymark's own for what the contract lacks. */
export const OAUTH_SCOPES = [
  'spark-admin:telephony_config_read',
  'spark-admin:telephony_config_write',
  'spark-admin:telephony_pstn_read',
  'spark-admin:telephony_pstn_write',
  'spark-admin:locations_read',
  'spark-admin:locations_write',
  'spark-admin:people_read',
  'spark-admin:people_write',
  'spark-admin:workspaces_read',
  'spark-admin:workspaces_write',
  'spark-admin:devices_read',
  'spark:people_read',
  'waymark:read',
  'waymark:write',
  'waymark:platform',
] as const;

export type OAuthScope = (typeof OAUTH_SCOPES)[number];

/**
 * A change of something that has versions: one for each entry of the audit trail about it. Judged where the entry is written, in the
 * transaction of the change.
 */
export type Edit = {
  /** Subjects of the trail that make a version of it. */
  subjects: readonly string[];
  /** Actions that do; all unless told. */
  actions?: readonly string[] | undefined;
  /** Versions that whoever asks has read, one of which must be the newest; undefined: any (RFC 9110 §13.1.1). */
  expected?: ReadonlySet<string>;
  /** The version that the change made; undefined until it is written. */
  written?: string;
};

/** Who asks, for which organization. Made once per request by accounts/authenticate; every query carries it. */
export type Scope = {
  /** The organization this request acts on (UUID). */
  organizationId: string;
  /** The organization that the token belongs to; differs only for partners and operators. */
  homeOrganizationId: string;
  tokenId: string;
  /** What the token is called, shown as the name of a program that has no person. */
  label?: string;
  /** The person of the home organization whose token it is; undefined = a program's. */
  personId?: string;
  /** Ties the request, its log lines and its audit rows together. */
  trackingId: string;
  /** Where the request came from, as seen behind the configured proxies; undefined = not from outside. */
  remoteAddress?: string;
  role: Role;
  scopes: ReadonlySet<OAuthScope>;
  /** When the token ends; undefined = it does not. */
  expiresAtMs?: number;
  /** When the session of a browser ends, which signed in with that token; undefined = no browser's. */
  sessionEndsAtMs?: number;
  /** The outside provider that let that browser in lets it sign out there as well. */
  endsAtProvider?: boolean;
  /** For partner administrators: the partner whose organizations they may name. */
  partnerId?: string;
  /** For location administrators: the locations they may touch; undefined = all of the organization. */
  locationIds?: ReadonlySet<string>;
  /** What the request changes, where that has versions. */
  edit?: Edit;
};

/** Who acts, as far as those of the organization may know: what partners and the operator call their tokens is theirs. */
export function shownActor({ homeOrganizationId, label, organizationId, role, tokenId }: Scope): string {
  if (homeOrganizationId === organizationId) return label ?? tokenId;
  return shownOutsider(role) ?? tokenId;
}

/** Somebody of another organization who acts for this one; undefined: no such role. */
export function shownOutsider(role: string | null): string | undefined {
  if (role === 'operator') return 'the operator of the platform';
  return role === 'partnerAdmin' ? 'a partner' : undefined;
}
