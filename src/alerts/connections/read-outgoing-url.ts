import { isIP } from 'node:net';
import { placeholdersIn } from './fill-template.ts';

/** Where messages may go; the platform decides. */
export type OutgoingPolicy = {
  /** Whether this address may be connected to for such a URL. */
  mayAsk: (address: string, url: URL) => boolean;
  /** Whether there is any network to which `http:` may be spoken. */
  hasPlainNetworks: boolean;
};

const MAX_URL = 2_000;
/** In the place of a placeholder while its URL is looked at. */
const SAMPLE = '0';
const AUTHORITY = /^[a-z]+:\/\/([^/?#]*)/i;

/**
 * What is wrong with a URL that messages are to be sent to, as the end of a sentence; undefined: nothing. Names are looked up, and
 * their addresses judged, whenever something is sent.
 */
export function findUrlFault(template: string, policy: OutgoingPolicy): string | undefined {
  if (template.length > MAX_URL) return `is longer than ${MAX_URL} characters`;
  if (!/^[\x21-\x7e]+$/.test(template)) return 'holds spaces, control characters or characters beyond ASCII';
  const authority = AUTHORITY.exec(template)?.[1] ?? '';
  if (authority.includes('{')) return 'has a placeholder in its host';
  const [path = ''] = template.slice(template.indexOf(authority) + authority.length).split('?', 1);
  if (placeholdersIn(path).has('text')) return 'has the text in its path: it may stand in the query or the body';
  const filled = template.replaceAll(/\{\w+\}/g, SAMPLE);
  if (/[{}]/.test(filled)) return 'holds braces that are no placeholder';
  const url = URL.parse(filled);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'is no https URL';
  if (url.username !== '' || url.password !== '') return 'holds a user or password';
  if (url.hash !== '' || template.includes('#')) return 'holds a fragment, which is never sent';
  if (url.protocol === 'http:' && !policy.hasPlainNetworks) return 'is not https';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !policy.mayAsk(host, url)) return `names ${host}, to which nothing may be sent`;
  return undefined;
}

/** A URL without the values of its query, in which keys often stand; placeholders stay. */
export function withoutQueryValues(url: string): string {
  const [start = '', query] = url.split('?', 2);
  if (query === undefined) return url;
  const shown = query.split('&').map((pair) => {
    const [name = '', value] = pair.split(/=(.*)/s, 2);
    return value === undefined || value === '' || /^(?:\{\w+\})+$/.test(value) ? pair : `${name}=${HIDDEN}`;
  });
  return `${start}?${shown.join('&')}`;
}

/** Whether two URLs, placeholders and all, lead to the same server by the same protocol. */
export function isSameServer(one: string, other: string): boolean {
  const [origin, otherOrigin] = [one, other].map((url) => URL.parse(url.replaceAll(/\{\w+\}/g, SAMPLE))?.origin);
  return origin !== undefined && origin === otherOrigin;
}

/** What `withoutQueryValues` hides. */
export function queryValuesIn(url: string): string[] {
  return [...url.matchAll(/[?&][^=&]*=([^&{}]+)/g)].map(([, value = '']) => value);
}

/** Whoever knows the path of a chat room's URL may write there. */
export function originOnly(url: string): string {
  return `${new URL(url).origin}/${HIDDEN}`;
}

/** Stands for what is not shown; no URL may hold it, so that nobody sends back what was shown as a new one. */
export const HIDDEN = '…';
