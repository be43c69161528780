import type { Audit } from '../../audit/audit.ts';
import { invalidField, ProblemError } from '../../domain/problem.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { isUuid } from '../../support/ids.ts';
import { countResendable, findReceipt, markForResending, type ReceiptFilter } from './receipt-records.ts';

/** `count`: messages that are sent again, or that would be; `left`: those that the filter names beyond what is done at once. */
export type ResendResult = { count: number; left: number };

const MAX_AT_ONCE = 1_000;

/** Has messages sent again that were given up, or that wait for their next attempt. */
export function createResending(deps: {
  database: Database;
  audit: Audit;
  clock: Clock;
  /** Jobs without a holder are about to be committed. */
  hurry(): void;
}) {
  const { database, audit, clock } = deps;

  /** Problems: `invalid` (callId). */
  async function resend(scope: Scope, filter: ReceiptFilter, dryRun: boolean): Promise<ResendResult> {
    if (filter.callId !== undefined && !isUuid(filter.callId)) throw invalidField('callId', 'expected an identifier');
    const { organizationId } = scope;
    if (dryRun) {
      const found = await countResendable(database.db, organizationId, filter);
      return { count: Math.min(found, MAX_AT_ONCE), left: Math.max(0, found - MAX_AT_ONCE) };
    }
    const result = await database.db.transaction().execute(async (tx) => {
      const keys = await markForResending(tx, organizationId, filter, MAX_AT_ONCE, new Date(clock.nowMs()));
      const left = keys.length < MAX_AT_ONCE ? 0 : await countResendable(tx, organizationId, filter);
      await audit.record(tx, scope, {
        action: 'alerts.resent',
        subject: `organization ${organizationId}`,
        detail: { filter, count: keys.length, left },
      });
      return { count: keys.length, left };
    });
    deps.hurry();
    return result;
  }

  /** Problems: `not-found`; `conflict` for a message that was taken, or of which no more is kept than its receipt. */
  async function resendOne(scope: Scope, key: string, dryRun: boolean): Promise<ResendResult> {
    const { organizationId } = scope;
    const receipt = await findReceipt(database.db, organizationId, key);
    if (!receipt) throw new ProblemError('not-found', 'there is no such alert');
    if (!receipt.canResend) {
      throw new ProblemError('conflict', `an alert that is ${receipt.state} cannot be sent again`);
    }
    if (dryRun) return { count: 1, left: 0 };
    await database.db.transaction().execute(async (tx) => {
      const keys = await markForResending(tx, organizationId, { key }, 1, new Date(clock.nowMs()));
      if (keys.length === 0) throw new ProblemError('conflict', 'the alert was taken meanwhile');
      await audit.record(tx, scope, {
        action: 'alerts.resent',
        subject: `alert ${key}`,
        detail: { recipient: receipt.recipient, channel: receipt.channel, kind: receipt.kind },
      });
    });
    deps.hurry();
    return { count: 1, left: 0 };
  }

  return { resend, resendOne };
}
