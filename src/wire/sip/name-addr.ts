import { headerValue, headerValues, type SipMessage } from './message.ts';
import { formatParams, NO_PARAMS, type Param, paramValue, quote, readParams, unquote } from './params.ts';
import { remembering } from './remembering.ts';

/**
 * `"Display" <uri>;params` (RFC 3261 §20.10): From, To, Contact, Route, P-Asserted-Identity, Geolocation, Call-Info.
 * `uri` is as on the wire; `displayName` is unquoted.
 */
export type NameAddr = {
  readonly displayName?: string | undefined;
  readonly uri: string;
  readonly params: readonly Param[];
};

/** Where the display name ends and `<` stands, quotes respected; -1 when there is no `<` or a quote stays open. */
function openingBracket(value: string): number {
  if (!value.includes('"')) return value.indexOf('<');
  let isQuoted = false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (isQuoted && code === 0x5c) at++;
    else if (code === 0x22) isQuoted = !isQuoted;
    else if (code === 0x3c && !isQuoted) return at;
  }
  return -1;
}

/**
 * Reads one name-addr or addr-spec. Without `<>`, everything behind the first semicolon belongs to the header, not to
 * the URI (RFC 3261 §20.10). Undefined when there is no URI in it.
 */
export const readNameAddr: (value: string) => NameAddr | undefined = remembering(parseNameAddr);

function parseNameAddr(value: string): NameAddr | undefined {
  const open = openingBracket(value);
  if (open === -1) {
    const semicolon = value.indexOf(';');
    const uri = (semicolon === -1 ? value : value.slice(0, semicolon)).trim();
    if (uri === '' || uri.includes('"') || !uri.includes(':')) return undefined;
    return { uri, params: semicolon === -1 ? NO_PARAMS : readParams(value.slice(semicolon + 1)) };
  }
  const close = value.indexOf('>', open);
  const uri = value.slice(open + 1, Math.max(close, 0)).trim();
  if (close === -1 || uri === '') return undefined;
  const name = value.slice(0, open).trim();
  const rest = value.slice(close + 1).trim();
  if (rest !== '' && !rest.startsWith(';')) return undefined;
  return { displayName: name === '' ? undefined : unquote(name), uri, params: readParams(rest) };
}

/** Every readable name-addr of a header, in order; unreadable ones are left out. */
export function readNameAddrs(message: SipMessage, name: string): NameAddr[] {
  const list: NameAddr[] = [];
  for (const value of headerValues(message, name)) {
    const nameAddr = readNameAddr(value);
    if (nameAddr) list.push(nameAddr);
  }
  return list;
}

/** Always with `<>`; the display name always quoted. */
export function formatNameAddr({ displayName, uri, params }: NameAddr): string {
  const name = displayName === undefined ? '' : `${quote(displayName)} `;
  return `${name}<${uri}>${formatParams(params)}`;
}

/** The tag of a From or To header; undefined when there is none. */
export function readTag(message: SipMessage, name: 'From' | 'To'): string | undefined {
  const value = headerValue(message, name);
  const nameAddr = value === undefined ? undefined : readNameAddr(value);
  return nameAddr && (paramValue(nameAddr.params, 'tag') || undefined);
}
