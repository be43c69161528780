import type { Clock } from '../../support/clock.ts';
import type { SipFlow } from '../../transport/sip-flow.ts';
import type { SipRequest, SipResponse } from '../../wire/sip/message.ts';
import { createResponse } from '../../wire/sip/responses.ts';
import { startRetransmission } from './retransmission.ts';
import { type TimerTable, transactionTimeoutMs } from './timer-table.ts';
import type { ServerTransaction, ServerTransactionState } from './transaction.ts';

/** What a server transaction needs of the layer that holds it. */
export type ServerTransactionHost = {
  readonly clock: Clock;
  readonly timers: TimerTable;
  /** Sends on the flow of the request; reports failure, never throws. */
  readonly send: (response: SipResponse, flow: SipFlow, onFailure: (error: Error) => void) => void;
  /** The transaction has terminated: forget it. */
  readonly onEnd: () => void;
  /** Calls a handler of the owner so that its exceptions stay inside. */
  readonly guard: (action: () => void) => void;
};

/** The side of a server transaction that the layer sees. It lets go of the request once a final response was sent. */
export type ServerMachine = {
  readonly isFinal: boolean;
  readonly retransmitted: () => void;
  /** Returns false when the ACK is none of its business: the one to a 2xx. */
  readonly acknowledged: () => boolean;
  readonly cancelled: (cancel: SipRequest) => void;
  readonly end: () => void;
};

/** A transaction seen from both sides: `transaction` by its owner, `machine` by the layer. */
export type OpenedServer = { readonly transaction: ServerTransaction; readonly machine: ServerMachine };

/** What both kinds share: state, the owner's failure handler, one running timer. */
function createCore(flow: SipFlow, host: ServerTransactionHost, first: ServerTransactionState) {
  let failureHandler: ((error: Error) => void) | undefined;
  const core = {
    state: first,
    /** Sent again when the request is. */
    last: undefined as SipResponse | undefined,
    cancelTimer: undefined as (() => void) | undefined,
    fail: (error: Error): void => {
      const handler = failureHandler;
      failureHandler = undefined;
      if (handler) host.guard(() => handler(error));
    },
    onFailure: (handler: (error: Error) => void): void => {
      failureHandler = handler;
    },
    send: (response: SipResponse): void => host.send(response, flow, core.fail),
    /** Replaces the running timer. */
    after: (delayMs: number, action: () => void): void => {
      core.cancelTimer?.();
      core.cancelTimer = host.clock.after(delayMs, action);
    },
    end: (): void => {
      if (core.state === 'terminated') return;
      core.state = 'terminated';
      core.cancelTimer?.();
      host.onEnd();
    },
  };
  return core;
}

/** RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export function createInviteServer(request: SipRequest, flow: SipFlow, host: ServerTransactionHost): OpenedServer {
  const { clock, timers } = host;
  const isReliable = flow.protocol !== 'udp';
  const core = createCore(flow, host, 'proceeding');
  let onCancel: ((cancel: SipRequest) => void) | undefined;
  let earlyCancel: SipRequest | undefined;
  let stopRetransmission: (() => void) | undefined;

  startAutoTrying(request);

  function startAutoTrying(invite: SipRequest): void {
    core.after(timers.autoTryingMs, () => {
      if (core.last === undefined) respond(createResponse(invite, 100));
    });
  }

  function accept(): void {
    core.state = 'accepted';
    core.last = undefined;
    core.after(transactionTimeoutMs(timers), core.end);
  }

  function complete(response: SipResponse): void {
    core.state = 'completed';
    core.last = response;
    core.after(transactionTimeoutMs(timers), () => {
      stopRetransmission?.();
      core.fail(new Error('no ACK came (RFC 3261 §17.2.1, timer H)'));
      core.end();
    });
    if (isReliable) return;
    stopRetransmission = startRetransmission(clock, timers.t1Ms, timers.t2Ms, () => core.send(response));
  }

  function respond(response: SipResponse): boolean {
    const { status } = response;
    if (core.state === 'accepted') {
      if (status < 200 || status > 299) return false;
    } else if (core.state !== 'proceeding') return false;
    else if (status < 200) {
      core.last = response;
    } else {
      onCancel = undefined;
      if (status < 300) accept();
      else complete(response);
    }
    core.send(response);
    return true;
  }

  return {
    transaction: {
      request,
      flow,
      get state() {
        return core.state;
      },
      respond,
      onCancel(handler) {
        if (core.state !== 'proceeding') return;
        onCancel = handler;
        const cancel = earlyCancel;
        earlyCancel = undefined;
        if (cancel) host.guard(() => handler(cancel));
      },
      onFailure: core.onFailure,
    },
    machine: {
      get isFinal() {
        return core.state !== 'proceeding';
      },
      retransmitted: () => {
        if (core.last) core.send(core.last);
      },
      acknowledged: () => {
        if (core.state === 'accepted') return false;
        if (core.state !== 'completed') return true;
        core.state = 'confirmed';
        core.last = undefined;
        stopRetransmission?.();
        if (isReliable) core.end();
        else core.after(timers.t4Ms, core.end);
        return true;
      },
      cancelled: (cancel) => {
        if (core.state !== 'proceeding') return;
        const handler = onCancel;
        onCancel = undefined;
        if (handler) host.guard(() => handler(cancel));
        else earlyCancel ??= cancel;
      },
      end: () => {
        stopRetransmission?.();
        core.end();
      },
    },
  };
}

/** RFC 3261 §17.2.2. */
export function createNonInviteServer(request: SipRequest, flow: SipFlow, host: ServerTransactionHost): OpenedServer {
  const core = createCore(flow, host, 'trying');

  function respond(response: SipResponse): boolean {
    if (core.state !== 'trying' && core.state !== 'proceeding') return false;
    core.last = response;
    core.send(response);
    if (response.status < 200) core.state = 'proceeding';
    else if (flow.protocol === 'udp') {
      core.state = 'completed';
      core.after(transactionTimeoutMs(host.timers), core.end);
    } else core.end();
    return true;
  }

  return {
    transaction: {
      request,
      flow,
      get state() {
        return core.state;
      },
      respond,
      // Only an INVITE can be cancelled to any effect (RFC 3261 §9.2).
      onCancel: () => undefined,
      onFailure: core.onFailure,
    },
    machine: {
      get isFinal() {
        return core.state === 'completed';
      },
      retransmitted: () => {
        if (core.last) core.send(core.last);
      },
      acknowledged: () => true,
      cancelled: () => undefined,
      end: core.end,
    },
  };
}
