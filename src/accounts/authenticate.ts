import { ProblemError } from '../domain/problem.ts';
import type { OAuthScope, Role, Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, sha256Hex } from '../support/ids.ts';
import { belongsToPartner, selectOrganization } from './organization-records.ts';
import { selectTokenByHash, type TokenRow } from './token-records.ts';

export type Credentials = {
  /** The `Authorization` header as it came. */
  authorization: string | undefined;
  /** UUID of the organization named by `orgId`; undefined = the token's own. */
  organizationId: string | undefined;
  trackingId: string;
};

const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i;

function unauthenticated(): ProblemError {
  // One answer for missing, unknown, expired and revoked: a guesser learns nothing.
  return new ProblemError('unauthenticated', 'Authentication credentials were missing or incorrect.');
}

async function requireReach(database: Database, token: TokenRow, organizationId: string): Promise<void> {
  if (organizationId === token.organizationId) return;
  const refused = new ProblemError('forbidden', 'orgId names an organization that this token may not act for', {
    fields: [{ path: 'orgId', message: 'only administrators of its partner may name another organization' }],
  });
  if (!isUuid(organizationId)) throw refused;
  if (token.role === 'operator') {
    if (await selectOrganization(database.db, organizationId)) return;
    throw new ProblemError('not-found', 'orgId names no organization', {
      fields: [{ path: 'orgId', message: 'unknown organization' }],
    });
  }
  if (token.role !== 'partnerAdmin' || token.partnerId === null) throw refused;
  if (!(await belongsToPartner(database.db, organizationId, token.partnerId))) throw refused;
}

/**
 * Turns a bearer token into the Scope that every use case takes.
 * Throws `unauthenticated` (no, unknown, expired or revoked token) or `forbidden` (an `orgId` out of reach).
 */
export function createAuthenticate(deps: { database: Database; clock: Clock }) {
  return async function authenticate(credentials: Credentials): Promise<Scope> {
    const match = BEARER.exec(credentials.authorization ?? '');
    if (!match?.[1]) throw unauthenticated();
    const token = await selectTokenByHash(deps.database.db, sha256Hex(match[1]));
    if (!token || token.revokedAt !== null) throw unauthenticated();
    if (token.expiresAt !== null && token.expiresAt.getTime() <= deps.clock.nowMs()) throw unauthenticated();
    const organizationId = credentials.organizationId ?? token.organizationId;
    await requireReach(deps.database, token, organizationId);
    return {
      organizationId,
      homeOrganizationId: token.organizationId,
      tokenId: token.id,
      trackingId: credentials.trackingId,
      role: token.role as Role,
      scopes: new Set(token.scopes as OAuthScope[]),
      label: token.label,
      ...(token.personId !== null && { personId: token.personId }),
      ...(token.expiresAt !== null && { expiresAtMs: token.expiresAt.getTime() }),
      ...(token.locationIds !== null && { locationIds: new Set(token.locationIds) }),
    };
  };
}
