import type { OAuthScope, Role } from '../domain/scope.ts';

/** What a bearer token says of who holds it, whether it is ours or an outside provider's. */
export type TokenHolder = {
  /** Names the holder in audit entries. */
  tokenId: string;
  /** What the token is called. */
  label: string;
  /** The person of the organization whose token it is; null = a program's. */
  personId: string | null;
  organizationId: string;
  role: Role;
  scopes: readonly OAuthScope[];
  partnerId: string | null;
  locationIds: readonly string[] | null;
  /** null = does not end. */
  expiresAtMs: number | null;
  /** When the browser that is signed in is asked anew; what it may give lasts as long as the credentials do. */
  sessionEndsAtMs?: number;
  /** The outside provider that let the browser in lets it sign out there as well. */
  endsAtProvider?: boolean;
};
