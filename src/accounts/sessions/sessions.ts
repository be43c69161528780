import type { Audit } from '../../audit/audit.ts';
import { ProblemError } from '../../domain/problem.ts';
import type { OAuthScope, Role } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import { createAttemptLimit } from '../../support/attempt-limit.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { newId, newSecret, sha256Hex } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import { selectAdminById } from '../e911-account-records.ts';
import type { TokenHolder } from '../token-holder.ts';
import { selectTokenById } from '../token-records.ts';
import { DEFAULT_SCOPES } from '../token-rules.ts';
import type { VerifyAdmin } from '../verify-admin.ts';
import {
  deleteOldSessions,
  deleteSession,
  insertSession,
  markSessionUsed,
  type SessionRow,
  type SessionSubject,
  selectSessionBySecret,
} from './session-records.ts';

/** How somebody signs in: with an access token (ours or the outside provider's), or as an E911 administrator. */
export type SignIn = { accessToken: string } | { email: string; password: string; redskyOrgId?: string | undefined };

export type NewSession = {
  /** What the browser keeps, in a cookie that no script can read. */
  secret: string;
  endsAt: Date;
};

export type Sessions = {
  /**
   * Signs in. Throws `unauthenticated` (nothing that lets in: one answer for all), `forbidden` (an administrator whose account no
   * organization uses), `too-many-requests`.
   */
  begin(signIn: SignIn, from: { remoteAddress: string; trackingId: string }): Promise<NewSession>;
  /** Who a session stands for, as things are now: a revoked token ends it. Throws `unauthenticated`. */
  holderOf(secret: string): Promise<TokenHolder>;
  /** Signs out; of a session that is none, nothing happens. */
  end(secret: string, from: { remoteAddress: string; trackingId: string }): Promise<void>;
};

/** Nobody is there any more. */
const IDLE_MS = 30 * 60 * 1_000;
/** A day's work; then one signs in anew. */
const LIFETIME_MS = 12 * 60 * 60 * 1_000;
const NOTE_USE_MS = 60_000;
/** 256 bits. */
const SECRET_BYTES = 32;
const MAX_SECRET = 64;
const ATTEMPTS = 20;
const WINDOW_MS = 15 * 60 * 1_000;

export const SESSION_IDLE_MS = IDLE_MS;

function unauthenticated(cause?: unknown): ProblemError {
  return new ProblemError('unauthenticated', 'These credentials let nobody in, or not any more.', { cause });
}

/**
 * Browsers that are signed in. The cookie's secret is stored hashed; what a session may do is looked up at every request, so that
 * revoking a token or removing an administrator ends its sessions at once.
 */
export function createSessions(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  verifyAdmin: VerifyAdmin;
  /** The holder of an access token. Throws `unauthenticated`. */
  holderOfToken(token: string): Promise<TokenHolder>;
}): Sessions {
  const { database, audit, clock, logger } = deps;
  const wrong = createAttemptLimit(clock, { attempts: ATTEMPTS, windowMs: WINDOW_MS });

  async function subjectOf(
    signIn: SignIn,
    from: { remoteAddress: string },
  ): Promise<{ subject: SessionSubject; holder: TokenHolder }> {
    if ('accessToken' in signIn) {
      const holder = await deps.holderOfToken(signIn.accessToken).catch((error: unknown) => {
        throw error instanceof ProblemError && error.kind === 'unauthenticated' ? unauthenticated(error) : error;
      });
      const isOurs = (await selectTokenById(database.db, holder.organizationId, holder.tokenId)) !== undefined;
      return { subject: isOurs ? { kind: 'token', tokenId: holder.tokenId } : { kind: 'identity', holder }, holder };
    }
    const { email, password, redskyOrgId } = signIn;
    const admin = await deps
      .verifyAdmin(
        { homeOrganizationId: from.remoteAddress },
        { email, password },
        redskyOrgId === undefined || redskyOrgId === '' ? { any: true } : { redskyOrgId },
      )
      .catch((error: unknown) => {
        throw error instanceof ProblemError && error.kind === 'invalid' ? unauthenticated(error) : error;
      });
    if (admin.organizationId === null) {
      throw new ProblemError('forbidden', 'No organization uses the account of this administrator.');
    }
    const subject: SessionSubject = { kind: 'admin', adminId: admin.id };
    return { subject, holder: adminHolder(admin.id, email, admin.organizationId) };
  }

  async function holderOfSubject({ subject, organizationId }: SessionRow): Promise<TokenHolder | undefined> {
    const nowMs = clock.nowMs();
    switch (subject.kind) {
      case 'identity': {
        const { expiresAtMs } = subject.holder;
        return expiresAtMs !== null && expiresAtMs <= nowMs ? undefined : subject.holder;
      }
      case 'token': {
        const token = await selectTokenById(database.db, organizationId, subject.tokenId);
        if (token === undefined || token.revokedAt !== null) return undefined;
        if (token.expiresAt !== null && token.expiresAt.getTime() <= nowMs) return undefined;
        return {
          tokenId: token.id,
          label: token.label,
          personId: token.personId,
          organizationId: token.organizationId,
          role: token.role as Role,
          scopes: token.scopes as OAuthScope[],
          partnerId: token.partnerId,
          locationIds: token.locationIds,
          expiresAtMs: token.expiresAt?.getTime() ?? null,
        };
      }
      case 'admin': {
        const admin = await selectAdminById(database.db, subject.adminId);
        // Its account went to another organization: whoever signed in for this one has no business there.
        if (admin?.organizationId !== organizationId) return undefined;
        return adminHolder(subject.adminId, admin.email, organizationId);
      }
    }
  }

  async function find(secret: string): Promise<SessionRow | undefined> {
    if (secret === '' || secret.length > MAX_SECRET) return undefined;
    const row = await selectSessionBySecret(database.db, sha256Hex(secret));
    const nowMs = clock.nowMs();
    if (row === undefined || row.endsAt.getTime() <= nowMs || row.lastUsedAt.getTime() + IDLE_MS <= nowMs) {
      return undefined;
    }
    return row;
  }

  function noteUse(row: SessionRow): void {
    const nowMs = clock.nowMs();
    if (nowMs - row.lastUsedAt.getTime() < NOTE_USE_MS) return;
    markSessionUsed(database.db, row.id, new Date(nowMs)).catch((error: unknown) => {
      logger.warn({ err: errorText(error), session: row.id }, 'the use of a session could not be noted');
    });
  }

  return {
    async begin(signIn, from) {
      const retryAfterSeconds = wrong.take(from.remoteAddress);
      if (retryAfterSeconds !== undefined) {
        throw new ProblemError('too-many-requests', 'too many attempts to sign in; try again later', {
          retryAfterSeconds,
        });
      }
      const { subject, holder } = await subjectOf(signIn, from);
      wrong.giveBack(from.remoteAddress);
      const nowMs = clock.nowMs();
      const now = new Date(nowMs);
      const endsAt = new Date(Math.min(nowMs + LIFETIME_MS, holder.expiresAtMs ?? Number.POSITIVE_INFINITY));
      const secret = newSecret(SECRET_BYTES);
      const id = newId();
      const { organizationId, label, tokenId } = holder;
      const row = { id, organizationId, subject, label, createdAt: now, lastUsedAt: now, endsAt };
      await database.db.transaction().execute(async (tx) => {
        await deleteOldSessions(tx, now, new Date(nowMs - IDLE_MS));
        await insertSession(tx, { ...row, secretHash: sha256Hex(secret) });
        await audit.record(
          tx,
          { organizationId, tokenId, ...from },
          { action: 'session.begun', subject: `session ${id}`, detail: { as: label, by: subject.kind, endsAt } },
        );
      });
      return { secret, endsAt };
    },
    async holderOf(secret) {
      const row = await find(secret);
      const holder = row && (await holderOfSubject(row));
      if (row === undefined || holder === undefined) throw unauthenticated();
      noteUse(row);
      return { ...holder, sessionEndsAtMs: row.endsAt.getTime() };
    },
    async end(secret, from) {
      const row = await find(secret);
      if (row === undefined) return;
      const { id, organizationId, label } = row;
      await database.db.transaction().execute(async (tx) => {
        if (!(await deleteSession(tx, id))) return;
        await audit.record(
          tx,
          { organizationId, tokenId: `session:${id}`, ...from },
          { action: 'session.ended', subject: `session ${id}`, detail: { as: label } },
        );
      });
    },
  };
}

/** An E911 administrator is a full administrator of the organization that uses the account. */
function adminHolder(adminId: string, email: string, organizationId: string): TokenHolder {
  return {
    tokenId: `admin:${adminId}`,
    label: email,
    personId: null,
    organizationId,
    role: 'fullAdmin',
    scopes: DEFAULT_SCOPES.fullAdmin,
    partnerId: null,
    locationIds: null,
    expiresAtMs: null,
  };
}
