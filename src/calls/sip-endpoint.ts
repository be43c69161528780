import { newSecret } from '../support/ids.ts';
import type { Logger } from '../support/logger.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { cseqOf } from '../wire/sip/cseq.ts';
import { headerValues, removeTopValue, type SipRequest, type SipResponse, topValue } from '../wire/sip/message.ts';
import { readNameAddr } from '../wire/sip/name-addr.ts';
import { createResponse } from '../wire/sip/responses.ts';
import { readTopVia } from '../wire/sip/via.ts';
import { responseAddress } from '../wire/sip/via-routing.ts';
import type { AnsweringDialogs } from './answering-dialogs.ts';
import type { RouteCallback } from './callbacks/route-callback.ts';
import type { EndSession } from './end-unwanted-session.ts';
import type { LiveCalls } from './live-calls.ts';
import type { OwnAddress } from './own-address.ts';
import { isInDialog } from './read-emergency-call.ts';
import type { InDialogRelay } from './relay-in-dialog.ts';
import type { RouteEmergencyCall } from './route-emergency-call.ts';
import { readServiceNumber, type ServiceNumber } from './service-number.ts';
import type { ServerTransaction, TransactionLayer, TransactionUser } from './transactions/transaction.ts';

/** Answers to a BYE after which there is no session either: nobody answered, it is unknown, or nobody can be reached. */
const ENDED_ANYWAY: ReadonlySet<number> = new Set([408, 410, 480, 481, 500]);
/** Requests that stand in a dialog always. */
const WITHIN_DIALOGS: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'INFO', 'PRACK']);
const ALLOW = { name: 'Allow', value: 'INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO, MESSAGE' };
const ACCEPT = { name: 'Accept', value: 'application/sdp, multipart/mixed, application/pidf+xml' };

/** What every SIP request means here: an emergency call, a part of a dialog, or nothing that this element does. */
export function createSipEndpoint(deps: {
  layer: Pick<TransactionLayer, 'sendStateless'>;
  routeEmergencyCall: RouteEmergencyCall;
  routeCallback: RouteCallback;
  relay: InDialogRelay;
  dialogs: AnsweringDialogs;
  liveCalls: LiveCalls;
  ownAddress: OwnAddress;
  endSession: EndSession;
  logger: Logger;
}): TransactionUser {
  const { layer, relay, dialogs, liveCalls, ownAddress, logger } = deps;

  const otherwise = (request: SipRequest) => liveCalls.otherSide(request);

  function onRequest(request: SipRequest, transaction: ServerTransaction, flow: SipFlow): void {
    const refuse = (status: number): void => {
      transaction.respond(createResponse(request, status, undefined, { toTag: newSecret(9), headers: [ALLOW] }));
    };
    const service = readServiceNumber(request.uri);
    // A tag on a call for help that leads nowhere but here is a broken phone, not a dialog.
    const isBrokenCall = service?.kind === '911' && request.method === 'INVITE' && leadsHere(request, service, flow);
    if (isInDialog(request) || isOfTaglessDialog(request, flow)) {
      if (dialogs.onRequest(request, transaction)) return;
      if (isBrokenCall) return deps.routeEmergencyCall(request, service, transaction, flow);
      // Only what the other side confirms, or is gone for, has ended a call: anybody can make up a BYE (RFC 3261 §15.1.1).
      const onFinal = (status: number): void => {
        if (request.method === 'BYE' && (status < 300 || ENDED_ANYWAY.has(status))) liveCalls.ended(request);
      };
      if (request.method === 'BYE') liveCalls.saysBye(request);
      return relay.relay(request, transaction, flow, {
        localTag: newSecret(9),
        onFinal,
        otherwise,
      });
    }
    if (service && request.method === 'INVITE') return deps.routeEmergencyCall(request, service, transaction, flow);
    if (request.method === 'OPTIONS') {
      // RFC 3261 §11.2; also a probe of an emergency number is answered by us, never by a PSAP.
      const headers = [ALLOW, ACCEPT, { name: 'Supported', value: 'geolocation-http, geolocation-sip' }];
      transaction.respond(createResponse(request, 200, undefined, { toTag: newSecret(9), headers }));
      return;
    }
    if (request.method === 'INVITE') {
      if (!deps.routeCallback(request, transaction, flow)) refuse(404);
      return;
    }
    // Whether an early MESSAGE or the like was meant for an emergency service or not: only calls are routed here.
    if (service || ownAddress.isOwnUri(request.uri, flow)) return refuse(405);
    return refuse(404);
  }

  /** Every dialog that came by here has us in its Route, and somebody else behind us. */
  function leadsHere(request: SipRequest, service: ServiceNumber, flow: SipFlow): boolean {
    const routes = headerValues(request, 'Route');
    const isOwn = (uri: string | undefined): boolean => uri !== undefined && ownAddress.isOwnUri(uri, flow);
    if (routes.length === 0) return true;
    return (service.isUrn || isOwn(request.uri)) && routes.every((route) => isOwn(readNameAddr(route)?.uri));
  }

  /** RFC 3261 §12.1.1, last words: who answered without a tag has a dialog all the same; our Route tells that it came by here. */
  function isOfTaglessDialog(request: SipRequest, flow: SipFlow): boolean {
    if (!WITHIN_DIALOGS.has(request.method)) return false;
    const route = topValue(request, 'Route');
    return route !== undefined && ownAddress.isOwnUri(readNameAddr(route)?.uri ?? '', flow);
  }

  return {
    onRequest,
    mustNotRefuse: (request) => request.method === 'INVITE' && readServiceNumber(request.uri)?.kind === '911',
    onAck(request, flow) {
      if (!dialogs.onAck(request)) relay.relayAck(request, flow, otherwise);
    },
    /**
     * A response whose transaction has ended. An answer of a destination that was given up is ended (decision 20). One of a
     * call that is not known here may have been under way when this process was restarted: it is passed on against
     * RFC 6026 §7.3, or its caller would never hear of it. Everything else is dropped.
     */
    onStrayResponse(response: SipResponse, flow: SipFlow) {
      const { status } = response;
      if (cseqOf(response)?.method !== 'INVITE' || status === 100) return;
      if (liveCalls.isKnown(response)) {
        const isAnswer = status >= 200 && status < 300;
        if (isAnswer && !liveCalls.isAnswerOf(response)) deps.endSession(response, flow);
        return;
      }
      const forwarded = removeTopValue(response, 'Via');
      const via = readTopVia(forwarded);
      const protocol = via?.transport === 'TLS' ? 'tls' : via?.transport === 'TCP' ? 'tcp' : 'udp';
      const target = via && responseAddress(forwarded, protocol);
      if (!target) return;
      layer.sendStateless(forwarded, { protocol, ...target }).catch((error: unknown) => {
        logger.warn({ err: error, remoteAddress: flow.remoteAddress }, 'calls: a late response could not be passed on');
      });
    },
  };
}
