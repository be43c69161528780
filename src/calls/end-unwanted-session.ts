import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { cseqOf } from '../wire/sip/cseq.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../wire/sip/message.ts';
import { readNameAddr, readNameAddrs, readTag } from '../wire/sip/name-addr.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { ClientTransaction, TransactionLayer } from './transactions/transaction.ts';

/** Acknowledges a 2xx that nobody wants and ends its session; called again for every retransmission of the 2xx. */
export type EndSession = (invite: ClientTransaction, response: SipResponse) => void;

/**
 * Ends a second session as its caller would (RFC 3261 §13.2.2.4: ACK, then BYE): after a failover, the PSAP that answers
 * late must not keep an open line with nobody on it (decision 20).
 */
export function createSessionEnder(deps: {
  layer: Pick<TransactionLayer, 'sendRequest' | 'sendStateless'>;
  resolve: ResolveDestination;
  logger: Logger;
}): EndSession {
  const { layer, resolve, logger } = deps;
  const ended = new Set<string>();

  async function end(invite: ClientTransaction, response: SipResponse): Promise<void> {
    const remote = readNameAddrs(response, 'Contact')[0]?.uri;
    const routes = downstreamRoutes(invite.request, response);
    const nextHop = routes[0] === undefined ? remote : readNameAddr(routes[0])?.uri;
    const sequence = cseqOf(invite.request)?.sequence ?? 1;
    const uri = remote ?? invite.request.uri;
    const targets = nextHop === undefined ? [] : await resolve(nextHop).catch(() => []);
    const target = targets[0] ?? invite.target;
    await layer.sendStateless(inDialog('ACK', uri, sequence, routes, invite.request, response), target);

    const key = readTag(response, 'To') ?? '';
    if (ended.has(key)) return;
    ended.add(key);
    const reason = { name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' };
    const bye = inDialog('BYE', uri, sequence + 1, routes, invite.request, response, [reason]);
    layer.sendRequest(bye, target, {
      onResponse: () => undefined,
      onTimeout: () => logger.warn({}, 'calls: a superfluous session did not confirm its end'),
      onTransportError: (error) =>
        logger.warn({ err: error.message }, 'calls: a superfluous session could not be ended'),
    });
  }

  return (invite, response) => {
    end(invite, response).catch((error: unknown) => {
      logger.warn({ err: errorText(error) }, 'calls: a superfluous session could not be ended');
    });
  };
}

/**
 * The route set from us to the callee (RFC 3261 §12.1.2): the Record-Route values that stand above those which the INVITE
 * carried when it left us, in reverse.
 */
function downstreamRoutes(invite: SipRequest, response: SipResponse): string[] {
  const values = headerValues(response, 'Record-Route');
  return values.slice(0, Math.max(0, values.length - headerValues(invite, 'Record-Route').length)).reverse();
}

function inDialog(
  method: string,
  uri: string,
  sequence: number,
  routes: readonly string[],
  invite: SipRequest,
  response: SipResponse,
  extra: readonly SipHeader[] = [],
): SipRequest {
  return {
    kind: 'request',
    method,
    uri,
    headers: [
      ...routes.map((value) => ({ name: 'Route', value })),
      { name: 'Max-Forwards', value: '70' },
      { name: 'From', value: headerValue(invite, 'From') ?? '' },
      { name: 'To', value: headerValue(response, 'To') ?? '' },
      { name: 'Call-ID', value: headerValue(invite, 'Call-ID') ?? '' },
      { name: 'CSeq', value: `${sequence} ${method}` },
      ...extra,
    ],
    body: NO_BODY,
  };
}
