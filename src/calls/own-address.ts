import type { SipFlow, SipProtocol, SipTarget, SipTransport } from '../transport/sip-flow.ts';
import { formatHostPort } from '../wire/sip/host-port.ts';
import { readNameAddr } from '../wire/sip/name-addr.ts';
import { hasParam, paramValue } from '../wire/sip/params.ts';
import { readSipUri } from '../wire/sip/uri.ts';

const DEFAULT_PORT = 5060;
const DEFAULT_TLS_PORT = 5061;

/** Which addresses of a message mean this element. */
export type OwnAddress = {
  isOwnUri(uri: string, flow: SipFlow): boolean;
  /**
   * What Record-Route gets so that the dialog's requests come by here, top value last prepended: one value, or two when the
   * sides reach us at different addresses or protocols (RFC 5658 §3.3).
   */
  recordRoutes(inbound: SipFlow, outbound: SipTarget): readonly string[];
  /** A Contact by which the peer of this flow reaches us. */
  contact(user: string, flow: SipFlow | SipTarget): string;
};

/**
 * `aliases`: `host:port` of the nodes that stand for each other behind one edge. A Route that names one of them is ours, so that
 * a dialog goes on when its node is gone.
 */
export function createOwnAddress(
  transport: Pick<SipTransport, 'sentBy' | 'addresses'>,
  sipDomain: string | undefined,
  aliases: readonly string[] = [],
): OwnAddress {
  const ownAliases = new Set(aliases.map((alias) => alias.toLowerCase()));

  function isOwn(host: string, port: number, flow: SipFlow): boolean {
    if (transport.addresses.some((own) => own.port === port && own.host.toLowerCase() === host)) return true;
    const hostPort = formatHostPort({ host, port });
    return hostPort === transport.sentBy(flow).toLowerCase() || ownAliases.has(hostPort);
  }

  function withTransport(hostPort: string, protocol: SipProtocol): string {
    if (protocol === 'udp') return hostPort;
    // Over TLS towards a peer, but nobody listens here for what it would begin itself: TCP then.
    const isReachable = protocol === 'tcp' || transport.addresses.some((own) => own.protocol === 'tls');
    return `${hostPort};transport=${isReachable ? protocol : 'tcp'}`;
  }

  return {
    isOwnUri(uriText, flow) {
      const uri = readSipUri(uriText);
      if (!uri) return false;
      const isOurPort = uri.port === undefined || transport.addresses.some(({ port }) => port === uri.port);
      if (isOurPort && uri.host.toLowerCase() === sipDomain?.toLowerCase()) return true;
      const isTls = uri.scheme === 'sips' || paramValue(uri.params, 'transport')?.toLowerCase() === 'tls';
      return isOwn(uri.host.toLowerCase(), uri.port ?? (isTls ? DEFAULT_TLS_PORT : DEFAULT_PORT), flow);
    },
    recordRoutes(inbound, outbound) {
      const outside = withTransport(transport.sentBy(outbound), outbound.protocol);
      const inside = withTransport(transport.sentBy(inbound), inbound.protocol);
      if (inside === outside) return [`<sip:${outside};lr>`];
      return [`<sip:${inside};lr;r2=on>`, `<sip:${outside};lr;r2=on>`];
    },
    contact: (user, flow) => `<sip:${user}@${withTransport(transport.sentBy(flow), flow.protocol)}>`,
  };
}

/** Whether a Route value is one of the two that one element puts on when its sides differ. */
export function isDoubled(routeValue: string): boolean {
  const uri = readSipUri(readNameAddr(routeValue)?.uri ?? '');
  return uri !== undefined && hasParam(uri.params, 'r2');
}

/** Whether a Route value is a loose router's (RFC 3261 §19.1.1 `lr`). */
export function isLoose(routeUri: string): boolean {
  const uri = readSipUri(routeUri);
  return uri !== undefined && hasParam(uri.params, 'lr');
}
