import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { goOnWith } from '../support/now-or-later.ts';
import type { SipFlow, SipTarget } from '../transport/sip-flow.ts';
import {
  appendHeader,
  headerValue,
  headerValues,
  removeHeader,
  removeTopValue,
  type SipRequest,
  type SipResponse,
  setHeader,
  topValue,
} from '../wire/sip/message.ts';
import { readNameAddr } from '../wire/sip/name-addr.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { isDoubled, isLoose, type OwnAddress } from './own-address.ts';
import { byUdpInstead, findTargets, type PreferTcp } from './prefer-tcp.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { ClientTransaction, ServerTransaction, TransactionLayer } from './transactions/transaction.ts';

export type RelayOptions = {
  /** To-tag of responses that we make ourselves. */
  localTag: string;
  /** Told the status with which the request ended; 408 when nobody answered. */
  onFinal?: ((status: number) => void) | undefined;
  otherwise?: Otherwise | undefined;
};

/**
 * Where a request goes when its next hop has no address or cannot be sent to, such as the Contact of a PSAP by a name that only its
 * own network knows: where the other side was when the call was answered. Without its ACK the call would end after half a minute.
 */
type Otherwise = (request: SipRequest) => SipTarget | undefined;

export type InDialogRelay = {
  /** Relays a request by its Route headers alone, so that dialogs survive a restart. */
  relay(request: SipRequest, transaction: ServerTransaction, flow: SipFlow, options: RelayOptions): void;
  /** Relays the ACK to a 2xx, which has no answer. */
  relayAck(request: SipRequest, flow: SipFlow, otherwise?: Otherwise): void;
};

const MAX_FORWARDS = 70;

type NextHop = { request: SipRequest; uri: string };

/** ACK, BYE, re-INVITE, UPDATE, PRACK, INFO … of dialogs that were record-routed through here (RFC 3261 §16.4, §16.6). */
export function createInDialogRelay(deps: {
  layer: Pick<TransactionLayer, 'sendRequest' | 'sendStateless'>;
  ownAddress: OwnAddress;
  resolve: ResolveDestination;
  preferTcp: PreferTcp;
  clock: Clock;
  /** Timer C: how long an INVITE may go without a final response after each provisional one. */
  ringingMs: number;
  logger: Logger;
}): InDialogRelay {
  const { layer, ownAddress, resolve, clock, ringingMs, logger } = deps;

  /** Who is next, and what it gets; undefined when the request leads nowhere but to us. */
  function route(received: SipRequest, flow: SipFlow): NextHop | undefined {
    let request = received;
    // A strict router before us put our Record-Route into the Request-URI (§16.4).
    if (ownAddress.isOwnUri(request.uri, flow) && isLoose(request.uri)) {
      const last = headerValues(request, 'Route').at(-1);
      const target = last === undefined ? undefined : readNameAddr(last)?.uri;
      if (target !== undefined) request = { ...withoutLastRoute(request), uri: target };
    }
    let route = topValue(request, 'Route');
    // More than once where a call passed here twice; the second of two values names us on the other side (RFC 5658 §3.3).
    while (route !== undefined && isOwnRoute(route, flow)) {
      const isFirstOfTwo = isDoubled(route);
      request = removeTopValue(request, 'Route');
      route = topValue(request, 'Route');
      if (!isFirstOfTwo || route === undefined || !isDoubled(route)) continue;
      request = removeTopValue(request, 'Route');
      route = topValue(request, 'Route');
    }
    request = setHeader(request, 'Max-Forwards', String(forwardsLeft(received) - 1));
    if (route === undefined) {
      return ownAddress.isOwnUri(request.uri, flow) ? undefined : { request, uri: request.uri };
    }
    const uri = readNameAddr(route)?.uri ?? '';
    if (isLoose(uri)) return { request, uri };
    // A strict router is next (§16.6 step 6).
    return { request: { ...appendHeader(removeTopValue(request, 'Route'), 'Route', `<${request.uri}>`), uri }, uri };
  }

  function isOwnRoute(route: string, flow: SipFlow): boolean {
    return ownAddress.isOwnUri(readNameAddr(route)?.uri ?? '', flow);
  }

  /** RFC 3261 §16.8: an INVITE that only ever rings is cancelled; its own timer then ends it if nothing comes. */
  function createTimerC(method: string, expire: () => void): { restart(): void; stop(): void } {
    let stopTimer = (): void => undefined;
    return {
      restart() {
        stopTimer();
        if (method === 'INVITE') stopTimer = clock.after(ringingMs, expire);
      },
      stop: () => stopTimer(),
    };
  }

  /** To the first address that can be sent to; silence is answered by the 2xx that comes again. */
  async function sendAck(ack: SipRequest, [target, ...others]: readonly SipTarget[]): Promise<void> {
    if (!target) return;
    try {
      await layer.sendStateless(ack, target);
    } catch (error) {
      if (others.length === 0) throw error;
      await sendAck(ack, others);
    }
  }

  /** At once where the address is at hand: what was received after it must not overtake it. */
  async function deliverAck(received: SipRequest, { request, uri }: NextHop, otherwise?: Otherwise): Promise<void> {
    try {
      const targets = resolve(uri);
      await sendAck(request, targets instanceof Promise ? await targets : targets);
    } catch (error) {
      const target = otherwise?.(received);
      if (!target) throw error;
      await sendAck(request, [target]);
    }
  }

  return {
    relay(request, transaction, flow, { localTag, onFinal, otherwise }) {
      const isInvite = request.method === 'INVITE';
      const answer = (status: number): void => {
        onFinal?.(status);
        transaction.respond(createResponse(request, status, undefined, { toTag: localTag }));
      };
      const pass = (response: SipResponse): void => {
        const { status } = response;
        if (status >= 200) onFinal?.(status);
        // RFC 4320 §4.1: nothing but a final response to anything but INVITE.
        else if (status === 100 || !isInvite) return;
        const forwarded = removeTopValue(response, 'Via');
        // RFC 3261 §16.7 step 6: it is the other side that is out of service, not we.
        transaction.respond(
          status === 503 ? { ...forwarded, status: 500, reason: 'Server Internal Error' } : forwarded,
        );
      };
      if (forwardsLeft(request) <= 0) return answer(483);
      const next = route(request, flow);
      if (!next) return answer(481);
      let isCancelled = false;
      let client: ClientTransaction | undefined;
      let isFirstWay = true;
      const timerC = createTimerC(request.method, () => client?.cancel());
      transaction.onCancel((cancel) => {
        isCancelled = true;
        // RFC 3326 §2: who is cancelled is told why, as the canceller said it.
        client?.cancel(headerValues(cancel, 'Reason').map((value) => ({ name: 'Reason', value })));
      });
      const send = ([target, ...others]: readonly SipTarget[]): void => {
        if (isCancelled) return answer(487);
        if (!target) return answer(480);
        client = layer.sendRequest(next.request, target, {
          onResponse(response) {
            if (response.status >= 200) timerC.stop();
            else timerC.restart();
            pass(response);
          },
          onTimeout() {
            if (isInvite) return answer(408);
            // RFC 4320 §4.2: a 408 would come too late for whoever asked, and tells it nothing.
            onFinal?.(408);
            transaction.giveUp();
          },
          onTransportError() {
            const instead = byUdpInstead(target);
            if (instead) send([instead, ...others]);
            else if (others.length > 0) send(others);
            else if (isFirstWay && sendOtherwise(target)) return;
            // RFC 3261 §16.9 treats this as 503, §16.7 step 6 sends that as 500.
            else answer(500);
          },
        });
      };
      const sendOtherwise = (failed?: SipTarget): boolean => {
        isFirstWay = false;
        const target = otherwise?.(request);
        if (!target || (failed && isSamePlace(failed, target))) return false;
        send([target]);
        return true;
      };
      goOnWith(
        () => findTargets(deps, next.request, next.uri),
        send,
        (error) => {
          logger.warn(
            { err: errorText(error), method: request.method },
            'calls: next hop of a dialog cannot be reached',
          );
          if (!sendOtherwise()) answer(480);
        },
      );
    },
    relayAck(request, flow, otherwise) {
      const next = route(request, flow);
      if (!next || forwardsLeft(request) <= 0) return;
      const fail = (error: unknown): void =>
        logger.warn({ err: errorText(error) }, 'calls: an ACK could not be relayed');
      deliverAck(request, next, otherwise).catch(fail);
    },
  };
}

function isSamePlace(one: SipTarget, other: SipTarget): boolean {
  return one.protocol === other.protocol && one.address === other.address && one.port === other.port;
}

/** RFC 3261 §16.6 step 3; an ACK is not checked for syntax, so its value may be anything. */
function forwardsLeft(request: SipRequest): number {
  const value = Number(headerValue(request, 'Max-Forwards') ?? MAX_FORWARDS);
  return Number.isInteger(value) ? value : MAX_FORWARDS;
}

function withoutLastRoute(request: SipRequest): SipRequest {
  const routes = headerValues(request, 'Route').slice(0, -1);
  const bare = removeHeader(request, 'Route');
  return { ...bare, headers: [...routes.map((value) => ({ name: 'Route', value })), ...bare.headers] };
}
