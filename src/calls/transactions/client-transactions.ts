import { ProblemError } from '../../domain/problem.ts';
import type { Clock } from '../../support/clock.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import type { SipHeader, SipRequest, SipResponse } from '../../wire/sip/message.ts';
import { createAck, createCancel } from './hop-requests.ts';
import { startRetransmission } from './retransmission.ts';
import { type TimerTable, transactionTimeoutMs } from './timer-table.ts';
import type { ClientHandlers, ClientTransaction, ClientTransactionState } from './transaction.ts';

/** How long a finished client transaction absorbs or passes on what still comes: 64*T1, timer D or T4. */
export type ClientLinger = 'timeout' | 'timer-d' | 't4';

/** What every client transaction needs of the layer. */
export type ClientTransactionHost = {
  readonly clock: Clock;
  readonly timers: TimerTable;
  /** Sends to the target; reports failure, never throws. */
  readonly send: (request: SipRequest, target: SipTarget | SipFlow, onFailure: (error: Error) => void) => void;
  /** Sends a CANCEL as a transaction of its own. */
  readonly sendCancel: (cancel: SipRequest, target: SipTarget | SipFlow, branch: string) => void;
  /** Calls a handler of the owner so that its exceptions stay inside. */
  readonly guard: (action: () => void) => void;
  /** Calls `overdue` of the transaction in T1, if it is still going on. */
  readonly lookAgain: (key: string) => void;
  readonly forget: (key: string) => void;
  /** Puts `rest` in the place of the transaction for a while. */
  readonly linger: (key: string, rest: ClientMachine, howLong: ClientLinger) => void;
};

/** What the layer does with a client transaction, or with what is left of it. */
export type ClientMachine = {
  readonly isFinal: boolean;
  received(response: SipResponse, flow: SipFlow): void;
  /** T1 has passed since it was sent. */
  overdue(): void;
  /** Stops its timers. */
  stop(): void;
};

export type ClientStart = {
  readonly key: string;
  readonly request: SipRequest;
  readonly branch: string;
  readonly target: SipTarget | SipFlow;
  readonly handlers: ClientHandlers;
};

function ignore(): void {
  // Nothing can be done, or need be.
}

/** What is left of an answered non-INVITE request: further answers are absorbed (RFC 3261 §17.1.2, timer K). */
const ANSWERED: ClientMachine = { isFinal: true, received: ignore, overdue: ignore, stop: ignore };

/** A connection that could not be had in time is not waited for again. */
function isLost(error: Error): boolean {
  return error instanceof ProblemError && error.kind === 'upstream-failed';
}

/** State, owner's handlers, the running timer and the retransmission of a transaction that is still going on. */
class OngoingClient {
  readonly request: SipRequest;
  readonly target: SipTarget | SipFlow;
  readonly branch: string;
  protected readonly key: string;
  protected handlers: ClientHandlers;
  protected readonly host: ClientTransactionHost;
  protected current: ClientTransactionState;
  /** Until when a final state lasts, on the monotonic clock. */
  protected endsAtMs = Number.POSITIVE_INFINITY;
  #wasSentAgain = false;
  #cancelTimer: (() => void) | undefined;
  #stopRepeating: (() => void) | undefined;

  constructor(
    { key, request, branch, target, handlers }: ClientStart,
    host: ClientTransactionHost,
    first: ClientTransactionState,
  ) {
    this.key = key;
    this.request = request;
    this.branch = branch;
    this.target = target;
    this.handlers = handlers;
    this.host = host;
    this.current = first;
  }

  get state(): ClientTransactionState {
    return this.host.clock.monotonicMs() >= this.endsAtMs ? 'terminated' : this.current;
  }

  get isFinal(): boolean {
    return this.current === 'completed' || this.current === 'accepted';
  }

  protected get isReliable(): boolean {
    return this.target.protocol !== 'udp';
  }

  /**
   * Sends and waits for an answer. Timers A and B, E and F all begin with T1, in which nearly every answer comes: so long many
   * transactions share one timer, and only one that is still without an answer then gets its own.
   */
  protected begin(): void {
    this.host.lookAgain(this.key);
    this.transmit();
  }

  /** Sends again, and goes on doing so at intervals that double: timers A and E. */
  protected beginRepeating(capMs: number): void {
    if (this.isReliable) return;
    this.repeat(this.host.timers.t1Ms * 2, capMs);
    this.transmit();
  }

  /** Gives up 64*T1 after the transaction began, of which so much has passed: timers B and F. */
  protected waitForAnswer(passedMs: number): void {
    const { clock, timers } = this.host;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(transactionTimeoutMs(timers) - passedMs, () => {
      this.leave(undefined, 'timeout');
      this.host.guard(() => this.handlers.onTimeout());
    });
  }

  protected repeat(firstMs: number, capMs: number): void {
    this.#stopRepeating?.();
    this.#stopRepeating = startRetransmission(this.host.clock, firstMs, capMs, () => this.transmit());
  }

  protected transmit(): void {
    let isTold = false;
    this.host.send(this.request, this.target, (error) => {
      // A connection that ends while it is written to may tell it twice.
      if (!isTold) this.#failed(error);
      isTold = true;
    });
  }

  #failed(error: Error): void {
    if (this.isFinal || this.current === 'terminated') return;
    // The connection may have been one that stood from before and had died unnoticed: once more, on a new one. Who got the
    // request all the same knows it by its branch.
    if (this.isReliable && !this.#wasSentAgain && isLost(error)) {
      this.#wasSentAgain = true;
      return this.transmit();
    }
    this.leave(undefined, 'timeout');
    this.host.guard(() => this.handlers.onTransportError(error));
  }

  handOver(handlers: ClientHandlers): void {
    this.handlers = handlers;
  }

  protected tell(response: SipResponse, flow: SipFlow): void {
    this.host.guard(() => this.handlers.onResponse(response, flow));
  }

  /** Leaves the layer to `rest` for a while; without `rest` at once. */
  protected leave(rest: ClientMachine | undefined, howLong: ClientLinger): void {
    this.stop();
    const { clock, timers } = this.host;
    if (rest) {
      const lastsMs = { timeout: transactionTimeoutMs(timers), 'timer-d': timers.timerDMs, t4: timers.t4Ms }[howLong];
      this.endsAtMs = clock.monotonicMs() + lastsMs;
      this.host.linger(this.key, rest, howLong);
    } else {
      this.current = 'terminated';
      this.host.forget(this.key);
    }
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#stopRepeating?.();
    this.#stopRepeating = undefined;
  }
}

/** What is left of an INVITE answered with 2xx: every further 2xx is for the owner (RFC 6026 §7.2). */
class AcceptedClient implements ClientMachine {
  readonly isFinal = true;
  #handlers: ClientHandlers;
  readonly #host: ClientTransactionHost;

  constructor(handlers: ClientHandlers, host: ClientTransactionHost) {
    this.#handlers = handlers;
    this.#host = host;
  }

  handOver(handlers: ClientHandlers): void {
    this.#handlers = handlers;
  }

  received(response: SipResponse, flow: SipFlow): void {
    if (response.status < 200 || response.status > 299) return;
    this.#host.guard(() => this.#handlers.onResponse(response, flow));
  }

  overdue(): void {
    // Has been answered.
  }

  stop(): void {
    // Has no timer of its own.
  }
}

/** What is left of an INVITE answered with a non-2xx: the ACK, for when the response comes again (RFC 3261 §17.1.1.2). */
class RejectedClient implements ClientMachine {
  readonly isFinal = true;
  readonly #ack: SipRequest;
  readonly #target: SipTarget | SipFlow;
  readonly #host: ClientTransactionHost;

  constructor(ack: SipRequest, target: SipTarget | SipFlow, host: ClientTransactionHost) {
    this.#ack = ack;
    this.#target = target;
    this.#host = host;
  }

  sendAck(): void {
    // The ACK has no answer to wait for: when it is lost the response comes again.
    this.#host.send(this.#ack, this.#target, ignore);
  }

  received(response: SipResponse): void {
    if (response.status >= 300) this.sendAck();
  }

  overdue(): void {
    // Has been answered.
  }

  stop(): void {
    // Has no timer of its own.
  }
}

/** RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. */
export class InviteClient extends OngoingClient implements ClientTransaction, ClientMachine {
  #cancelHeaders: readonly SipHeader[] | undefined;
  #accepted: AcceptedClient | undefined;

  constructor(start: ClientStart, host: ClientTransactionHost) {
    super(start, host, 'calling');
  }

  start(): void {
    this.begin();
  }

  overdue(): void {
    if (this.current !== 'calling') return;
    this.waitForAnswer(this.host.timers.t1Ms);
    this.beginRepeating(Number.POSITIVE_INFINITY);
  }

  cancel(headers: readonly SipHeader[] = []): void {
    if (this.#cancelHeaders !== undefined) return;
    this.#cancelHeaders = headers;
    if (this.current === 'proceeding') this.#sendCancel(headers);
  }

  #sendCancel(headers: readonly SipHeader[]): void {
    // A peer that ignores the CANCEL must not hold the transaction for ever (RFC 3261 §9.1).
    this.waitForAnswer(0);
    this.host.sendCancel(createCancel(this.request, headers), this.target, this.branch);
  }

  override handOver(handlers: ClientHandlers): void {
    super.handOver(handlers);
    this.#accepted?.handOver(handlers);
  }

  received(response: SipResponse, flow: SipFlow): void {
    if (response.status >= 200) this.#finish(response);
    else if (this.current === 'calling') {
      this.current = 'proceeding';
      this.stop();
      if (this.#cancelHeaders) this.#sendCancel(this.#cancelHeaders);
    }
    this.tell(response, flow);
  }

  #finish(response: SipResponse): void {
    if (response.status < 300) {
      this.current = 'accepted';
      this.#accepted = new AcceptedClient(this.handlers, this.host);
      this.leave(this.#accepted, 'timeout');
      return;
    }
    this.current = 'completed';
    const rejected = new RejectedClient(createAck(this.request, response), this.target, this.host);
    this.leave(this.isReliable ? undefined : rejected, 'timer-d');
    rejected.sendAck();
  }
}

/** RFC 3261 §17.1.2. */
export class NonInviteClient extends OngoingClient implements ClientTransaction, ClientMachine {
  constructor(start: ClientStart, host: ClientTransactionHost) {
    super(start, host, 'trying');
  }

  start(): void {
    this.begin();
  }

  overdue(): void {
    this.waitForAnswer(this.host.timers.t1Ms);
    if (this.current === 'trying') this.beginRepeating(this.host.timers.t2Ms);
  }

  cancel(): void {
    // Only an INVITE may be cancelled (RFC 3261 §9.1).
  }

  received(response: SipResponse, flow: SipFlow): void {
    const { t2Ms } = this.host.timers;
    if (response.status >= 200) {
      this.current = 'completed';
      this.leave(this.isReliable ? undefined : ANSWERED, 't4');
    } else if (this.current === 'trying') {
      this.current = 'proceeding';
      if (!this.isReliable) this.repeat(t2Ms, t2Ms);
    }
    this.tell(response, flow);
  }
}
