import type { Actor, Audit } from '../audit/audit.ts';
import { DEFAULT_OVERLAP_SECONDS, MAX_OVERLAP_SECONDS, type TokenState } from '../domain/credentials.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import { type OAuthScope, ROLES, type Role, type Scope } from '../domain/scope.ts';
import { isForeignKeyViolation } from '../storage/constraint-violation.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Clock } from '../support/clock.ts';
import { isUuid, newId, newSecret, sha256Hex } from '../support/ids.ts';
import { selectOrganization, selectPartners } from './organization-records.ts';
import {
  insertToken,
  isTokenReplaced,
  markTokenRevoked,
  markTokensOfPersonRevoked,
  selectTokenForUpdate,
  selectTokens,
  type TokenFilter,
  type TokenRow,
  updateToken,
} from './token-records.ts';
import { DEFAULT_SCOPES, requireEndWithin, requireNotStronger } from './token-rules.ts';

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

type NewTokenRow = Omit<TokenRow, 'id' | 'createdAt' | 'revokedAt' | 'lastUsedAt'>;

/** `token` is shown this once; only its SHA-256 is kept. */
export type CreatedToken = { id: string; token: string; expiresAt: Date | null };

export type ListedToken = TokenRow & { state: TokenState };

export type TokenChanges = { label?: string | undefined; expiresAt?: Date | null | undefined };

export type RotatedToken = CreatedToken & {
  /** The token before, and until when it works beside the new one. */
  replaced: { id: string; expiresAt: Date };
};

const TOKEN_PREFIX = 'wm_';

function noSuchToken(): ProblemError {
  return new ProblemError('not-found', 'there is no such token');
}

export function createTokenManagement(deps: { database: Database; audit: Audit; clock: Clock }) {
  const { database, audit, clock } = deps;

  function stateOf(token: TokenRow): TokenState {
    if (token.revokedAt !== null) return 'revoked';
    return token.expiresAt !== null && token.expiresAt.getTime() <= clock.nowMs() ? 'expired' : 'active';
  }

  async function storeToken(tx: Transaction, actor: Actor, row: NewTokenRow): Promise<CreatedToken> {
    const id = newId();
    const token = TOKEN_PREFIX + newSecret();
    await insertToken(tx, { ...row, id, tokenHash: sha256Hex(token) });
    const { organizationId, replaces, ...after } = row;
    await audit.record(
      tx,
      { ...actor, organizationId },
      {
        action: replaces === null ? 'token.created' : 'token.rotated',
        subject: `token ${id}`,
        after,
        ...(replaces !== null && { detail: { replaces } }),
      },
    );
    return { id, token, expiresAt: row.expiresAt };
  }

  /** Issues a token without asking who may: for the first start and the operator's command line. */
  function issueToken(actor: Actor, wanted: NewToken): Promise<CreatedToken> {
    const { lifetimeSeconds } = wanted;
    return database.db.transaction().execute((tx) =>
      storeToken(tx, actor, {
        organizationId: wanted.organizationId,
        label: wanted.label,
        role: wanted.role,
        scopes: [...(wanted.scopes ?? DEFAULT_SCOPES[wanted.role])],
        locationIds: wanted.locationIds ? [...wanted.locationIds] : null,
        partnerId: wanted.partnerId ?? null,
        personId: wanted.personId ?? null,
        expiresAt: lifetimeSeconds === undefined ? null : new Date(clock.nowMs() + lifetimeSeconds * 1_000),
        replaces: null,
      }),
    );
  }

  /**
   * The partner whose organizations a new partner administrator may name: the asker's own; the operator names one, or means that
   * of the organization.
   */
  async function choosePartner(
    scope: Scope,
    wanted: Pick<NewToken, 'role' | 'partnerId'>,
  ): Promise<string | undefined> {
    if (wanted.role !== 'partnerAdmin') {
      if (wanted.partnerId !== undefined) throw invalidField('partnerId', 'goes with the role partnerAdmin only');
      return undefined;
    }
    if (scope.role !== 'operator') {
      // A partner's token in a customer's organization would be that customer's to list and to revoke.
      if (scope.role !== 'partnerAdmin' || scope.organizationId !== scope.homeOrganizationId) {
        throw new ProblemError('forbidden', 'partner administrators are made in the partner’s own organization');
      }
      if (wanted.partnerId !== undefined && wanted.partnerId !== scope.partnerId) {
        throw invalidField('partnerId', 'unknown partner');
      }
      return scope.partnerId;
    }
    const partnerId =
      wanted.partnerId ?? (await selectOrganization(database.db, scope.organizationId))?.partnerId ?? undefined;
    if (partnerId === undefined) {
      throw invalidField('partnerId', 'is required: the organization stands under no partner');
    }
    if (!(await selectPartners(database.db)).some(({ id }) => id === partnerId)) {
      throw invalidField('partnerId', 'unknown partner');
    }
    return partnerId;
  }

  /**
   * A token for the asker's own organization, never stronger and never longer-lived than the asker.
   * Throws `invalid` (role, locationIds, partnerId, personId) or `forbidden` (more than the asker has).
   */
  async function createToken(scope: Scope, wanted: Omit<NewToken, 'organizationId'>): Promise<CreatedToken> {
    if (!ROLES.includes(wanted.role)) throw invalidField('role', `expected one of ${ROLES.join(', ')}`);
    // Every other role acts for the whole organization: a bound there would hold in some operations and not in others.
    if (wanted.locationIds && wanted.role !== 'locationAdmin') {
      throw invalidField('locationIds', 'goes with the role locationAdmin only');
    }
    const partnerId = await choosePartner(scope, wanted);
    const scopes = wanted.scopes ?? DEFAULT_SCOPES[wanted.role].filter((name) => scope.scopes.has(name));
    requireNotStronger(scope, { role: wanted.role, scopes, partnerId: partnerId ?? null });
    const nowMs = clock.nowMs();
    // Whole seconds: the time that is left, for an asker that ends.
    const leftSeconds = scope.expiresAtMs === undefined ? undefined : Math.floor((scope.expiresAtMs - nowMs) / 1_000);
    const lifetimeSeconds = wanted.lifetimeSeconds ?? leftSeconds;
    const endsAtMs = lifetimeSeconds === undefined ? null : nowMs + lifetimeSeconds * 1_000;
    requireEndWithin(scope, endsAtMs, 'lifetimeSeconds', nowMs);
    const unknownPerson = () => invalidField('personId', 'expected the id of a person of the organization');
    if (wanted.personId !== undefined && !isUuid(wanted.personId)) throw unknownPerson();
    const { organizationId } = scope;
    try {
      return await issueToken(scope, { ...wanted, scopes, partnerId, lifetimeSeconds, organizationId });
    } catch (error) {
      // The person is the one thing named here that may not exist: the asker's organization does.
      if (wanted.personId !== undefined && isForeignKeyViolation(error)) throw unknownPerson();
      throw error;
    }
  }

  function strengthOf(token: TokenRow) {
    return { role: token.role as Role, scopes: token.scopes as OAuthScope[], partnerId: token.partnerId };
  }

  /** One token of the asker's organization that still works, locked. Throws `not-found` or `conflict`. */
  async function lockActive(tx: Transaction, scope: Scope, tokenId: string): Promise<TokenRow> {
    const token = isUuid(tokenId) ? await selectTokenForUpdate(tx, scope.organizationId, tokenId) : undefined;
    if (!token) throw noSuchToken();
    const state = stateOf(token);
    if (state !== 'active') throw new ProblemError('conflict', `the token is ${state}; create a new one`);
    return token;
  }

  /**
   * Changes label and end of a token. It can always be made to end earlier; later only by who has all that it gives and lasts
   * as long. Throws `not-found`, `conflict` (it does not work any more), `invalid` or `forbidden`.
   */
  async function changeToken(scope: Scope, tokenId: string, changes: TokenChanges): Promise<ListedToken> {
    return database.db.transaction().execute(async (tx) => {
      const token = await lockActive(tx, scope, tokenId);
      const { label = token.label, expiresAt = token.expiresAt } = changes;
      const nowMs = clock.nowMs();
      if (expiresAt !== null && !(expiresAt.getTime() > nowMs)) {
        throw invalidField('expiresAt', 'lies in the past; revoke the token instead');
      }
      const lastsLonger = token.expiresAt !== null && (expiresAt === null || expiresAt > token.expiresAt);
      if (lastsLonger) {
        requireNotStronger(scope, strengthOf(token));
        requireEndWithin(scope, expiresAt?.getTime() ?? null, 'expiresAt', nowMs);
      }
      await updateToken(tx, token.id, { label, expiresAt });
      await audit.record(tx, scope, {
        action: 'token.changed',
        subject: `token ${token.id}`,
        before: { label: token.label, expiresAt: token.expiresAt },
        after: { label, expiresAt },
      });
      return { ...token, label, expiresAt, state: 'active' };
    });
  }

  /**
   * Replaces a token by a new one that gives the same and ends when it would have; the old one works beside it for
   * `overlapSeconds`. Throws `not-found`, `conflict` (it does not work any more, or was replaced already) or `forbidden`.
   */
  async function rotateToken(
    scope: Scope,
    tokenId: string,
    wanted: { overlapSeconds?: number | undefined } = {},
  ): Promise<RotatedToken> {
    const { overlapSeconds = DEFAULT_OVERLAP_SECONDS } = wanted;
    if (!(overlapSeconds >= 0 && overlapSeconds <= MAX_OVERLAP_SECONDS)) {
      throw invalidField('overlapSeconds', `expected 0 to ${MAX_OVERLAP_SECONDS}`);
    }
    return database.db.transaction().execute(async (tx) => {
      const token = await lockActive(tx, scope, tokenId);
      const nowMs = clock.nowMs();
      if (await isTokenReplaced(tx, token.id)) throw new ProblemError('conflict', 'the token was replaced already');
      requireNotStronger(scope, strengthOf(token));
      requireEndWithin(scope, token.expiresAt?.getTime() ?? null, 'tokenId', nowMs);
      const { organizationId, label, role, scopes, locationIds, partnerId, personId } = token;
      const same = { organizationId, label, role, scopes, locationIds, partnerId, personId };
      const created = await storeToken(tx, scope, { ...same, expiresAt: token.expiresAt, replaces: token.id });
      const overlapEnd = new Date(nowMs + overlapSeconds * 1_000);
      const expiresAt = token.expiresAt !== null && token.expiresAt < overlapEnd ? token.expiresAt : overlapEnd;
      await updateToken(tx, token.id, { expiresAt });
      return { ...created, replaced: { id: token.id, expiresAt } };
    });
  }

  async function revokeToken(scope: Scope, tokenId: string): Promise<void> {
    await database.db.transaction().execute(async (tx) => {
      const now = new Date(clock.nowMs());
      const revoked = isUuid(tokenId) ? await markTokenRevoked(tx, scope.organizationId, tokenId, now) : undefined;
      if (!revoked) throw new ProblemError('not-found', 'there is no such token, or it is revoked already');
      const { id, label } = revoked;
      await audit.record(tx, scope, { action: 'token.revoked', subject: `token ${id}`, before: { label } });
    });
  }

  /** Ends the tokens of a person that is removed, in the transaction that removes it. */
  async function revokeTokensOfPerson(tx: Transaction, scope: Scope, personId: string): Promise<void> {
    const revoked = await markTokensOfPersonRevoked(tx, scope.organizationId, personId, new Date(clock.nowMs()));
    for (const { id, label } of revoked) {
      const entry = { action: 'token.revoked', subject: `token ${id}`, before: { label }, detail: { personId } };
      await audit.record(tx, scope, entry);
    }
  }

  return {
    revokeTokensOfPerson,
    issueToken,
    createToken,
    changeToken,
    rotateToken,
    revokeToken,
    async listTokens(scope: Scope, filter: TokenFilter = {}): Promise<ListedToken[]> {
      const rows = await selectTokens(database.db, scope.organizationId, filter, new Date(clock.nowMs()));
      return rows.map((row) => ({ ...row, state: stateOf(row) }));
    },
  };
}
