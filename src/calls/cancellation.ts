import { headerValues, type SipHeader } from '../wire/sip/message.ts';
import type { Forwarding } from './steps/forward.ts';
import type { ServerTransaction } from './transactions/transaction.ts';

/** The caller's CANCEL, which may come before there is anything to cancel. */
export type Cancellation = {
  readonly isRequested: boolean;
  /** Whether the call is under way already. */
  readonly isTakenOver: boolean;
  takeOver(target: Pick<Forwarding, 'cancel'>): void;
};

const MAX_REASONS = 4;

export function createCancellation(transaction: ServerTransaction): Cancellation {
  let isRequested = false;
  let reasons: readonly SipHeader[] = [];
  let target: Pick<Forwarding, 'cancel'> | undefined;
  transaction.onCancel((cancel) => {
    isRequested = true;
    // RFC 3326 §2: who is cancelled is told why, as the caller said it.
    const values = headerValues(cancel, 'Reason').slice(0, MAX_REASONS);
    reasons = values.map((value) => ({ name: 'Reason', value }));
    target?.cancel(reasons);
  });
  return {
    get isRequested() {
      return isRequested;
    },
    get isTakenOver() {
      return target !== undefined;
    },
    takeOver(next) {
      target = next;
      if (isRequested) next.cancel(reasons);
    },
  };
}
