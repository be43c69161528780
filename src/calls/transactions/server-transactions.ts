import type { Clock } from '../../support/clock.ts';
import type { SipFlow } from '../../transport/sip-flow.ts';
import { NO_BODY, type SipRequest, type SipResponse } from '../../wire/sip/message.ts';
import { packMessage, unpackMessage } from '../../wire/sip/packed-message.ts';
import { createResponse, withAnswerHeaders } from '../../wire/sip/responses.ts';
import { startRetransmission } from './retransmission.ts';
import { type TimerTable, transactionTimeoutMs } from './timer-table.ts';
import type { InviteRemains, ServerTransaction, ServerTransactionState } from './transaction.ts';

/** What every server transaction needs of the layer. */
export type ServerTransactionHost = {
  readonly clock: Clock;
  readonly timers: TimerTable;
  /** Sends on the flow of the request; reports failure, never throws. */
  readonly send: (response: SipResponse, flow: SipFlow, onFailure?: (error: Error) => void) => void;
  /** Calls a handler of the owner so that its exceptions stay inside. */
  readonly guard: (action: () => void) => void;
  /** Calls `overdue` of the transaction in T1, if it is still there. */
  readonly lookAgain: (key: string) => void;
  readonly forget: (key: string) => void;
  /** Puts `rest` in the place of the transaction for 64*T1 or for T4. */
  readonly linger: (key: string, rest: ServerMachine, howLong: 'timeout' | 't4') => void;
};

/** What the layer does with a server transaction, or with what is left of it. */
export type ServerMachine = {
  readonly isFinal: boolean;
  retransmitted(): void;
  /** Returns false when the ACK is none of its business: the one to a 2xx. */
  acknowledged(): boolean;
  cancelled(cancel: SipRequest): void;
  /** T1 has passed since it asked to be looked at again. */
  overdue(): void;
  /** Stops its timers. */
  stop(): void;
};

/** What is left of a transaction that only absorbs: it holds nothing, so that thousands of them cost nothing. */
function createAbsorber(absorbsAck: boolean): ServerMachine {
  return {
    isFinal: true,
    retransmitted: () => undefined,
    acknowledged: () => absorbsAck,
    cancelled: () => undefined,
    overdue: () => undefined,
    stop: () => undefined,
  };
}

/** After a 2xx: INVITEs are absorbed, ACKs are for the owner (RFC 6026 §7.1). */
const ACCEPTED = createAbsorber(false);
/** After the ACK to a non-2xx (RFC 3261 §17.2.1, timer I). */
const CONFIRMED = createAbsorber(true);

/** In the place of a request that is kept in another form. */
const NOTHING_RECEIVED: SipRequest = { kind: 'request', method: 'INVITE', uri: '', headers: [], body: NO_BODY };

/** State, owner's failure handler and the running timer of a transaction that is still going on. */
class OngoingServer {
  readonly flow: SipFlow;
  protected readonly key: string;
  protected readonly host: ServerTransactionHost;
  protected received: SipRequest;
  protected current: ServerTransactionState;
  /** Sent again when the request is. */
  protected last: SipResponse | undefined;
  protected cancelTimer: (() => void) | undefined;
  /** Until when a final state lasts, on the monotonic clock. */
  protected endsAtMs = Number.POSITIVE_INFINITY;
  #failureHandler: ((error: Error) => void) | undefined;

  constructor(
    key: string,
    request: SipRequest,
    flow: SipFlow,
    host: ServerTransactionHost,
    first: ServerTransactionState,
  ) {
    this.key = key;
    this.received = request;
    this.flow = flow;
    this.host = host;
    this.current = first;
  }

  get request(): SipRequest {
    return this.received;
  }

  get state(): ServerTransactionState {
    return this.host.clock.monotonicMs() >= this.endsAtMs ? 'terminated' : this.current;
  }

  protected get isReliable(): boolean {
    return this.flow.protocol !== 'udp';
  }

  remains(): InviteRemains {
    return new SettledInvite(this.received, this.flow, this.host, 0);
  }

  onFailure(handler: (error: Error) => void): void {
    this.#failureHandler = handler;
  }

  protected fail(error: Error): void {
    const handler = this.#failureHandler;
    this.#failureHandler = undefined;
    if (handler) this.host.guard(() => handler(error));
  }

  protected send(response: SipResponse): void {
    this.host.send(response, this.flow, (error) => this.fail(error));
  }

  /** Leaves the layer to `rest` for a while; without `rest` at once. */
  protected leave(rest: ServerMachine | undefined, howLong: 'timeout' | 't4'): void {
    this.stop();
    const { clock, timers } = this.host;
    if (rest) {
      this.endsAtMs = clock.monotonicMs() + (howLong === 't4' ? timers.t4Ms : transactionTimeoutMs(timers));
      this.host.linger(this.key, rest, howLong);
    } else {
      this.current = 'terminated';
      this.host.forget(this.key);
    }
  }

  retransmitted(): void {
    if (this.last) this.send(this.last);
  }

  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }
}

/** What late answers to an INVITE need of it. They are waited for 64*T1 by every call: it is one text, and nothing of the call hangs on it. */
class SettledInvite implements InviteRemains {
  readonly #packed: string;
  readonly #flow: SipFlow;
  readonly #host: ServerTransactionHost;
  readonly #takesAnswersUntilMs: number;

  constructor(request: SipRequest, flow: SipFlow, host: ServerTransactionHost, takesAnswersUntilMs: number) {
    this.#packed = packMessage(withAnswerHeaders(request));
    this.#flow = flow;
    this.#host = host;
    this.#takesAnswersUntilMs = takesAnswersUntilMs;
  }

  get request(): SipRequest {
    const request = unpackMessage(this.#packed);
    if (request.kind !== 'request') throw new Error('an INVITE was kept as a response');
    return request;
  }

  respond(response: SipResponse): boolean {
    if (!isSuccess(response) || this.#host.clock.monotonicMs() >= this.#takesAnswersUntilMs) return false;
    this.#host.send(response, this.#flow);
    return true;
  }
}

function isSuccess({ status }: SipResponse): boolean {
  return status >= 200 && status <= 299;
}

/** RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export class InviteServer extends OngoingServer implements ServerTransaction, ServerMachine {
  #onCancel: ((cancel: SipRequest) => void) | undefined;
  #earlyCancel: SipRequest | undefined;
  #stopRetransmission: (() => void) | undefined;
  /** Stands for the request once that was answered with 2xx. */
  #settled: SettledInvite | undefined;

  constructor(key: string, request: SipRequest, flow: SipFlow, host: ServerTransactionHost) {
    super(key, request, flow, host, 'proceeding');
  }

  override get request(): SipRequest {
    return this.#settled?.request ?? this.received;
  }

  override remains(): InviteRemains {
    return this.#settled ?? super.remains();
  }

  /** If the owner has said nothing yet, the caller gets a 100 after a while (RFC 3261 §17.2.1). */
  expectAnswer(): void {
    if (this.current !== 'proceeding' || this.last !== undefined) return;
    this.cancelTimer = this.host.clock.after(this.host.timers.autoTryingMs, () => {
      if (this.last === undefined) this.respond(createResponse(this.request, 100));
    });
  }

  get isFinal(): boolean {
    return this.current !== 'proceeding';
  }

  respond(response: SipResponse): boolean {
    const { status } = response;
    if (this.current === 'accepted') {
      if (!isSuccess(response) || this.state === 'terminated') return false;
    } else if (this.current !== 'proceeding') return false;
    else if (status < 200) {
      this.last = response;
      this.stop();
    } else if (status < 300) {
      this.current = 'accepted';
      this.last = undefined;
      this.#onCancel = undefined;
      this.leave(ACCEPTED, 'timeout');
      this.#settled = new SettledInvite(this.received, this.flow, this.host, this.endsAtMs);
      this.received = NOTHING_RECEIVED;
    } else this.#complete(response);
    this.send(response);
    return true;
  }

  /** Nearly every ACK comes within T1: so long many transactions share one timer instead of having G and H each. */
  #complete(response: SipResponse): void {
    this.stop();
    this.current = 'completed';
    this.last = response;
    this.host.lookAgain(this.key);
  }

  overdue(): void {
    const { last } = this;
    if (this.current !== 'completed' || last === undefined) return;
    const { clock, timers } = this.host;
    this.cancelTimer = clock.after(transactionTimeoutMs(timers) - timers.t1Ms, () => {
      this.fail(new Error('no ACK came (RFC 3261 §17.2.1, timer H)'));
      this.leave(undefined, 'timeout');
    });
    if (this.isReliable) return;
    this.#stopRetransmission = startRetransmission(clock, timers.t1Ms * 2, timers.t2Ms, () => this.send(last));
    this.send(last);
  }

  giveUp(): void {
    // An INVITE is always answered.
  }

  onCancel(handler: (cancel: SipRequest) => void): void {
    if (this.current !== 'proceeding') return;
    this.#onCancel = handler;
    const cancel = this.#earlyCancel;
    this.#earlyCancel = undefined;
    if (cancel) this.cancelled(cancel);
  }

  cancelled(cancel: SipRequest): void {
    if (this.current !== 'proceeding') return;
    const handler = this.#onCancel;
    this.#onCancel = undefined;
    if (handler) this.host.guard(() => handler(cancel));
    else this.#earlyCancel ??= cancel;
  }

  acknowledged(): boolean {
    if (this.current !== 'completed') return this.current !== 'accepted';
    this.current = 'confirmed';
    this.leave(this.isReliable ? undefined : CONFIRMED, 't4');
    return true;
  }

  override stop(): void {
    super.stop();
    this.#stopRetransmission?.();
    this.#stopRetransmission = undefined;
  }
}

/** What is left of an answered non-INVITE request: its answer, for when the request comes again. */
class AnsweredServer implements ServerMachine {
  readonly isFinal = true;
  readonly #packed: string;
  readonly #flow: SipFlow;
  readonly #host: ServerTransactionHost;

  constructor(response: SipResponse, flow: SipFlow, host: ServerTransactionHost) {
    this.#packed = packMessage(response);
    this.#flow = flow;
    this.#host = host;
  }

  retransmitted(): void {
    const answer = unpackMessage(this.#packed);
    if (answer.kind === 'response') this.#host.send(answer, this.#flow);
  }

  overdue(): void {
    // Waits for nothing.
  }

  acknowledged(): boolean {
    return true;
  }

  cancelled(): void {
    // Answered already (RFC 3261 §9.2).
  }

  stop(): void {
    // Has no timer of its own.
  }
}

/** RFC 3261 §17.2.2. */
export class NonInviteServer extends OngoingServer implements ServerTransaction, ServerMachine {
  constructor(key: string, request: SipRequest, flow: SipFlow, host: ServerTransactionHost) {
    super(key, request, flow, host, 'trying');
  }

  expectAnswer(): void {
    // Only an INVITE is told that its answer takes time.
  }

  overdue(): void {
    // Its answer is not repeated unless the request is.
  }

  get isFinal(): boolean {
    return this.current === 'completed';
  }

  respond(response: SipResponse): boolean {
    if (this.current !== 'trying' && this.current !== 'proceeding') return false;
    if (response.status < 200) {
      this.current = 'proceeding';
      this.last = response;
    } else {
      this.current = 'completed';
      this.leave(this.isReliable ? undefined : new AnsweredServer(response, this.flow, this.host), 'timeout');
    }
    this.send(response);
    return true;
  }

  giveUp(): void {
    if (!this.isFinal) this.leave(undefined, 'timeout');
  }

  onCancel(): void {
    // Only an INVITE can be cancelled to any effect (RFC 3261 §9.2).
  }

  cancelled(): void {
    // As above.
  }

  acknowledged(): boolean {
    return true;
  }
}
