/** A host and an optional port; an IPv6 host stands without its brackets. */
export type HostPort = { readonly host: string; readonly port: number | undefined };

const NAME_OR_IPV4 = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/;
const IPV6 = /^[0-9A-Fa-f:.]+$/;
/** Which interface a link-local address belongs to (RFC 4007 §11); it means something to its sender alone. */
const ZONE = /%[A-Za-z0-9._~%-]{1,40}$/;

/** Whether the text looks like an IPv6 address; liberal about `:::` as RFC 5118 §4.10 asks. */
export function isIpv6Text(text: string): boolean {
  return text.length <= 45 && text.length >= 2 && text.indexOf(':') !== text.lastIndexOf(':') && IPV6.test(text);
}

/** Adds brackets around an IPv6 address. */
export function formatHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host:port`, with brackets around IPv6. */
export function formatHostPort({ host, port }: HostPort): string {
  return port === undefined ? formatHost(host) : `${formatHost(host)}:${port}`;
}

/** Takes the brackets away if there are any. */
export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Reads `host`, `host:port`, `[v6]`, `[v6]:port`; spaces around the colon are allowed, as is a colon
 * without port. Undefined when unreadable. */
export function readHostPort(text: string): HostPort | undefined {
  if (text.startsWith('[')) {
    const close = text.indexOf(']');
    const host = text.slice(1, close);
    if (close === -1 || !isIpv6Text(host.replace(ZONE, ''))) return undefined;
    const rest = text.slice(close + 1).trim();
    if (rest === '') return { host, port: undefined };
    return rest.startsWith(':') ? withPort(host, rest.slice(1)) : undefined;
  }
  const colon = text.indexOf(':');
  const host = (colon === -1 ? text : text.slice(0, colon)).trim();
  if (host.length > 255 || !NAME_OR_IPV4.test(host)) return undefined;
  return colon === -1 ? { host, port: undefined } : withPort(host, text.slice(colon + 1));
}

function withPort(host: string, portText: string): HostPort | undefined {
  const digits = portText.trim();
  if (digits === '') return { host, port: undefined };
  if (!/^[0-9]{1,5}$/.test(digits)) return undefined;
  const port = Number(digits);
  return port <= 65_535 ? { host, port } : undefined;
}
