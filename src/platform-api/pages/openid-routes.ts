import type { SignInOpenId, SignInRefusal } from '../../accounts/openid/sign-in-openid.ts';
import { newId } from '../../support/ids.ts';
import type { RawAnswer, RawRequest, RawRoute } from '../../transport/raw-doors.ts';
import { readLocalPath } from '../../wire/http/local-path.ts';
import { isFromElsewhere, SESSION_COOKIE, SIGN_IN_COOKIE } from '../../wire/http/session-cookie.ts';

const OPENID = '/sign-in/openid';
/** Registered with the provider, as is the page after signing out there. */
export const OPENID_CALLBACK = `${OPENID}/callback`;
export const SIGN_IN_PAGE = '/sign-in';
/** Codes and states are short; nobody needs more of a query. */
const MAX_QUERY = 8_192;

const HEADERS = {
  'cache-control': 'no-store',
  // What stands in the address of the callback is nobody else's business.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

function goTo(address: string, cookie?: string): RawAnswer {
  return {
    status: 303,
    contentType: 'text/plain; charset=utf-8',
    headers: { ...HEADERS, location: address, ...(cookie !== undefined && { 'set-cookie': cookie }) },
    body: '',
  };
}

type Explanation = {
  /** Where the browser wants to be after another try. */
  to?: string;
  cookie?: string;
};

function queryOf({ target }: RawRequest): URLSearchParams {
  const start = target.indexOf('?');
  const query = start === -1 ? '' : target.slice(start + 1);
  return new URLSearchParams(query.length > MAX_QUERY ? '' : query);
}

/** Signing in and out at the outside provider's page: where a browser is sent, and what it comes back with. */
export function openIdRoutes(deps: {
  openId: SignInOpenId | undefined;
  publicUrl(): string;
  get: (path: string, handle: RawRoute['handle']) => RawRoute;
}): RawRoute[] {
  const { get, openId } = deps;

  const ways = get('/sign-in/ways', () => ({
    status: 200,
    contentType: 'application/json; charset=utf-8',
    headers: HEADERS,
    // Whole, because the provider sends everybody back to this very address.
    body: JSON.stringify({ openId: openId ? { label: openId.label, address: `${deps.publicUrl()}${OPENID}` } : null }),
  }));
  if (openId === undefined) return [ways];

  const fromOf = (request: RawRequest) => ({
    remoteAddress: request.sourceAddress,
    trackingId: `WAYMARK_${newId()}`,
  });

  function explain(refusal: SignInRefusal, trackingId: string, { to = '/', cookie }: Explanation = {}): RawAnswer {
    const about = new URLSearchParams({ problem: refusal, id: trackingId, ...(to !== '/' && { to }) });
    return goTo(`${SIGN_IN_PAGE}?${about.toString()}`, cookie);
  }

  return [
    ways,
    get(OPENID, async (request) => {
      const from = fromOf(request);
      const to = readLocalPath(queryOf(request).get('to'));
      const begun = await openId.begin(to, from);
      if ('refusal' in begun) return explain(begun.refusal, from.trackingId, { to });
      return goTo(begun.address, SIGN_IN_COOKIE.write(begun.sealed, deps.publicUrl()));
    }),
    get(OPENID_CALLBACK, async (request) => {
      const from = fromOf(request);
      const sealed = SIGN_IN_COOKIE.read(request.headers, deps.publicUrl());
      const finished = await openId.finish(queryOf(request), sealed, from);
      const to = readLocalPath(finished.to);
      if ('refusal' in finished) return explain(finished.refusal, from.trackingId, { to });
      return goTo(to, SESSION_COOKIE.write(finished.session.secret, deps.publicUrl()));
    }),
    get(`${OPENID}/end`, async (request) => {
      // By a link of another site nobody is signed out.
      if (isFromElsewhere(request.headers)) return goTo('/');
      const from = fromOf(request);
      const ended = await openId.end(SESSION_COOKIE.read(request.headers, deps.publicUrl()), from);
      const cookie = SESSION_COOKIE.end(deps.publicUrl());
      if ('refusal' in ended) return explain(ended.refusal, from.trackingId, { cookie });
      return goTo(ended.address ?? SIGN_IN_PAGE, cookie);
    }),
  ];
}
