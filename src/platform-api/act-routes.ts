import type { Incidents, LinkView } from '../alerts/incidents/incidents.ts';
import type { RawAnswer, RawRequest, RawRoute } from '../transport/raw-doors.ts';
import { renderActPage } from './pages/act-page.ts';

export type ActRouteDeps = {
  incidents: Pick<Incidents, 'lookAtLink' | 'actByLink'>;
  /** IANA; undefined: the location is not known. */
  timeZoneOf(organizationId: string, locationId: string): string | undefined;
};

const BODY_LIMIT = 1_024;

/** The token in the address is all that it takes: nothing may keep it, pass it on or frame the page. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

function statusOf(view: LinkView): number {
  switch (view.kind) {
    case 'unknown':
      return 404;
    case 'expired':
      return 410;
    case 'too-many':
      return 429;
    case 'found':
      return view.outcome === 'kept' || view.outcome === 'kept-in-memory' ? 202 : 200;
  }
}

/** The pages behind the links in messages. Mail scanners follow links, so that reading changes nothing: the button does. */
export function actRoutes(deps: ActRouteDeps): RawRoute[] {
  const { incidents } = deps;
  function answer({ params }: RawRequest, view: LinkView): RawAnswer {
    const incident = view.kind === 'found' ? view.incident : null;
    const timeZone = incident?.locationId ? deps.timeZoneOf(incident.organizationId, incident.locationId) : undefined;
    return {
      status: statusOf(view),
      contentType: 'text/html; charset=utf-8',
      headers: { ...HEADERS, ...(view.kind === 'too-many' && { 'retry-after': String(view.retryAfterSeconds) }) },
      body: renderActPage({ token: params['token'] ?? '', view, timeZone }),
    };
  }
  const path = '/act/:token';
  return [
    {
      methods: ['GET'],
      path,
      bodyLimit: 1,
      handle: async (request) =>
        answer(request, await incidents.lookAtLink(request.params['token'] ?? '', request.sourceAddress)),
    },
    {
      methods: ['POST'],
      path,
      bodyLimit: BODY_LIMIT,
      handle: async (request) =>
        answer(request, await incidents.actByLink(request.params['token'] ?? '', request.sourceAddress)),
    },
  ];
}
