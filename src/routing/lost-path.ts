import type { LostPath } from '../wire/lost/lost.ts';

/** `appUniqueString` of RFC 5222 §15: a dotted name. */
const SERVER_NAME = /^(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9]+$/;

/** Whether `name` can stand for a LoST server (RFC 5222 §4). */
export function isServerName(name: string): boolean {
  return name.length <= 253 && SERVER_NAME.test(name);
}

/** A name made of `text` where that is none: a host without a domain, an IPv6 address. */
export function toServerName(text: string): string {
  if (isServerName(text)) return text;
  const label = text
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
  return `${label === '' ? 'lost' : label}.invalid`;
}

/** The way of a query with `serverName` at its end (RFC 5222 §6); what is no name is left out, for no answer may hold it. */
export function continuePath(path: readonly string[], serverName: string): LostPath {
  const [first, ...rest] = path.filter(isServerName);
  return first === undefined ? [serverName] : [first, ...rest, serverName];
}
