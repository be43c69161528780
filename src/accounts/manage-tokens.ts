import type { Actor, Audit } from '../audit/audit.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import { OAUTH_SCOPES, type OAuthScope, ROLES, type Role, type Scope } from '../domain/scope.ts';
import { isForeignKeyViolation } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId, newSecret, sha256Hex } from '../support/ids.ts';
import {
  insertToken,
  markTokenRevoked,
  markTokensOfPersonRevoked,
  selectTokens,
  type TokenRow,
} from './token-records.ts';

/** What a token may do when nothing else is said: everything its role can use. */
export const DEFAULT_SCOPES: Readonly<Record<Role, readonly OAuthScope[]>> = {
  fullAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform'),
  partnerAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform'),
  readOnlyAdmin: OAUTH_SCOPES.filter((scope) => scope.endsWith('_read') || scope === 'waymark:read'),
  userAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform' && scope !== 'waymark:write'),
  locationAdmin: OAUTH_SCOPES.filter((scope) => scope !== 'waymark:platform' && scope !== 'waymark:write'),
  operator: OAUTH_SCOPES,
};

export type NewToken = {
  organizationId: string;
  role: Role;
  label: string;
  scopes?: readonly OAuthScope[] | undefined;
  locationIds?: readonly string[] | undefined;
  partnerId?: string | undefined;
  /** The person of the organization whose token it is; undefined = a program's. */
  personId?: string | undefined;
  /** Seconds from now; undefined = does not expire. */
  lifetimeSeconds?: number | undefined;
};

/** `token` is shown this once; only its SHA-256 is kept. */
export type CreatedToken = { id: string; token: string; expiresAt: Date | null };

const TOKEN_PREFIX = 'wm_';

export function createTokenManagement(deps: { database: Database; audit: Audit; clock: Clock }) {
  const { database, audit, clock } = deps;

  /** Issues a token without asking who may: for the first start and the operator's command line. */
  async function issueToken(actor: Actor, wanted: NewToken): Promise<CreatedToken> {
    const id = newId();
    const token = TOKEN_PREFIX + newSecret();
    const expiresAt =
      wanted.lifetimeSeconds === undefined ? null : new Date(clock.nowMs() + wanted.lifetimeSeconds * 1_000);
    const scopes = [...(wanted.scopes ?? DEFAULT_SCOPES[wanted.role])];
    await database.db.transaction().execute(async (tx) => {
      await insertToken(tx, {
        id,
        organizationId: wanted.organizationId,
        tokenHash: sha256Hex(token),
        label: wanted.label,
        role: wanted.role,
        scopes,
        locationIds: wanted.locationIds ? [...wanted.locationIds] : null,
        partnerId: wanted.partnerId ?? null,
        personId: wanted.personId ?? null,
        expiresAt,
      });
      await audit.record(
        tx,
        { ...actor, organizationId: wanted.organizationId },
        { action: 'token.created', subject: `token ${id}`, detail: { role: wanted.role, scopes, label: wanted.label } },
      );
    });
    return { id, token, expiresAt };
  }

  /** A token that ends makes none that lasts longer: whoever finds it must not keep what it opens. */
  function lifetimeWithin(scope: Scope, lifetimeSeconds: number | undefined): number | undefined {
    if (scope.expiresAtMs === undefined) return lifetimeSeconds;
    const leftSeconds = Math.floor((scope.expiresAtMs - clock.nowMs()) / 1_000);
    if (lifetimeSeconds === undefined || lifetimeSeconds <= leftSeconds) return lifetimeSeconds ?? leftSeconds;
    throw new ProblemError('forbidden', 'a token cannot outlive the asking token', {
      fields: [{ path: 'lifetimeSeconds', message: `the asking token ends in ${leftSeconds} seconds` }],
    });
  }

  /**
   * A token for the asker's own organization, never stronger and never longer-lived than the asker.
   * Throws `invalid` (role, locationIds, personId) or `forbidden` (more than the asker has).
   */
  async function createToken(
    scope: Scope,
    wanted: Pick<NewToken, 'role' | 'label' | 'scopes' | 'locationIds' | 'personId' | 'lifetimeSeconds'>,
  ): Promise<CreatedToken> {
    if (!ROLES.includes(wanted.role)) {
      throw new ProblemError('invalid', 'role is not known', {
        fields: [{ path: 'role', message: `expected one of ${ROLES.join(', ')}` }],
      });
    }
    // Every other role acts for the whole organization: a bound there would hold in some operations and not in others.
    if (wanted.locationIds && wanted.role !== 'locationAdmin') {
      throw new ProblemError('invalid', 'only location administrators are bound to locations', {
        fields: [{ path: 'locationIds', message: 'goes with the role locationAdmin only' }],
      });
    }
    const scopes = wanted.scopes ?? DEFAULT_SCOPES[wanted.role].filter((name) => scope.scopes.has(name));
    const excess = scopes.filter((name) => !scope.scopes.has(name));
    const aboveAsker = wanted.role !== scope.role && (wanted.role === 'operator' || wanted.role === 'partnerAdmin');
    if (excess.length > 0 || (aboveAsker && scope.role !== 'operator')) {
      throw new ProblemError('forbidden', 'a token cannot be given more than the asking token has', {
        fields: excess.map((name) => ({ path: 'scopes', message: `${name} is not held by the asking token` })),
      });
    }
    const lifetimeSeconds = lifetimeWithin(scope, wanted.lifetimeSeconds);
    const unknownPerson = () => invalidField('personId', 'expected the id of a person of the organization');
    if (wanted.personId !== undefined && !isUuid(wanted.personId)) throw unknownPerson();
    try {
      return await issueToken(scope, { ...wanted, scopes, lifetimeSeconds, organizationId: scope.organizationId });
    } catch (error) {
      // The person is the one thing named here that may not exist: the asker's organization does.
      if (wanted.personId !== undefined && isForeignKeyViolation(error)) throw unknownPerson();
      throw error;
    }
  }

  async function revokeToken(scope: Scope, tokenId: string): Promise<void> {
    await database.db.transaction().execute(async (tx) => {
      const revoked =
        isUuid(tokenId) && (await markTokenRevoked(tx, scope.organizationId, tokenId, new Date(clock.nowMs())));
      if (!revoked) throw new ProblemError('not-found', 'there is no such token, or it is revoked already');
      await audit.record(tx, scope, { action: 'token.revoked', subject: `token ${tokenId}` });
    });
  }

  /** Ends the tokens of a person that is removed, in the transaction that removes it. */
  async function revokeTokensOfPerson(tx: Transaction, scope: Scope, personId: string): Promise<void> {
    const revoked = await markTokensOfPersonRevoked(tx, scope.organizationId, personId, new Date(clock.nowMs()));
    for (const id of revoked) {
      await audit.record(tx, scope, { action: 'token.revoked', subject: `token ${id}`, detail: { personId } });
    }
  }

  return {
    revokeTokensOfPerson,
    issueToken,
    createToken,
    revokeToken,
    listTokens: (scope: Scope): Promise<TokenRow[]> => selectTokens(database.db, scope.organizationId),
  };
}
