import { invalidField, ProblemError } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { Database } from '../storage/database.ts';
import { type AttemptLimit, createAttemptLimit } from '../support/attempt-limit.ts';
import type { Clock } from '../support/clock.ts';
import { type AdminSelection, selectAdminsByEmail } from './e911-account-records.ts';
import { MAX_PASSWORD, type Passwords } from './passwords.ts';
import type { SignInTrail } from './sign-in-trail.ts';

export type AdminCredentials = { email: string; password: string };

/** Who asks whether credentials are right: by whom guesses are counted, and who is named where they were wrong. */
export type Asker = Pick<Scope, 'homeOrganizationId' | 'tokenId' | 'trackingId' | 'remoteAddress'>;

/** The account whose administrator this is. */
export type VerifiedAdmin = {
  id: string;
  companyId: string;
  organizationId: string | null;
  secretHash: string;
  externalTenantEnabled: boolean;
};

const WINDOW_MS = 15 * 60 * 1_000;
/** Wrong ones of one asking organization: aimed at one account, and altogether. */
const ATTEMPTS_PER_ACCOUNT = 10;
const ATTEMPTS_PER_ASKER = 30;
const MAX_EMAIL = 254;

/**
 * Slows down guessing, of passwords and of account secrets alike. Right credentials are no attempts. Counted by the organization
 * of the token that asks: a stranger's wrong guesses lock nobody out of an account, and other addresses or customers of a
 * partner give no further ones.
 */
export type GuessLimit = {
  /** Throws `too-many-requests` before anything is looked at; the answer uncounts this attempt. */
  enter(asker: Pick<Scope, 'homeOrganizationId'>, target: string): () => void;
};

export function createGuessLimit(clock: Clock): GuessLimit {
  const byAccount = createAttemptLimit(clock, { attempts: ATTEMPTS_PER_ACCOUNT, windowMs: WINDOW_MS });
  const byAsker = createAttemptLimit(clock, { attempts: ATTEMPTS_PER_ASKER, windowMs: WINDOW_MS });
  function take(limit: AttemptLimit, key: string): void {
    const retryAfterSeconds = limit.take(key);
    if (retryAfterSeconds === undefined) return;
    throw new ProblemError('too-many-requests', 'too many wrong credentials; try again later', { retryAfterSeconds });
  }
  return {
    enter({ homeOrganizationId }, target) {
      const aim = `${homeOrganizationId} ${target}`;
      take(byAsker, homeOrganizationId);
      take(byAccount, aim);
      return () => {
        byAsker.giveBack(homeOrganizationId);
        byAccount.giveBack(aim);
      };
    },
  };
}

/** One answer, whatever is wrong: a guesser does not learn which addresses are known (decision 37). */
function badLogin(): ProblemError {
  return new ProblemError('invalid', 'these are not the credentials of an E911 administrator', {
    fields: [
      {
        path: 'email',
        message:
          'not an administrator with this password; an address that administers several accounts needs redSkyOrgId',
      },
    ],
  });
}

/**
 * Checks an E911 administrator's password, in the same time whether the address is known or not. Exactly one password is
 * hashed. Throws `invalid` or `too-many-requests`.
 */
export function createVerifyAdmin(deps: {
  database: Database;
  passwords: Passwords;
  guesses: GuessLimit;
  trail: SignInTrail;
}) {
  return async function verifyAdmin(
    asker: Asker,
    credentials: AdminCredentials,
    selection: AdminSelection,
  ): Promise<VerifiedAdmin> {
    const email = credentials.email.trim();
    if (email === '' || email.length > MAX_EMAIL) throw invalidField('email', `expected 1 to ${MAX_EMAIL} characters`);
    if (credentials.password === '' || credentials.password.length > MAX_PASSWORD) {
      throw invalidField('password', `expected 1 to ${MAX_PASSWORD} characters`);
    }
    // By address alone: whoever guesses does not get more attempts by naming other accounts of the same administrator.
    const uncount = deps.guesses.enter(asker, `admin ${email.toLowerCase()}`);
    const found = await selectAdminsByEmail(deps.database.db, email, selection);
    const [first, second] = found;
    const isOwn = 'ownOrganizationId' in selection && first?.organizationId === selection.ownOrganizationId;
    const chosen = second === undefined || isOwn ? first : undefined;
    let isRight: boolean;
    try {
      isRight = await deps.passwords.verify(chosen?.passwordHash ?? undefined, credentials.password);
    } catch (error) {
      // Not looked at: no guess.
      uncount();
      throw error;
    }
    if (!chosen || chosen.passwordHash === null || !isRight) {
      deps.trail.count('password', 'wrong-password');
      // Beside the answer, which comes as soon for an address that nobody knows.
      for (const { id, organizationId } of found) {
        deps.trail.tell(
          { ...asker, organizationId },
          { by: 'password', as: email, subject: `account-admin ${id}`, reason: 'wrong-password' },
        );
      }
      throw badLogin();
    }
    uncount();
    return chosen;
  };
}

export type VerifyAdmin = ReturnType<typeof createVerifyAdmin>;
