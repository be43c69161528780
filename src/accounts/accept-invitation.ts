import type { Audit } from '../audit/audit.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { createAttemptLimit } from '../support/attempt-limit.ts';
import type { Clock } from '../support/clock.ts';
import { sha256Hex } from '../support/ids.ts';
import { selectAdminByInvitation, setFirstPassword } from './e911-account-records.ts';
import { MAX_PASSWORD, MIN_PASSWORD, type Passwords } from './passwords.ts';

export type AcceptInvitationRequest = {
  /** The one-time token of the link. */
  token: string;
  password: string;
  /** Where the request comes from: attempts are counted by it. */
  remoteAddress: string;
  trackingId: string;
};

/** `organizationId` is null while no organization uses the account. */
export type AcceptedInvitation = { organizationId: string | null; email: string };

const MAX_TOKEN = 512;

const ATTEMPTS = 10;
const WINDOW_MS = 15 * 60 * 1_000;

function requirePassword(password: string): string {
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD) {
    throw invalidField('password', `expected ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
  }
  return password;
}

/**
 * Sets the first password of an E911 administrator by the one-time link of the invitation.
 * Throws `invalid` (password), `not-found` (no such link), `gone` (used or expired) or `too-many-requests`.
 */
export function createAcceptInvitation(deps: { database: Database; audit: Audit; clock: Clock; passwords: Passwords }) {
  // Guessing tokens and burning processor time on password hashes stay slow.
  const attempts = createAttemptLimit(deps.clock, { attempts: ATTEMPTS, windowMs: WINDOW_MS });
  return async function acceptInvitation(request: AcceptInvitationRequest): Promise<AcceptedInvitation> {
    const retryAfterSeconds = attempts.take(request.remoteAddress);
    if (retryAfterSeconds !== undefined) {
      throw new ProblemError('too-many-requests', 'too many attempts; try again later', { retryAfterSeconds });
    }
    const password = requirePassword(request.password);
    const admin =
      request.token.length > MAX_TOKEN
        ? undefined
        : await selectAdminByInvitation(deps.database.db, sha256Hex(request.token));
    if (!admin) throw new ProblemError('not-found', 'this invitation does not exist');
    const used = new ProblemError('gone', 'this invitation was already used');
    if (admin.accepted) throw used;
    if (admin.invitationExpiresAt === null || admin.invitationExpiresAt.getTime() <= deps.clock.nowMs()) {
      throw new ProblemError('gone', 'this invitation has expired; ask for a new one');
    }
    const passwordHash = await deps.passwords.hash(password);
    const { organizationId, email } = admin;
    await deps.database.db.transaction().execute(async (tx) => {
      if (!(await setFirstPassword(tx, admin.id, passwordHash))) throw used;
      await deps.audit.record(
        tx,
        { organizationId, tokenId: 'invitation', trackingId: request.trackingId, remoteAddress: request.remoteAddress },
        { action: 'account-admin.password-set', subject: `account-admin ${admin.id}`, detail: { email } },
      );
      if (organizationId !== null) await announceChange(tx, 'accounts', organizationId);
    });
    return { organizationId, email };
  };
}
