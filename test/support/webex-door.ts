import { createAccounts } from '../../src/accounts/accounts.ts';
import { createE911Accounts } from '../../src/accounts/e911-accounts.ts';
import { createSignInTrail } from '../../src/accounts/sign-in-trail.ts';
import { createAddresses } from '../../src/addresses/addresses.ts';
import { createAlerts } from '../../src/alerts/alerts.ts';
import { everySender } from '../../src/alerts/senders/every-sender.ts';
import { createAudit } from '../../src/audit/audit.ts';
import { createCompliance } from '../../src/compliance/compliance.ts';
import type { MailJob } from '../../src/domain/mail-job.ts';
import type { Role, Scope } from '../../src/domain/scope.ts';
import { createMembers, type Members } from '../../src/members/members.ts';
import { createPlaces, type Places } from '../../src/places/places.ts';
import { systemClock } from '../../src/support/clock.ts';
import { createLogger } from '../../src/support/logger.ts';
import { createManualClock } from '../../src/support/manual-clock.ts';
import { createMetrics } from '../../src/support/metrics.ts';
import { createHttpServer } from '../../src/transport/http-server.ts';
import { webexProblem, webexRoutes } from '../../src/webex-api/webex-api.ts';
import { decodeOrganizationId } from '../../src/wire/webex/resource-id.ts';
import { openMigratedDatabase } from './embedded-template.ts';

export type Answer = { status: number; headers: Headers; text: string; body: Record<string, unknown> };

/** A client that holds one token, as an administrator with curl. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

export const NEW_LOCATION = {
  name: 'MainOffice',
  timeZone: 'America/Los_Angeles',
  preferredLanguage: 'en_us',
  announcementLanguage: 'en_us',
  address: {
    address1: '170 West Tasman Dr',
    city: 'San Jose',
    state: 'CA',
    postalCode: '95134',
    country: 'US',
  },
};

/** The Webex-compatible door on a port of its own, over the real rooms and an in-memory database. */
export async function startWebexDoor() {
  const logger = createLogger('silent');
  const clock = createManualClock();
  const metrics = createMetrics({ processMetrics: false });
  const database = await openMigratedDatabase(logger);
  const audit = createAudit({ database, clock });
  const foundation = { database, audit, clock, logger, metrics, snapshotFolder: undefined };
  const mails: MailJob[] = [];
  const management = createAccounts(foundation);
  const accounts = createE911Accounts({
    ...foundation,
    trail: createSignInTrail(foundation),
    secretGraceMs: 7 * 86_400_000,
    invitationLink: (token) => `https://e911.example/invite#${token}`,
    enqueueMail(_tx, mail) {
      mails.push(mail);
      return Promise.resolve();
    },
  });
  const addresses = createAddresses();
  // Places ask back who still uses a location.
  const places: Places = createPlaces({
    ...foundation,
    addresses,
    describeLocationUse: (tx, organizationId, locationId) =>
      members.describeLocationUse(tx, organizationId, locationId),
  });
  const compliance = createCompliance({ ...foundation, accounts, places });
  const members: Members = createMembers({
    ...foundation,
    addresses,
    places,
    revokeTokensOfPerson: management.revokeTokensOfPerson,
  });
  const alerts = createAlerts({
    ...foundation,
    places,
    senders: everySender({}),
    mailFrom: 'alerts@e911.example',
    publicUrl: 'https://e911.example',
    acceptedLogPath: undefined,
    isSimulated: () => false,
    routing: { destinationsFor: () => null },
  });
  const routes = webexRoutes({ accounts, places, compliance, members, alerts });
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    trustedProxies: [],
    clock: systemClock,
    limits: { perMinute: 0, concurrent: 0 },
    logger,
    metrics,
    authenticate: management.authenticate,
    decodeOrganizationId,
    describeProblem: webexProblem,
  });
  server.mountRest(routes);
  const { url } = await server.listen();
  server.setPublicUrl(url);

  const operator = { organizationId: null, tokenId: 'test', trackingId: 'test' };
  const partner = await management.createPartner(operator, { name: 'Platform', isDefault: true });

  function client(token: string | undefined): Client {
    return async (method, path, body, headers = {}) => {
      const response = await fetch(path.startsWith('http') ? path : `${url}/v1/${path}`, {
        method,
        headers: {
          'content-type': 'application/json;charset=utf-8',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
      const json = (isJson ? JSON.parse(text) : {}) as Record<string, unknown>;
      return { status: response.status, headers: response.headers, text, body: json };
    };
  }

  return {
    url,
    routes,
    clock,
    database,
    mails,
    partner,
    accounts,
    compliance,
    members,
    places,
    async organization(name = 'Example') {
      const { id } = await management.createOrganization(operator, { name, partnerId: partner.id });
      const scope: Scope = {
        organizationId: id,
        homeOrganizationId: id,
        tokenId: 'test',
        trackingId: 'test',
        role: 'fullAdmin',
        scopes: new Set(),
      };
      async function as(
        role: Role,
        wanted: { locationIds?: string[]; lifetimeSeconds?: number; partnerId?: string; personId?: string } = {},
      ) {
        const { token } = await management.issueToken(operator, { organizationId: id, role, label: role, ...wanted });
        return client(token);
      }
      return { id, scope, as, admin: await as('fullAdmin') };
    },
    stranger: client(undefined),
    intruder: client('wm_not-a-token'),
    async close() {
      await server.close();
      await alerts.stop();
      await database.close();
    },
  };
}

export type WebexDoor = Awaited<ReturnType<typeof startWebexDoor>>;
