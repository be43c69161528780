import type { ColumnType, Generated } from 'kysely';

export interface AccountsTables {
  /** Resellers under whose account an organization can stand (decision 5). */
  partners: {
    id: string;
    name: string;
    redskyOrgId: string;
    isDefault: boolean;
    createdAt: Generated<Date>;
  };
  organizations: {
    id: string;
    name: string;
    /** The partner whose administrators may act for this organization. */
    partnerId: string | null;
    createdAt: Generated<Date>;
  };
  accessTokens: {
    id: string;
    organizationId: string;
    tokenHash: string;
    label: string;
    role: string;
    scopes: string[];
    /** Locations a location administrator may touch; null = all. */
    locationIds: string[] | null;
    /** The partner whose organizations a partner administrator may name. */
    partnerId: string | null;
    /** The person whose token it is; null = a program's. */
    personId: string | null;
    createdAt: Generated<Date>;
    expiresAt: Date | null;
    revokedAt: Date | null;
    /** Written at most once a minute. */
    lastUsedAt: Date | null;
    /** The token that this one was made to replace. */
    replaces: string | null;
  };
  /** Browsers that are signed in; one of `tokenId`, `adminId` and `holder` says as whom. */
  sessions: {
    id: string;
    secretHash: string;
    organizationId: string;
    tokenId: string | null;
    adminId: string | null;
    /** Whom an outside provider vouched for. */
    holder: ColumnType<unknown, string | null, string | null>;
    label: string;
    createdAt: Date;
    /** Written at most once a minute. */
    lastUsedAt: Date;
    endsAt: Date;
    /** For signing out at the outside provider as well: sealed with what the browser alone has. */
    providerHint: string | null;
  };
  /** The one key that seals what browsers bring back from the outside provider. */
  signInKeys: {
    id: number;
    /** 256 bits, base64url. */
    key: string;
  };
  /** Ways through the outside provider that came to their end: none is gone twice. */
  endedSignIns: {
    id: string;
    /** After that its seal is too old by itself. */
    until: Date;
  };
  e911Accounts: {
    /** null = no organization uses the account. */
    organizationId: string | null;
    companyId: string;
    redskyOrgId: string;
    orgPrefix: string;
    partnerId: string;
    enabled: boolean;
    externalTenantEnabled: boolean;
    secretHash: string;
    /** The secret before the last rotation, good until then. */
    previousSecretHash: string | null;
    previousSecretUntil: Date | null;
    /** The organization that used the account before it took another one; phones may name this one until then. */
    formerOrganizationId: string | null;
    formerUntil: Date | null;
    /** HELD requests must carry the secret, not the company id alone (decision 7). */
    secretRequired: boolean;
    createdAt: Generated<Date>;
  };
  /** Client certificates that stand for the secret (decision 45). */
  heldCertificates: {
    id: string;
    organizationId: string;
    /** SHA-256, lower-case hex. */
    fingerprint: string;
    subject: string;
    validUntil: Date | null;
    description: string;
    createdAt: Date;
  };
  e911Admins: {
    id: string;
    companyId: string;
    email: string;
    passwordHash: string | null;
    invitationHash: string | null;
    invitationExpiresAt: Date | null;
    createdAt: Generated<Date>;
  };
}
