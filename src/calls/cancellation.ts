import { headerValues, type SipHeader } from '../wire/sip/message.ts';
import type { Forwarding } from './steps/forward.ts';
import type { ServerTransaction } from './transactions/transaction.ts';

type Target = Pick<Forwarding, 'cancel'>;

const MAX_REASONS = 4;

/** The caller's CANCEL, which may come before there is anything to cancel. */
export class Cancellation {
  #isRequested = false;
  #reasons: readonly SipHeader[] = [];
  #target: Target | undefined;

  constructor(transaction: Pick<ServerTransaction, 'onCancel'>) {
    transaction.onCancel((cancel) => {
      this.#isRequested = true;
      // RFC 3326 §2: who is cancelled is told why, as the caller said it.
      const values = headerValues(cancel, 'Reason').slice(0, MAX_REASONS);
      this.#reasons = values.map((value) => ({ name: 'Reason', value }));
      this.#target?.cancel(this.#reasons);
    });
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Whether the call is under way already. */
  get isTakenOver(): boolean {
    return this.#target !== undefined;
  }

  takeOver(target: Target): void {
    this.#target = target;
    if (this.#isRequested) target.cancel(this.#reasons);
  }
}
