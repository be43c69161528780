import { ProblemError } from '../../domain/problem.ts';
import { browserCookie, type HttpHeaders } from './browser-cookie.ts';

/** What a signed-in browser keeps: no other site's request carries it. */
export const SESSION_COOKIE = browserCookie({ name: 'waymark', sameSite: 'Strict', maxLength: 64 });

/**
 * What a browser takes along to the outside provider's sign-in page, sealed. It comes back from another site's page, by a link,
 * which `Strict` would not let it.
 */
export const SIGN_IN_COOKIE = browserCookie({
  name: 'waymark-sign-in',
  sameSite: 'Lax',
  maxAgeSeconds: 600,
  maxLength: 2_048,
});

/** A header that no page of another site can add without being asked about first (CORS), which is never allowed here. */
const CONSOLE_HEADER = 'x-waymark-console';
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a browser says that a page of another site sent it (Fetch Metadata); older browsers say nothing. */
export function isFromElsewhere(headers: HttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

/**
 * A request that changes something by the cookie alone must come from our own pages: their scripts say so in a header, and a
 * browser that names the site of the request names ours. Throws `forbidden`.
 */
export function requireOwnPage(method: string, headers: HttpHeaders): void {
  if (SAFE_METHODS.has(method)) return;
  if (headers[CONSOLE_HEADER] !== undefined && !isFromElsewhere(headers)) return;
  throw new ProblemError('forbidden', 'A signed-in browser changes things from the pages of this server alone.');
}
