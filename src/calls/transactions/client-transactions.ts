import type { Clock } from '../../support/clock.ts';
import type { SipFlow, SipTarget } from '../../transport/sip-flow.ts';
import type { SipHeader, SipRequest, SipResponse } from '../../wire/sip/message.ts';
import { createAck, createCancel } from './hop-requests.ts';
import { startRetransmission } from './retransmission.ts';
import { type TimerTable, transactionTimeoutMs } from './timer-table.ts';
import type { ClientHandlers, ClientTransaction, ClientTransactionState } from './transaction.ts';

/** What a client transaction needs of the layer that holds it. */
export type ClientTransactionHost = {
  readonly clock: Clock;
  readonly timers: TimerTable;
  /** Sends to the target; reports failure, never throws. */
  readonly send: (request: SipRequest, onFailure: (error: Error) => void) => void;
  /** Sends a CANCEL as a transaction of its own. */
  readonly sendCancel: (cancel: SipRequest) => void;
  /** The transaction has terminated: forget it. */
  readonly onEnd: () => void;
  /** Calls a handler of the owner so that its exceptions stay inside. */
  readonly guard: (action: () => void) => void;
};

/** The side of a client transaction that the layer sees. It lets go of the request once a final response came. */
export type ClientMachine = {
  readonly isFinal: boolean;
  readonly start: () => void;
  readonly received: (response: SipResponse, flow: SipFlow) => void;
  readonly end: () => void;
};

/** A transaction seen from both sides: `transaction` by its owner, `machine` by the layer. */
export type OpenedClient = { readonly transaction: ClientTransaction; readonly machine: ClientMachine };

export type ClientStart = {
  readonly request: SipRequest;
  readonly branch: string;
  readonly target: SipTarget | SipFlow;
  readonly handlers: ClientHandlers;
};

/** What both kinds share: state, one running timer, one retransmission, and how they end. */
function createCore(handlers: ClientHandlers, host: ClientTransactionHost, first: ClientTransactionState) {
  const core = {
    state: first,
    cancelTimer: undefined as (() => void) | undefined,
    stopRepeating: undefined as (() => void) | undefined,
    after: (delayMs: number, action: () => void): void => {
      core.cancelTimer?.();
      core.cancelTimer = host.clock.after(delayMs, action);
    },
    repeat: (firstMs: number, capMs: number, send: () => void): void => {
      core.stopRepeating?.();
      core.stopRepeating = startRetransmission(host.clock, firstMs, capMs, send);
    },
    /** Stops repeating and waiting: an answer is here. */
    settle: (): void => {
      core.cancelTimer?.();
      core.cancelTimer = undefined;
      core.stopRepeating?.();
      core.stopRepeating = undefined;
    },
    tell: (response: SipResponse, flow: SipFlow): void => host.guard(() => handlers.onResponse(response, flow)),
    timedOut: (): void => {
      core.end();
      host.guard(() => handlers.onTimeout());
    },
    failed: (error: Error): void => {
      if (core.state === 'terminated' || core.state === 'accepted' || core.state === 'completed') return;
      core.end();
      host.guard(() => handlers.onTransportError(error));
    },
    end: (): void => {
      if (core.state === 'terminated') return;
      core.state = 'terminated';
      core.settle();
      host.onEnd();
    },
  };
  return core;
}

/** RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. */
export function createInviteClient(start: ClientStart, host: ClientTransactionHost): OpenedClient {
  const { timers } = host;
  const { branch, target } = start;
  const isReliable = target.protocol !== 'udp';
  const core = createCore(start.handlers, host, 'calling');
  let invite: SipRequest | undefined = start.request;
  let cancelHeaders: readonly SipHeader[] | undefined;
  let ack: SipRequest | undefined;

  function send(): void {
    if (invite) host.send(invite, core.failed);
  }

  function sendCancel(): void {
    if (!invite || !cancelHeaders) return;
    // A peer that ignores the CANCEL must not hold the transaction for ever (RFC 3261 §9.1).
    core.after(transactionTimeoutMs(timers), core.timedOut);
    host.sendCancel(createCancel(invite, cancelHeaders));
  }

  function sendAck(): void {
    // The ACK has no answer to wait for: when it is lost the response comes again.
    if (ack) host.send(ack, () => undefined);
  }

  function proceed(): void {
    if (core.state === 'proceeding') return;
    core.state = 'proceeding';
    core.settle();
    sendCancel();
  }

  function finish(response: SipResponse): void {
    core.settle();
    if (response.status < 300) {
      core.state = 'accepted';
      core.after(transactionTimeoutMs(timers), core.end);
    } else {
      core.state = 'completed';
      if (invite) ack = createAck(invite, response);
      sendAck();
      if (isReliable) core.end();
      else core.after(timers.timerDMs, core.end);
    }
    invite = undefined;
  }

  return {
    transaction: {
      request: start.request,
      target,
      branch,
      get state() {
        return core.state;
      },
      cancel(headers = []) {
        if (cancelHeaders !== undefined) return;
        cancelHeaders = headers;
        if (core.state === 'proceeding') sendCancel();
      },
    },
    machine: {
      get isFinal() {
        return core.state === 'completed' || core.state === 'accepted';
      },
      start: () => {
        core.after(transactionTimeoutMs(timers), core.timedOut);
        if (!isReliable) core.repeat(timers.t1Ms, Number.POSITIVE_INFINITY, send);
        send();
      },
      received: (response, flow) => {
        if (core.state === 'calling' || core.state === 'proceeding') {
          if (response.status < 200) proceed();
          else finish(response);
          core.tell(response, flow);
        } else if (core.state === 'accepted') {
          if (response.status >= 200 && response.status < 300) core.tell(response, flow);
        } else if (core.state === 'completed' && response.status >= 300) sendAck();
      },
      end: core.end,
    },
  };
}

/** RFC 3261 §17.1.2. */
export function createNonInviteClient(start: ClientStart, host: ClientTransactionHost): OpenedClient {
  const { timers } = host;
  const { branch, target } = start;
  const isReliable = target.protocol !== 'udp';
  const core = createCore(start.handlers, host, 'trying');
  let request: SipRequest | undefined = start.request;

  function send(): void {
    if (request) host.send(request, core.failed);
  }

  function finish(): void {
    core.settle();
    core.state = 'completed';
    request = undefined;
    if (isReliable) core.end();
    else core.after(timers.t4Ms, core.end);
  }

  return {
    transaction: {
      request: start.request,
      target,
      branch,
      get state() {
        return core.state;
      },
      // Only an INVITE may be cancelled (RFC 3261 §9.1).
      cancel: () => undefined,
    },
    machine: {
      get isFinal() {
        return core.state === 'completed';
      },
      start: () => {
        core.after(transactionTimeoutMs(timers), core.timedOut);
        if (!isReliable) core.repeat(timers.t1Ms, timers.t2Ms, send);
        send();
      },
      received: (response, flow) => {
        if (core.state !== 'trying' && core.state !== 'proceeding') return;
        if (response.status >= 200) finish();
        else if (core.state === 'trying') {
          core.state = 'proceeding';
          if (!isReliable) core.repeat(timers.t2Ms, timers.t2Ms, send);
        }
        core.tell(response, flow);
      },
      end: core.end,
    },
  };
}
