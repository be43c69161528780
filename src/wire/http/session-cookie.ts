import { ProblemError } from '../../domain/problem.ts';

/**
 * The cookie of a signed-in browser (RFC 6265bis): no script reads it, no other site's request carries it. Under `https` its name
 * binds it to this very host (§4.1.3.2).
 */
const NAME = 'waymark';
const SECURE_NAME = `__Host-${NAME}`;
const ATTRIBUTES = 'Path=/; HttpOnly; SameSite=Strict';
const cookieNamed = (name: string): RegExp => new RegExp(`(?:^|; *)${name}=([\\w-]{1,64})(?:;|$)`);
const COOKIE = cookieNamed(NAME);
const SECURE_COOKIE = cookieNamed(SECURE_NAME);
const MAX_COOKIE_HEADER = 4_096;
/** A header that no page of another site can add without being asked about first (CORS), which is never allowed here. */
export const CONSOLE_HEADER = 'x-waymark-console';
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Header fields by lower-case name. */
type HttpHeaders = Readonly<Record<string, string | string[] | undefined>>;

const isSecure = (publicUrl: string): boolean => publicUrl.startsWith('https:');

export function sessionCookie(secret: string, publicUrl: string): string {
  return isSecure(publicUrl) ? `${SECURE_NAME}=${secret}; ${ATTRIBUTES}; Secure` : `${NAME}=${secret}; ${ATTRIBUTES}`;
}

/** Makes the browser forget it. */
export function endedSessionCookie(publicUrl: string): string {
  return `${sessionCookie('', publicUrl)}; Max-Age=0`;
}

/**
 * The secret that a request brings along; undefined: it comes from no signed-in browser. Under `https` only the name that is bound to
 * this host counts: the other may have been set by a neighbouring host, to have somebody work in a session that is not theirs.
 */
export function readSessionCookie(headers: HttpHeaders, publicUrl: string): string | undefined {
  const { cookie } = headers;
  if (typeof cookie !== 'string' || cookie.length > MAX_COOKIE_HEADER) return undefined;
  return (isSecure(publicUrl) ? SECURE_COOKIE : COOKIE).exec(cookie)?.[1];
}

/**
 * A request that changes something by the cookie alone must come from our own pages: their scripts say so in a header, and a
 * browser that names the site of the request names ours (Fetch Metadata). Throws `forbidden`.
 */
export function requireOwnPage(method: string, headers: HttpHeaders): void {
  if (SAFE_METHODS.has(method)) return;
  const site = headers['sec-fetch-site'];
  if (headers[CONSOLE_HEADER] !== undefined && (site === undefined || site === 'same-origin')) return;
  throw new ProblemError('forbidden', 'A signed-in browser changes things from the pages of this server alone.');
}
