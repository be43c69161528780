import { isIpv6Text, withoutBrackets } from './host-port.ts';
import { replaceTopValue, type SipRequest, type SipResponse } from './message.ts';
import { hasParam, type Param, paramValue, withParam } from './params.ts';
import { formatVia, readTopVia, type Via, viaReceived, viaRport } from './via.ts';

const DEFAULT_PORT = 5060;
const DEFAULT_TLS_PORT = 5061;

/**
 * Notes in the top Via where a request came from: `received` (RFC 3261 §18.2.1) and, when the sender asked for it, `rport`
 * (RFC 3581 §4). Values that the sender wrote there itself are overwritten. A request without readable Via stays as it is.
 */
export function noteSource(request: SipRequest, address: string, port: number): SipRequest {
  const via = readTopVia(request);
  if (!via) return request;
  const asksForPort = hasParam(via.params, 'rport');
  const isNeeded = asksForPort || via.host.toLowerCase() !== address.toLowerCase() || hasParam(via.params, 'received');
  if (!isNeeded) return request;
  let params: readonly Param[] = withParam(via.params, 'received', address);
  if (asksForPort) params = withParam(params, 'rport', String(port));
  return replaceTopValue(request, 'Via', formatVia({ ...via, params }));
}

function isAddress(host: string): boolean {
  return isIpv6Text(host) || /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(host);
}

/** The address a Via names: `maddr`, `received`, or a sent-by that is an address. */
function viaAddress(via: Via): string | undefined {
  const maddr = paramValue(via.params, 'maddr');
  const candidates = [maddr && withoutBrackets(maddr), viaReceived(via), via.host];
  return candidates.find((candidate) => candidate !== undefined && isAddress(candidate));
}

/**
 * Where a response goes by its top Via (RFC 3261 §18.2.2, RFC 3581 §4); undefined when that names no address.
 * `rport` is for datagrams: a lost connection is opened anew to the port of sent-by.
 */
export function responseAddress(
  response: SipResponse,
  protocol: 'udp' | 'tcp' | 'tls',
): { address: string; port: number } | undefined {
  const via = readTopVia(response);
  const address = via && viaAddress(via);
  if (!via || address === undefined) return undefined;
  const rport = protocol === 'udp' && !hasParam(via.params, 'maddr') ? viaRport(via) : undefined;
  return { address, port: rport ?? via.port ?? (protocol === 'tls' ? DEFAULT_TLS_PORT : DEFAULT_PORT) };
}
