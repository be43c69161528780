/** A host and an optional port; an IPv6 host stands without its brackets. */
export type HostPort = { readonly host: string; readonly port: number | undefined };

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
  if (host.length > 255 || !isNameOrIpv4(host)) return undefined;
  return colon === -1 ? { host, port: undefined } : withPort(host, text.slice(colon + 1));
}

function withPort(host: string, portText: string): HostPort | undefined {
  const digits = portText.trim();
  if (digits === '') return { host, port: undefined };
  if (digits.length > 5 || !isDigits(digits)) return undefined;
  const port = Number(digits);
  return port <= 65_535 ? { host, port } : undefined;
}

function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text !== '';
}

/** Letters, digits, `_`, `-` and dots, not beginning with a dot and not beginning or ending with `-`. */
function isNameOrIpv4(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isInside = code === 0x2e || code === 0x2d;
    const isLetterOrDigit =
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x41 && code <= 0x5a) ||
      code === 0x5f;
    if (!isLetterOrDigit && !isInside) return false;
    if (isInside && at === 0) return false;
    if (code === 0x2d && at === text.length - 1) return false;
  }
  return text !== '';
}
