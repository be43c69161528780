import { errors, type JWTPayload, jwtVerify } from 'jose';
import { ProblemError } from '../domain/problem.ts';
import type { Database } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import { equalInConstantTime } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import { type ClaimNames, mapIdentity, organizationNamed, type RoleMapping } from './identity-claims.ts';
import { selectOrganization, selectPartners } from './organization-records.ts';
import type { ProviderDocuments } from './provider-documents.ts';
import type { TokenHolder } from './token-holder.ts';
import { DEFAULT_SCOPES } from './token-rules.ts';

/** The outside OpenID Connect provider whose tokens are taken. */
export type IdentityProvider = {
  issuer: string;
  /** What bearer tokens are made for; undefined: none are taken. */
  audience: string | undefined;
  claims: ClaimNames;
  roles: RoleMapping;
};

export type VerifyIdentityDeps = {
  database: Database;
  clock: Clock;
  logger: Logger;
  documents: ProviderDocuments;
  provider: IdentityProvider;
};

/** Who the outside provider vouches for. */
export type VerifyIdentity = {
  /** Of a bearer token. Throws `unauthenticated`, `forbidden` (its claims mean nothing here) or `unavailable`. */
  holderOfBearer(token: string): Promise<TokenHolder>;
  /** What an ID token says, once it is known to be the answer to this very question. Throws `unauthenticated` or `unavailable`. */
  readIdToken(token: string, asked: { clientId: string; nonce: string }): Promise<JWTPayload>;
  /** Who verified claims stand for. Throws `forbidden`. */
  holderOfClaims(claims: JWTPayload): Promise<TokenHolder>;
  /** The organization that verified claims name, whatever else is wrong with them; undefined: none of this platform. */
  organizationOfClaims(claims: JWTPayload): Promise<string | undefined>;
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
 * Checks tokens of the outside provider: signature, algorithm, issuer, audience, times (RFC 7519 §4.1, RFC 8725 §3, OpenID Connect
 * Core 1.0 §3.1.3.7), and maps their claims: the same ones to the same rights, whichever token they stand in.
 */
export function createVerifyIdentity(deps: VerifyIdentityDeps): VerifyIdentity {
  const { database, clock, documents, provider } = deps;

  async function verify(token: string, audience: string, requiredClaims: string[]): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, documents.findKey, {
        algorithms: ALGORITHMS,
        issuer: provider.issuer,
        audience,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', 'sub', ...requiredClaims],
      });
      if (!SUBJECT.test(payload.sub ?? '')) throw unauthenticated();
      return payload;
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

  async function holderOfClaims(claims: JWTPayload): Promise<TokenHolder> {
    const { sub = '', exp = 0 } = claims;
    const identity = mapIdentity(claims, provider.claims, provider.roles);
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
  }

  return {
    async holderOfBearer(token) {
      if (provider.audience === undefined) throw unauthenticated();
      return holderOfClaims(await verify(token, provider.audience, []));
    },
    async readIdToken(token, { clientId, nonce }) {
      const claims = await verify(token, clientId, ['iat', 'nonce']);
      const { aud, azp } = claims;
      // §3.1.3.7, 4 and 5: made for several, it must say that we asked for it.
      if ((azp !== undefined || (Array.isArray(aud) && aud.length > 1)) && azp !== clientId) throw unauthenticated();
      // §3.1.3.7, 11: not the answer to somebody else's question.
      if (typeof claims['nonce'] !== 'string' || !equalInConstantTime(claims['nonce'], nonce)) throw unauthenticated();
      return claims;
    },
    holderOfClaims,
    async organizationOfClaims(claims) {
      const organizationId = organizationNamed(claims, provider.claims);
      if (organizationId === null) return undefined;
      return (await selectOrganization(database.db, organizationId)) && organizationId;
    },
  };
}
