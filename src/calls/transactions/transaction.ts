import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../../wire/sip/message.ts';

/** States of a server transaction: RFC 3261 §17.2.1 and §17.2.2, `accepted` by RFC 6026 §7.1. */
export type ServerTransactionState = 'trying' | 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

/** States of a client transaction: RFC 3261 §17.1.1 and §17.1.2, `accepted` by RFC 6026 §7.2. */
export type ClientTransactionState = 'calling' | 'trying' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

/** What late answers to an INVITE need when everything else about it is settled. */
export type InviteRemains = {
  /** Only the headers that its answers repeat, read anew each time. */
  readonly request: SipRequest;
  /** Sends a further 2xx as long as the transaction takes them; returns whether it was sent. */
  respond(response: SipResponse): boolean;
};

/** One request that came in, and its answers. Retransmissions of the request never reach its owner. */
export type ServerTransaction = {
  /** As received; of an INVITE that was answered with 2xx there is only what further answers need. */
  readonly request: SipRequest;
  readonly flow: SipFlow;
  readonly state: ServerTransactionState;
  /**
   * Sends a response. After a final one only further 2xx to an INVITE are sent (RFC 6026 §7.1); anything else is
   * discarded (RFC 3261 §17.2.2). Returns whether it was sent.
   */
  respond(response: SipResponse): boolean;
  /** What is left of an INVITE that has its final response, for whoever waits for late answers: it holds nothing else of the call. */
  remains(): InviteRemains;
  /** Ends a non-INVITE transaction without an answer, whose sender has given up by now (RFC 4320 §4.2). */
  giveUp(): void;
  /** Called once if a CANCEL arrives before the final response; the layer has answered the CANCEL with 200 (§9.2). */
  onCancel(handler: (cancel: SipRequest) => void): void;
  /** Called once if a response could not be sent or the ACK to a non-2xx never came (timer H). */
  onFailure(handler: (error: Error) => void): void;
};

/** What becomes of a request that was sent. Every handler may be called until the transaction has ended. */
export type ClientHandlers = {
  /** Provisional and final responses, also every 2xx retransmitted or forked to an INVITE (RFC 6026 §7.2). */
  onResponse(response: SipResponse, flow: SipFlow): void;
  /** No final response in time: timer B or F, or 64*T1 after a CANCEL (RFC 3261 §9.1). To be treated as 408. */
  onTimeout(): void;
  /** The request could not be sent. To be treated as 503 (RFC 3261 §16.9). */
  onTransportError(error: Error): void;
};

/** One request that was sent, and the responses to it. */
export type ClientTransaction = {
  /** As sent, our Via on top. */
  readonly request: SipRequest;
  readonly target: SipTarget | SipFlow;
  readonly branch: string;
  readonly state: ClientTransactionState;
  /**
   * Cancels an INVITE: the CANCEL goes out now, or as soon as a provisional response has come (RFC 3261 §9.1); nothing
   * happens after a final response. `headers` (Reason, RFC 3326) are added to it.
   */
  cancel(headers?: readonly SipHeader[]): void;
  /** From now on these hear what becomes of it; those before them are let go. */
  handOver(handlers: ClientHandlers): void;
};

/** Who uses the transactions: a proxy core or a user agent. Handlers must not throw. */
export type TransactionUser = {
  /** A new request, not ACK, not CANCEL. */
  onRequest(request: SipRequest, transaction: ServerTransaction, flow: SipFlow): void;
  /** Whether a request goes on in spite of a forgivable fault (RFC 3261 §16.3 would refuse it). */
  mustNotRefuse?(request: SipRequest): boolean;
  /** An ACK that belongs to no transaction: the one to a 2xx. */
  onAck(request: SipRequest, flow: SipFlow): void;
  /**
   * A response with our Via that matches no client transaction. RFC 6026 §7.3 has a proxy drop it; but a late 2xx to an
   * INVITE that was given up has to be acknowledged and ended, or the PSAP keeps a call with nobody in it.
   */
  onStrayResponse(response: SipResponse, flow: SipFlow): void;
};

/** RFC 3261 §17 as a service; made by `createTransactionLayer`. */
export type TransactionLayer = {
  /** Takes every message from the transport. */
  readonly receive: (message: SipMessage, flow: SipFlow) => void;
  /** Puts our Via on top and sends; `branch` is new unless given. */
  sendRequest(
    request: SipRequest,
    target: SipTarget | SipFlow,
    handlers: ClientHandlers,
    options?: { branch?: string },
  ): ClientTransaction;
  /** Sends once, outside any transaction. A request (the ACK to a 2xx) gets our Via on top, a response goes as it is. */
  sendStateless(message: SipMessage, target: SipTarget | SipFlow): Promise<void>;
  /** `z9hG4bK` and 128 unguessable bits (RFC 3261 §8.1.1.7). */
  newBranch(): string;
  /** Whether this layer made the branch: a request that carries it in a Via passed here before. */
  isOwnBranch(branch: string): boolean;
  /** Transactions alive now, by kind: for metrics and for draining. */
  readonly counts: { readonly server: number; readonly client: number };
  /** Ends every transaction without a word. */
  close(): void;
};
