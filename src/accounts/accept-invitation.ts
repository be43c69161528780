import { hash } from '@node-rs/argon2';
import type { Audit } from '../audit/audit.ts';
import { invalidField, ProblemError } from '../domain/problem.ts';
import { announceChange } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { sha256Hex } from '../support/ids.ts';
import { selectAdminByInvitation, setFirstPassword } from './e911-account-records.ts';

export type AcceptInvitationRequest = {
  /** The one-time token of the link. */
  token: string;
  password: string;
  /** Where the request comes from: attempts are counted by it. */
  remoteAddress: string;
  trackingId: string;
};

export type AcceptedInvitation = { organizationId: string; email: string };

export const MIN_PASSWORD = 12;
const MAX_PASSWORD = 256;
const MAX_TOKEN = 512;

const ATTEMPTS = 10;
const WINDOW_MS = 15 * 60 * 1_000;
const REMEMBERED_ADDRESSES = 10_000;

type Attempts = { count: number; untilMs: number };

/** Counts attempts by address: guessing tokens and burning processor time on password hashes stay slow. */
function createThrottle(clock: Clock) {
  const attempts = new BoundedMap<string, Attempts>(REMEMBERED_ADDRESSES);
  return function throttle(address: string): void {
    const nowMs = clock.nowMs();
    const known = attempts.get(address);
    const current = known && known.untilMs > nowMs ? known : { count: 0, untilMs: nowMs + WINDOW_MS };
    if (current.count >= ATTEMPTS) {
      throw new ProblemError('too-many-requests', 'too many attempts; try again later', {
        retryAfterSeconds: Math.max(1, Math.ceil((current.untilMs - nowMs) / 1_000)),
      });
    }
    attempts.set(address, { count: current.count + 1, untilMs: current.untilMs });
  };
}

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
export function createAcceptInvitation(deps: { database: Database; audit: Audit; clock: Clock }) {
  const throttle = createThrottle(deps.clock);
  return async function acceptInvitation(request: AcceptInvitationRequest): Promise<AcceptedInvitation> {
    throttle(request.remoteAddress);
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
    // Argon2id with the library's parameters (19 MiB, 2 passes), computed off the event loop.
    const passwordHash = await hash(password);
    const { organizationId, email } = admin;
    await deps.database.db.transaction().execute(async (tx) => {
      if (!(await setFirstPassword(tx, admin.id, passwordHash))) throw used;
      await deps.audit.record(
        tx,
        { organizationId, tokenId: 'invitation', trackingId: request.trackingId },
        { action: 'account-admin.password-set', subject: `account-admin ${admin.id}`, detail: { email } },
      );
      await announceChange(tx, 'accounts', organizationId);
    });
    return { organizationId, email };
  };
}
