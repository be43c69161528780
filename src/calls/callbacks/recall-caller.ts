import type { CallRecord } from '../../domain/call-record.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import { type RecentCallers, recentCallerOf } from './recent-callers.ts';

/**
 * Looks among the stored calls for who named a number to be called back on: another node took that call, or this one before it
 * was started again. Resolves when it is known or cannot be; never rejects.
 */
export type RecallCaller = (callbackNumber: string) => Promise<void>;

/** Whoever calls back hears nothing so long. */
const DEADLINE_MS = 1_500;
/** Beyond, whoever calls numbers that nobody has would keep the database from storing calls. */
const AT_ONCE = 8;

export function createRecallCaller(deps: {
  selectRecentCall: (callbackNumber: string, since: Date) => Promise<CallRecord | undefined>;
  recentCallers: Pick<RecentCallers, 'remember'>;
  windowMs: number;
  clock: Clock;
  logger: Logger;
}): RecallCaller {
  const { selectRecentCall, recentCallers, windowMs, clock, logger } = deps;
  const underWay = new Map<string, Promise<void>>();

  async function recall(callbackNumber: string): Promise<void> {
    const record = await selectRecentCall(callbackNumber, new Date(clock.nowMs() - windowMs));
    const recent = record && recentCallerOf(record, clock);
    if (recent) recentCallers.remember(callbackNumber, recent);
  }

  return (callbackNumber) => {
    const known = underWay.get(callbackNumber);
    if (known) return known;
    if (underWay.size >= AT_ONCE) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    underWay.set(callbackNumber, promise);
    const stop = clock.after(DEADLINE_MS, () => {
      logger.warn('calls: the stored calls could not be looked into in time for who is called back');
      resolve();
    });
    recall(callbackNumber)
      .catch((error: unknown) => {
        logger.warn({ err: errorText(error) }, 'calls: the stored calls cannot be looked into for who is called back');
      })
      .finally(() => {
        stop();
        underWay.delete(callbackNumber);
        resolve();
      });
    return promise;
  };
}
