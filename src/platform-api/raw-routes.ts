import type { E911Accounts } from '../accounts/e911-accounts.ts';
import type { SignInOpenId } from '../accounts/openid/sign-in-openid.ts';
import type { Sessions } from '../accounts/sessions/sessions.ts';
import type { AlertContent } from '../alerts/content/content.ts';
import { ProblemError } from '../domain/problem.ts';
import type { RawAnswer, RawRequest, RawRoute } from '../transport/raw-doors.ts';
import type { RestRoute } from '../transport/rest-route.ts';
import { type ActRouteDeps, actRoutes } from './act-routes.ts';
import { describeOpenApi } from './describe-openapi.ts';
import { DESK_FILES, DESK_HEADERS, renderAlertDesk } from './pages/alert-desk.ts';
import { consoleRoutes } from './pages/console-files.ts';
import { renderDocsPage } from './pages/docs-page.ts';
import { renderInvitationPage } from './pages/invitation-page.ts';
import { openIdRoutes } from './pages/openid-routes.ts';
import { sessionPageRoutes } from './pages/session-routes.ts';

export type Health = {
  /** Answers to calls and phones are possible. */
  ready: boolean;
  database: 'ok' | 'away';
  /** Other than `ok`: calls go on without being journaled. */
  journal: string;
  snapshots: string;
  /** `waiting`: of some calls people are told later than promised. */
  alerts: 'ok' | 'waiting';
};

export type RawRouteDeps = ActRouteDeps & {
  sessions: Pick<Sessions, 'begin' | 'end'>;
  /** Undefined: no outside provider signs anybody in. */
  openId: SignInOpenId | undefined;
  /** The built console. */
  consoleFolder: string;
  routes: readonly RestRoute[];
  /** What is sent to webhooks. */
  webhooks: AlertContent['webhooks'];
  publicUrl(): string;
  health(): Health;
  metrics: { text(): Promise<string>; contentType: string };
  mayReadMetrics(address: string): boolean;
  acceptInvitation: E911Accounts['acceptInvitation'];
  minPasswordLength: number;
};

const HTML = 'text/html; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';
const SMALL_BODY = 4 * 1024;

const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const page = (status: number, body: string): RawAnswer => ({ status, contentType: HTML, headers: PAGE_HEADERS, body });

const STATUS_OF_FAILURE: Readonly<Record<string, number>> = {
  invalid: 400,
  'not-found': 404,
  gone: 410,
  'too-many-requests': 429,
};

/** Pages, descriptions, health and metrics: what needs no token. */
export function rawRoutes(deps: RawRouteDeps): RawRoute[] {
  const get = (path: string, handle: RawRoute['handle']): RawRoute => ({
    methods: ['GET'],
    path,
    bodyLimit: 1,
    handle,
  });

  async function setPassword(request: RawRequest): Promise<RawAnswer> {
    const token = request.params.token ?? '';
    const minLength = deps.minPasswordLength;
    const password = new URLSearchParams(request.body.toString('utf8')).get('password') ?? '';
    try {
      const { email } = await deps.acceptInvitation({
        token,
        password,
        remoteAddress: request.sourceAddress,
        trackingId: 'invitation',
      });
      return page(
        200,
        renderInvitationPage({ token, minLength, done: true, message: `The password of ${email} is set.` }),
      );
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const status = STATUS_OF_FAILURE[error.kind] ?? 400;
      return page(
        status,
        renderInvitationPage({ token, minLength, message: error.message, done: error.kind !== 'invalid' }),
      );
    }
  }

  return [
    ...consoleRoutes(deps.consoleFolder, get),
    ...sessionPageRoutes(deps),
    ...openIdRoutes({ ...deps, get }),
    get('/desk', () => ({ status: 200, contentType: HTML, headers: DESK_HEADERS, body: renderAlertDesk() })),
    ...DESK_FILES.map(({ path, contentType, body }) =>
      get(path, () => ({ status: 200, contentType, headers: DESK_HEADERS, body })),
    ),
    get('/docs', () => page(200, renderDocsPage(deps.routes))),
    get('/openapi.json', () => ({
      status: 200,
      contentType: JSON_TYPE,
      body: JSON.stringify(describeOpenApi(deps.routes, deps.publicUrl(), deps.webhooks)),
    })),
    get('/health/live', () => ({ status: 200, contentType: JSON_TYPE, body: '{"status":"live"}' })),
    get('/health/ready', () => {
      const health = deps.health();
      const { alerts, database, snapshots, journal } = health;
      const isWell = database === 'ok' && journal === 'ok' && alerts === 'ok';
      const status = health.ready ? (isWell ? 'ready' : 'degraded') : 'starting';
      return {
        status: health.ready ? 200 : 503,
        contentType: JSON_TYPE,
        body: JSON.stringify({ status, database, snapshots, journal, alerts }),
      };
    }),
    get('/metrics', async ({ sourceAddress }) => {
      if (!deps.mayReadMetrics(sourceAddress)) {
        throw new ProblemError('forbidden', 'This address may not read the metrics (WAYMARK_METRICS_READERS).');
      }
      return { status: 200, contentType: deps.metrics.contentType, body: await deps.metrics.text() };
    }),
    get('/invitations/:token', (request) =>
      page(200, renderInvitationPage({ token: request.params.token ?? '', minLength: deps.minPasswordLength })),
    ),
    { methods: ['POST'], path: '/invitations/:token', bodyLimit: SMALL_BODY, handle: setPassword },
    ...actRoutes(deps),
  ];
}
