const MAX_LENGTH = 512;
/** Browsers read a backslash as a slash and leave out tabs and line ends (URL Standard §4.4): neither begins another host here. */
const LOCAL = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;
const BASE = 'http://local.invalid';
/** Whoever comes back is done with signing in. */
const SIGN_IN = /^\/sign-in(?:\/|$)/i;

/**
 * Where somebody wants to go on this very server, as path, query and fragment; `/` for whatever would lead elsewhere (RFC 9700
 * §4.11: no open redirector).
 */
export function readLocalPath(text: string | null | undefined): string {
  if (text === null || text === undefined || text.length > MAX_LENGTH || !LOCAL.test(text)) return '/';
  const url = URL.parse(text, BASE);
  if (url?.origin !== BASE || url.pathname.startsWith('//') || SIGN_IN.test(url.pathname)) return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
