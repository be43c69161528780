import type { Actor, Audit } from '../audit/audit.ts';
import type { Database } from '../storage/database.ts';
import { createAttemptLimit } from '../support/attempt-limit.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { Metrics } from '../support/metrics.ts';

/** With what somebody comes in: a token of ours, an administrator's password, a token of the outside provider, its sign-in page. */
export type SignInWay = 'token' | 'password' | 'identity' | 'openid';

export type RefusedSignIn = {
  by: SignInWay;
  /** As whom, as far as that is known: a label or an address, never a secret. */
  as: string;
  /** `token <uuid>`, `account-admin <uuid>`, `identity <sub>` */
  subject: string;
  reason: string;
};

/** Who came in is counted; who was refused is counted, and told to the organization that it concerns. */
export type SignInTrail = {
  count(by: SignInWay, outcome: string): void;
  /** Writes an audit entry where the organization is known: beside the request, and not too many of them. */
  tell(actor: Pick<Actor, 'organizationId' | 'tokenId' | 'trackingId' | 'remoteAddress'>, what: RefusedSignIn): void;
  /** Resolves when what was to be written so far is written or given up. */
  settled(): Promise<void>;
};

/** Of one organization, on one node: enough to see that somebody guesses, too few for guessing to fill the trail. */
const ENTRIES = 10;
const WINDOW_MS = 60 * 60 * 1_000;
/** Beyond, the database is slow: counting is all that can be done. */
const MAX_WRITING = 32;

export function createSignInTrail(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  logger: Logger;
  metrics: Pick<Metrics, 'tally'>;
}): SignInTrail {
  const entries = createAttemptLimit(deps.clock, { attempts: ENTRIES, windowMs: WINDOW_MS });
  const counts = deps.metrics.tally('waymark_sign_ins_total', 'People who signed in or were refused', [
    'by',
    'outcome',
  ]);
  const writing = new Set<Promise<void>>();

  async function write(actor: Actor, { subject, ...detail }: RefusedSignIn): Promise<void> {
    try {
      await deps.database.db
        .transaction()
        .execute((tx) => deps.audit.record(tx, actor, { action: 'sign-in.refused', subject, detail }));
    } catch (error) {
      deps.logger.warn({ err: errorText(error), subject }, 'a refused sign-in could not be noted');
    }
  }

  return {
    count: (by, outcome) => counts(by, outcome)(),
    tell(actor, what) {
      const { organizationId, tokenId, trackingId, remoteAddress } = actor;
      if (organizationId === null || writing.size >= MAX_WRITING) return;
      if (entries.take(organizationId) !== undefined) return;
      const from = { organizationId, tokenId, trackingId, ...(remoteAddress !== undefined && { remoteAddress }) };
      const written = write(from, what).finally(() => writing.delete(written));
      writing.add(written);
    },
    async settled() {
      await Promise.all(writing);
    },
  };
}
