import { errors, type JWTVerifyResult, jwtVerify } from 'jose';
import { ProblemError } from '../domain/problem.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { type ClaimNames, mapIdentity, type RoleMapping } from './identity-claims.ts';
import { selectOrganization, selectPartners } from './organization-records.ts';
import { createProviderKeys, type FetchJson } from './provider-keys.ts';
import type { TokenHolder } from './token-holder.ts';
import { DEFAULT_SCOPES } from './token-rules.ts';

/** The outside OpenID Connect provider whose tokens are taken. */
export type IdentityProvider = {
  issuer: string;
  audience: string;
  claims: ClaimNames;
  roles: RoleMapping;
};

export type VerifyIdentityDeps = {
  database: Database;
  clock: Clock;
  logger: Logger;
  fetchJson: FetchJson;
  provider: IdentityProvider;
};

/** RFC 8725 §3.1: what is not listed is not taken, above all `none` and the symmetric ones. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Clocks of other machines are not quite right. */
const LEEWAY_SECONDS = 30;
/** OpenID Connect Core 1.0 §2 has 255 characters at most; it becomes part of audit entries and log lines. */
const SUBJECT = /^[^\p{Cc}\p{Cs}]{1,255}$/u;

/** Three parts of base64url (RFC 7519 §3); opaque tokens have no dots. */
export function looksLikeJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
}

function unauthenticated(cause?: unknown): ProblemError {
  return new ProblemError('unauthenticated', 'Authentication credentials were missing or incorrect.', { cause });
}

/**
 * Checks a token of the outside provider: signature, algorithm, issuer, audience, times (RFC 7519 §4.1, RFC 8725 §3), and maps
 * its claims. Throws `unauthenticated`, `forbidden` (its claims mean nothing here) or `unavailable` (the keys cannot be had).
 */
export function createVerifyIdentity(deps: VerifyIdentityDeps): (token: string) => Promise<TokenHolder> {
  const { database, clock, provider } = deps;
  const keys = createProviderKeys({ ...deps, issuer: provider.issuer });

  async function verify(token: string): Promise<JWTVerifyResult> {
    try {
      return await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: provider.issuer,
        audience: provider.audience,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', 'sub'],
      });
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      // Strangers choose the key by its name: one of the set that cannot be used is their fault and no failure of ours.
      if (!(error instanceof errors.JOSEError)) {
        deps.logger.debug({ err: errorText(error) }, 'a key of the identity provider cannot be used');
      }
      throw unauthenticated(error);
    }
  }

  async function findPartner(named: string | null): Promise<string | null> {
    if (named === null) return null;
    const found = (await selectPartners(database.db)).find(
      ({ id, redskyOrgId }) => named === id || named === redskyOrgId,
    );
    if (!found)
      throw new ProblemError('forbidden', `the claim ${provider.claims.partner} names no partner of this platform`);
    return found.id;
  }

  return async function verifyIdentity(token) {
    const { payload } = await verify(token);
    const { sub = '', exp = 0 } = payload;
    if (!SUBJECT.test(sub)) throw unauthenticated();
    const identity = mapIdentity(payload, provider.claims, provider.roles);
    if (!(await selectOrganization(database.db, identity.organizationId))) {
      throw new ProblemError(
        'forbidden',
        `the claim ${provider.claims.organization} names no organization of this platform`,
      );
    }
    return {
      tokenId: `oidc:${sub}`,
      label: sub,
      personId: null,
      organizationId: identity.organizationId,
      role: identity.role,
      scopes: DEFAULT_SCOPES[identity.role],
      partnerId: await findPartner(identity.partner),
      locationIds: identity.locationIds,
      expiresAtMs: exp * 1_000,
    };
  };
}
