import { BoundedMap } from '../support/bounded-map.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { SipFlow } from '../transport/sip-flow.ts';
import { cseqOf } from '../wire/sip/cseq.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import {
  headerValue,
  headerValues,
  NO_BODY,
  type SipHeader,
  type SipRequest,
  type SipResponse,
} from '../wire/sip/message.ts';
import { readNameAddr, readNameAddrs, readTag } from '../wire/sip/name-addr.ts';
import type { OwnAddress } from './own-address.ts';
import type { ResolveDestination } from './resolve-destination.ts';
import type { TransactionLayer } from './transactions/transaction.ts';

/** Acknowledges a 2xx that nobody wants and ends its session; called again for every retransmission of the 2xx. */
export type EndSession = (response: SipResponse, flow: SipFlow) => void;

const MAX_REMEMBERED = 10_000;

/**
 * Ends a second session as its caller would (RFC 3261 §13.2.2.4: ACK, then BYE): after a failover, the PSAP that answers
 * late must not keep an open line with nobody on it (decision 20). The answer alone tells all that is needed.
 */
export function createSessionEnder(deps: {
  layer: Pick<TransactionLayer, 'sendRequest' | 'sendStateless'>;
  ownAddress: Pick<OwnAddress, 'isOwnUri'>;
  resolve: ResolveDestination;
  logger: Logger;
}): EndSession {
  const { layer, ownAddress, resolve, logger } = deps;
  /** Sessions that have had their BYE. */
  const ended = new BoundedMap<string, true>(MAX_REMEMBERED);

  async function end(response: SipResponse, flow: SipFlow): Promise<void> {
    const remote = readNameAddrs(response, 'Contact')[0]?.uri;
    const routes = downstreamRoutes(response, (uri) => ownAddress.isOwnUri(uri, flow));
    const nextHop = routes[0] === undefined ? remote : readNameAddr(routes[0])?.uri;
    const uri = remote ?? `sip:${formatHostPort({ host: flow.remoteAddress, port: flow.remotePort })}`;
    const targets = nextHop === undefined ? [] : await Promise.resolve(resolve(nextHop)).catch(() => []);
    const target = targets[0] ?? flow;
    const sequence = cseqOf(response)?.sequence ?? 1;
    await layer.sendStateless(inDialog('ACK', uri, sequence, routes, response), target);

    const key = `${headerValue(response, 'Call-ID') ?? ''}\n${readTag(response, 'To') ?? ''}`;
    if (ended.get(key)) return;
    ended.set(key, true);
    const reason = { name: 'Reason', value: 'SIP;cause=200;text="Call completed elsewhere"' };
    layer.sendRequest(inDialog('BYE', uri, sequence + 1, routes, response, [reason]), target, {
      onResponse: () => undefined,
      onTimeout: () => logger.warn({}, 'calls: a superfluous session did not confirm its end'),
      onTransportError: (error) =>
        logger.warn({ err: error.message }, 'calls: a superfluous session could not be ended'),
    });
  }

  return (response, flow) => {
    end(response, flow).catch((error: unknown) => {
      logger.warn({ err: errorText(error) }, 'calls: a superfluous session could not be ended');
    });
  };
}

/** The route set from us to the callee (RFC 3261 §12.1.2): the Record-Route values above our own, in reverse. */
function downstreamRoutes(response: SipResponse, isOwn: (uri: string) => boolean): string[] {
  const values = headerValues(response, 'Record-Route');
  const own = values.findIndex((value) => isOwn(readNameAddr(value)?.uri ?? ''));
  return values.slice(0, Math.max(own, 0)).reverse();
}

function inDialog(
  method: string,
  uri: string,
  sequence: number,
  routes: readonly string[],
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
      { name: 'From', value: headerValue(response, 'From') ?? '' },
      { name: 'To', value: headerValue(response, 'To') ?? '' },
      { name: 'Call-ID', value: headerValue(response, 'Call-ID') ?? '' },
      { name: 'CSeq', value: `${sequence} ${method}` },
      ...extra,
    ],
    body: NO_BODY,
  };
}
