import createClient, { type Middleware } from 'openapi-fetch';
import { heldVersion, noteVersion } from './held-versions.ts';
import { ApiProblem, readProblem } from './problem.ts';
import type { paths } from './schema.generated.ts';

/** For which organization everything is asked: a partner's or the operator's choice; null: one's own. */
let actingFor: string | null = null;
let onSignedOut: () => void = () => undefined;

export function actFor(organizationId: string | null): void {
  actingFor = organizationId;
}

/** Told when the platform says that nobody is signed in any more. */
export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

/** Nobody is signed in: until somebody is, only the session is asked for. What would be refused is not sent, again and again. */
let isPaused = false;

export function pauseRequests(paused: boolean): void {
  isPaused = paused;
}

/** The address of something that the browser fetches by itself: a download, a stream. */
export function addressOf(path: string): string {
  if (actingFor === null) return path;
  return `${path}${path.includes('?') ? '&' : '?'}orgId=${encodeURIComponent(actingFor)}`;
}

const SESSION_PATH = '/api/session';
const SESSION_OVER = 'Your session has ended. Sign in again.';
/** Whoever asks with this header runs in a page of this server: no other site's page can send it. */
const OWN_PAGE = { 'x-waymark-console': '1' };

const asked: Middleware = {
  async onRequest({ request }) {
    const url = new URL(request.url);
    if (isPaused && url.pathname !== SESSION_PATH) throw new ApiProblem(401, SESSION_OVER);
    if (actingFor !== null && !url.searchParams.has('orgId')) url.searchParams.set('orgId', actingFor);
    // As a whole: browsers send streams over HTTP/2 alone.
    const body = request.body === null ? null : await request.blob();
    const { method, headers, signal } = request;
    const own = new Request(url, { method, headers, signal, body });
    for (const [name, value] of Object.entries(OWN_PAGE)) own.headers.set(name, value);
    const version = heldVersion(method, url.pathname);
    if (version !== null) own.headers.set('if-match', version);
    return own;
  },
  async onResponse({ request, response }) {
    if (response.ok) {
      noteVersion(request.method, new URL(request.url).pathname, response.headers.get('etag'));
      return;
    }
    // Whoever asks who is signed in gets to know it anyway.
    if (response.status === 401 && new URL(request.url).pathname !== SESSION_PATH) onSignedOut();
    const text = await response.text();
    let body: unknown = null;
    try {
      body = JSON.parse(text);
    } catch {
      // A proxy in between answers with a page of its own: the status says enough.
    }
    throw readProblem(response.status, body);
  },
  onError({ error }) {
    return new ApiProblem(0, error instanceof Error ? error.message : String(error));
  },
};

/** Every operation of the platform, typed from its description; what is refused is thrown as `ApiProblem`. */
export const api = createClient<paths>({ baseUrl: '/' });
api.use(asked);

/** Words of `/health/ready`; anything but `ok` is a fault. */
export type PlatformHealth = { database: string; journal: string; alerts: string };

/** How the platform itself is; answered without the database, too. */
export async function readHealth(): Promise<PlatformHealth> {
  const response = await fetch('/health/ready').catch((error: unknown) => {
    throw new ApiProblem(0, error instanceof Error ? error.message : String(error));
  });
  // Starting, it says so with 503.
  return (await response.json()) as PlatformHealth;
}

async function post(path: string, body: object): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...OWN_PAGE },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw new ApiProblem(0, error instanceof Error ? error.message : String(error));
  });
  if (!response.ok) throw readProblem(response.status, await response.json().catch(() => null));
}

/** Where one signs in at the outside provider's page, and what that is called; null: nowhere. */
export type SignInWays = { openId: { label: string; address: string } | null };

export async function fetchSignInWays(): Promise<SignInWays> {
  const response = await fetch('/sign-in/ways').catch((error: unknown) => {
    throw new ApiProblem(0, error instanceof Error ? error.message : String(error));
  });
  if (!response.ok) throw readProblem(response.status, await response.json().catch(() => null));
  return (await response.json()) as SignInWays;
}

/** Signs out here, and goes on to the outside provider to sign out there. */
export const SIGN_OUT_AT_PROVIDER = '/sign-in/openid/end';

export type SignIn = { accessToken: string } | { email: string; password: string };

export const signIn = (credentials: SignIn): Promise<void> => post('/session', credentials);
export const signOut = (): Promise<void> => post('/session/end', {});
