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
import { openSealedText, sealText } from '../sealed-text.ts';
import type { SignInTrail, SignInWay } from '../sign-in-trail.ts';
import type { TokenHolder } from '../token-holder.ts';
import { selectTokenByHash, selectTokenById } from '../token-records.ts';
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

/** Whom the outside provider let in, at its own page. */
export type VouchedSignIn = {
  holder: TokenHolder;
  /** With what the browser can sign out there as well; undefined: it cannot. */
  providerHint: string | undefined;
};

type From = { remoteAddress: string; trackingId: string };

export type Sessions = {
  /**
   * Signs in. Throws `unauthenticated` (nothing that lets in: one answer for all), `forbidden` (an administrator whose account no
   * organization uses), `too-many-requests`.
   */
  begin(signIn: SignIn, from: From): Promise<NewSession>;
  /** Signs in whom the outside provider vouched for. */
  beginVouched(signIn: VouchedSignIn, from: From): Promise<NewSession>;
  /** Who a session stands for, as things are now: a revoked token ends it. Throws `unauthenticated`. */
  holderOf(secret: string): Promise<TokenHolder>;
  /** Signs out; of a session that is none, nothing happens. The answer is its provider's hint, where it has one. */
  end(secret: string, from: From): Promise<string | undefined>;
};

/** Nobody is there any more. */
const IDLE_MS = 30 * 60 * 1_000;
/** A day's work; then one signs in anew. */
const LIFETIME_MS = 12 * 60 * 60 * 1_000;
const NOTE_USE_MS = 60_000;
/** 256 bits. */
const SECRET_BYTES = 32;
const MAX_SECRET = 64;
/** What is longer makes addresses that not every server takes: signing out works without it, with one question more. */
const MAX_HINT = 4_096;
/** Who acts in entries about somebody who was not let in. */
const NOBODY = 'nobody';
const HINT_PURPOSE = 'provider hint of a session';
const ATTEMPTS = 20;
const WINDOW_MS = 15 * 60 * 1_000;

const WAYS: Readonly<Record<SessionSubject['kind'], SignInWay>> = {
  token: 'token',
  admin: 'password',
  identity: 'identity',
};

type Opening = {
  subject: SessionSubject;
  holder: TokenHolder;
  by: SignInWay;
  providerHint?: string | undefined;
};

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
  trail: SignInTrail;
  /** The holder of an access token. Throws `unauthenticated`. */
  holderOfToken(token: string): Promise<TokenHolder>;
}): Sessions {
  const { database, audit, clock, logger, trail } = deps;
  const wrong = createAttemptLimit(clock, { attempts: ATTEMPTS, windowMs: WINDOW_MS });

  /** Somebody has a token that ended or was revoked: its organization should know. */
  async function tellOfOldToken(accessToken: string, from: From): Promise<void> {
    trail.count('token', 'refused');
    const token = await selectTokenByHash(database.db, sha256Hex(accessToken));
    if (token === undefined) return;
    const { id, label: as, organizationId, revokedAt } = token;
    const reason = revokedAt === null ? 'expired-token' : 'revoked-token';
    trail.tell({ organizationId, tokenId: NOBODY, ...from }, { by: 'token', as, subject: `token ${id}`, reason });
  }

  async function subjectOf(signIn: SignIn, from: From): Promise<{ subject: SessionSubject; holder: TokenHolder }> {
    if ('accessToken' in signIn) {
      const holder = await deps.holderOfToken(signIn.accessToken).catch(async (error: unknown) => {
        if (!(error instanceof ProblemError && error.kind === 'unauthenticated')) throw error;
        await tellOfOldToken(signIn.accessToken, from);
        throw unauthenticated(error);
      });
      const isOurs = (await selectTokenById(database.db, holder.organizationId, holder.tokenId)) !== undefined;
      return { subject: isOurs ? { kind: 'token', tokenId: holder.tokenId } : { kind: 'identity', holder }, holder };
    }
    const { email, password, redskyOrgId } = signIn;
    const admin = await deps
      .verifyAdmin(
        { homeOrganizationId: from.remoteAddress, tokenId: NOBODY, ...from },
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

  async function open({ subject, holder, by, providerHint }: Opening, from: From): Promise<NewSession> {
    const nowMs = clock.nowMs();
    const now = new Date(nowMs);
    const endsAt = new Date(Math.min(nowMs + LIFETIME_MS, holder.expiresAtMs ?? Number.POSITIVE_INFINITY));
    const secret = newSecret(SECRET_BYTES);
    const id = newId();
    const { organizationId, label, tokenId } = holder;
    const row = {
      id,
      organizationId,
      subject,
      label,
      createdAt: now,
      lastUsedAt: now,
      endsAt,
      secretHash: sha256Hex(secret),
      // With what the browser alone has: what is stored opens nothing.
      providerHint:
        providerHint === undefined
          ? null
          : await sealText(providerHint.length > MAX_HINT ? '' : providerHint, secret, HINT_PURPOSE),
    };
    await database.db.transaction().execute(async (tx) => {
      await deleteOldSessions(tx, now, new Date(nowMs - IDLE_MS));
      await insertSession(tx, row);
      await audit.record(
        tx,
        { organizationId, tokenId, ...from },
        { action: 'session.begun', subject: `session ${id}`, detail: { as: label, by, endsAt } },
      );
    });
    trail.count(by, 'in');
    return { secret, endsAt };
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
      return open({ subject, holder, by: WAYS[subject.kind] }, from);
    },
    beginVouched({ holder, providerHint }, from) {
      return open({ subject: { kind: 'identity', holder }, holder, by: 'openid', providerHint }, from);
    },
    async holderOf(secret) {
      const row = await find(secret);
      const holder = row && (await holderOfSubject(row));
      if (row === undefined || holder === undefined) throw unauthenticated();
      noteUse(row);
      return {
        ...holder,
        sessionEndsAtMs: row.endsAt.getTime(),
        ...(row.providerHint !== null && { endsAtProvider: true }),
      };
    },
    async end(secret, from) {
      const row = await find(secret);
      if (row === undefined) return undefined;
      const { id, organizationId, label } = row;
      await database.db.transaction().execute(async (tx) => {
        if (!(await deleteSession(tx, id))) return;
        await audit.record(
          tx,
          { organizationId, tokenId: `session:${id}`, ...from },
          { action: 'session.ended', subject: `session ${id}`, detail: { as: label } },
        );
      });
      return row.providerHint === null ? undefined : openSealedText(row.providerHint, secret, HINT_PURPOSE);
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
