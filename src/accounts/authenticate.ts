import { ProblemError } from '../domain/problem.ts';
import type { OAuthScope, Role, Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, sha256Hex } from '../support/ids.ts';
import type { TokenUse } from './note-token-use.ts';
import { belongsToPartner, selectOrganization } from './organization-records.ts';
import type { TokenHolder } from './token-holder.ts';
import { selectTokenByHash } from './token-records.ts';
import { looksLikeJwt } from './verify-identity.ts';

export type Credentials = {
  /** The `Authorization` header as it came. */
  authorization: string | undefined;
  /** The secret of a signed-in browser; used where there is no `Authorization`. */
  session?: string | undefined;
  /** UUID of the organization named by `orgId`; undefined = the token's own. */
  organizationId: string | undefined;
  trackingId: string;
};

/** Tokens of an outside provider carry claims; ours are far shorter. */
const MAX_TOKEN = 8_192;
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;

function unauthenticated(): ProblemError {
  // One answer for missing, unknown, expired and revoked: a guesser learns nothing.
  return new ProblemError('unauthenticated', 'Authentication credentials were missing or incorrect.');
}

function readBearer(authorization: string | undefined): string {
  if (authorization === undefined || authorization.length > MAX_TOKEN) throw unauthenticated();
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw unauthenticated();
  return token;
}

async function requireReach(database: Database, holder: TokenHolder, organizationId: string): Promise<void> {
  if (organizationId === holder.organizationId) return;
  const refused = new ProblemError('forbidden', 'orgId names an organization that this token may not act for', {
    fields: [{ path: 'orgId', message: 'only administrators of its partner may name another organization' }],
  });
  if (!isUuid(organizationId)) throw refused;
  if (holder.role === 'operator') {
    if (await selectOrganization(database.db, organizationId)) return;
    throw new ProblemError('not-found', 'orgId names no organization', {
      fields: [{ path: 'orgId', message: 'unknown organization' }],
    });
  }
  if (holder.role !== 'partnerAdmin' || holder.partnerId === null) throw refused;
  if (!(await belongsToPartner(database.db, organizationId, holder.partnerId))) throw refused;
}

type HolderDeps = {
  database: Database;
  clock: Clock;
  tokenUse: TokenUse;
  /** Reads the tokens of an outside provider; undefined = none is trusted. */
  holderOfBearer?: ((token: string) => Promise<TokenHolder>) | undefined;
};

export type AuthenticateDeps = {
  database: Database;
  /** Throws `unauthenticated`. */
  holderOfToken(token: string): Promise<TokenHolder>;
  /** Absent: nobody signs in. Throws `unauthenticated`. */
  holderOfSession?: ((secret: string) => Promise<TokenHolder>) | undefined;
};

/** Who holds a bearer token, ours or one of the outside provider. Throws as `authenticate` does. */
export function createHolderOfToken(deps: HolderDeps) {
  return async function holderOfToken(token: string): Promise<TokenHolder> {
    if (deps.holderOfBearer && looksLikeJwt(token)) return deps.holderOfBearer(token);
    const row = await selectTokenByHash(deps.database.db, sha256Hex(token));
    if (!row || row.revokedAt !== null) throw unauthenticated();
    if (row.expiresAt !== null && row.expiresAt.getTime() <= deps.clock.nowMs()) throw unauthenticated();
    deps.tokenUse.note(row);
    return {
      tokenId: row.id,
      label: row.label,
      personId: row.personId,
      organizationId: row.organizationId,
      role: row.role as Role,
      scopes: row.scopes as OAuthScope[],
      partnerId: row.partnerId,
      locationIds: row.locationIds,
      expiresAtMs: row.expiresAt?.getTime() ?? null,
    };
  };
}

/**
 * Turns a bearer token, ours or one of the outside provider, or a signed-in browser into the Scope that every use case takes.
 * Throws `unauthenticated` (no, unknown, expired or revoked token), `forbidden` (an `orgId` out of reach; claims that mean
 * nothing here) or `unavailable` (the provider's keys cannot be had).
 */
export function createAuthenticate(deps: AuthenticateDeps) {
  return async function authenticate(credentials: Credentials): Promise<Scope> {
    const { authorization, session } = credentials;
    const holder = await (authorization === undefined && session !== undefined && deps.holderOfSession
      ? deps.holderOfSession(session)
      : deps.holderOfToken(readBearer(authorization)));
    const organizationId = credentials.organizationId ?? holder.organizationId;
    await requireReach(deps.database, holder, organizationId);
    // A location administrator whose token names no location reaches none, not all.
    const locationIds = holder.locationIds ?? (holder.role === 'locationAdmin' ? [] : null);
    return {
      organizationId,
      homeOrganizationId: holder.organizationId,
      tokenId: holder.tokenId,
      trackingId: credentials.trackingId,
      role: holder.role,
      scopes: new Set(holder.scopes),
      label: holder.label,
      ...(holder.personId !== null && { personId: holder.personId }),
      ...(holder.expiresAtMs !== null && { expiresAtMs: holder.expiresAtMs }),
      ...(holder.sessionEndsAtMs !== undefined && { sessionEndsAtMs: holder.sessionEndsAtMs }),
      ...(holder.endsAtProvider === true && { endsAtProvider: true }),
      ...(holder.partnerId !== null && { partnerId: holder.partnerId }),
      ...(locationIds !== null && { locationIds: new Set(locationIds) }),
    };
  };
}
