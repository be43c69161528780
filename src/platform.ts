/**
 * The composition root: every part is made here, once, in the order in which it may use the others. Read it from top to
 * bottom to know what a running platform consists of.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAccounts } from './accounts/accounts.ts';
import { createE911Accounts, MIN_PASSWORD } from './accounts/e911-accounts.ts';
import { createProviderConversation } from './accounts/openid/provider-client.ts';
import { createSignInOpenId } from './accounts/openid/sign-in-openid.ts';
import { createProviderDocuments } from './accounts/provider-documents.ts';
import { createSessions, type Sessions } from './accounts/sessions/sessions.ts';
import { createSignInTrail } from './accounts/sign-in-trail.ts';
import { createVerifyIdentity, type IdentityProvider } from './accounts/verify-identity.ts';
import { createAddressData, type StoredAddress } from './addresses/address-data.ts';
import { type Addresses, createAddresses } from './addresses/addresses.ts';
import { type Alerts, createAlerts, stageOccasion, unmappedOccasion } from './alerts/alerts.ts';
import { createAlertConnections } from './alerts/connections/connections.ts';
import { readNodeName } from './alerts/delivery/node-name.ts';
import { createMapPictures } from './alerts/map-picture/map-pictures.ts';
import { createMapSources } from './alerts/map-picture/map-sources.ts';
import { createPush } from './alerts/push/push.ts';
import { createCapturedMailSender } from './alerts/senders/captured-mail-sender.ts';
import { everySender } from './alerts/senders/every-sender.ts';
import { createMailThread } from './alerts/senders/mail-thread.ts';
import { createPushSender } from './alerts/senders/push-sender.ts';
import { withMapPicture } from './alerts/senders/with-map-picture.ts';
import { createAudit } from './audit/audit.ts';
import { type Calls, createCalls, type Provider, toCallItem } from './calls/calls.ts';
import { createPsapSimulator } from './calls/psap-simulator/psap-simulator.ts';
import { createTestAgent } from './calls/test-agent/run-test-call.ts';
import { createSpeech } from './calls/test-agent/speech.ts';
import { createCompliance } from './compliance/compliance.ts';
import type { Config } from './config/config.ts';
import { readToolEnvironment } from './config/env.ts';
import { type Bootstrap, createBootstrap } from './demonstration/bootstrap.ts';
import type { Doors } from './demonstration/first-run.ts';
import { createLocation, type Location } from './location/location.ts';
import { createMembers, type Members } from './members/members.ts';
import { createPlaces } from './places/places.ts';
import { createKeepVersions } from './platform-api/keep-versions.ts';
import { OPENID_CALLBACK, SIGN_IN_PAGE } from './platform-api/pages/openid-routes.ts';
import { platformRoutes } from './platform-api/platform-api.ts';
import { rawRoutes } from './platform-api/raw-routes.ts';
import { type BringBack, createRemovals } from './removals/removals.ts';
import { createRouting, createRoutingSnapshot, type LostParent, toServerName } from './routing/routing.ts';
import { openDatabase } from './storage/database.ts';
import type { Snapshot } from './storage/snapshot.ts';
import { createSnapshotKeeper } from './storage/snapshot-keeper.ts';
import { type Clock, systemClock } from './support/clock.ts';
import { type Endings, endAll } from './support/end-all.ts';
import { createLogger, type Logger } from './support/logger.ts';
import { createMetrics } from './support/metrics.ts';
import { boundedFetch } from './transport/bounded-fetch.ts';
import { createDnsClient } from './transport/dns-client.ts';
import { fetchJson } from './transport/fetch-json.ts';
import { createFetchLocation } from './transport/fetch-location.ts';
import { findFreePort } from './transport/free-port.ts';
import { createHttpServer } from './transport/http-server.ts';
import { createMediaThread } from './transport/media-thread.ts';
import { createOutgoingHttp } from './transport/outgoing-http.ts';
import { postLost } from './transport/post-lost.ts';
import { isPublicAddress } from './transport/public-address.ts';
import type { RestRoute } from './transport/rest-route.ts';
import { createRtpPorts } from './transport/rtp-ports.ts';
import { createSipTransport } from './transport/sip-transport.ts';
import { openTlsFiles, readTlsClientFiles } from './transport/tls-files.ts';
import { createNetworkMatcher, urlHost } from './transport/trusted-networks.ts';
import { webexProblem, webexRoutes } from './webex-api/webex-api.ts';
import { ADDITIONAL_DATA_BLOCKS } from './wire/additional-data/additional-data.ts';
import { decodeOrganizationId, encodeResourceId } from './wire/webex/resource-id.ts';

/** What differs from an ordinary start; settled before anything is wired. */
export type PlatformOverrides = {
  clock?: Clock;
  /** Only the HTTP doors: no calls are taken, and no simulated PSAP answers. */
  withoutSip?: boolean;
};

export type Platform = {
  doors: Doors;
  bootstrap: Bootstrap;
  /** Where the HTTP doors are served over TLS; undefined where they are not. */
  tlsUrl: string | undefined;
  /** Whether snapshots came from the database, from disk, or from nowhere. */
  source(): string;
  /** Resolves when everything this process accepted is stored and its sockets are closed. */
  stop(): Promise<void>;
};

/** What `npm run build` leaves. */
const CONSOLE_FOLDER = fileURLToPath(new URL('../console/dist', import.meta.url));
const DATABASE_PATIENCE_MS = 5_000;
const FIRST_START_PATIENCE_MS = 60_000;
/** More than a request may have: that it is too large is said in HELD or LoST, which HTTP 413 is not. */
const HELD_BODY_LIMIT = 1024 * 1024;
const LOST_BODY_LIMIT = 4 * 1024 * 1024;
/** Of doors that read none. */
const NO_BODY_LIMIT = 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every address that some room stores. */
type StoredAddresses = () => AsyncIterable<StoredAddress>;

/** Starts everything; what was started before a failure is ended again. */
export async function startPlatform(config: Config, overrides: PlatformOverrides = {}): Promise<Platform> {
  const started: Endings = [];
  try {
    return await assemble(config, overrides, started);
  } catch (error) {
    await endAll(started, createLogger(config.logLevel));
    throw error;
  }
}

async function assemble(config: Config, overrides: PlatformOverrides, started: Endings): Promise<Platform> {
  const clock = overrides.clock ?? systemClock;
  const logger = createLogger(config.logLevel);
  const metrics = createMetrics({ processMetrics: true });
  const host = config.hosts[0] ?? '127.0.0.1';
  const folder = (name: string): string => join(config.dataDir, name);

  // Before anything is opened: a certificate that cannot be used ends the start.
  const { tlsCert: cert, tlsKey: key, tlsCa: ca } = config;
  const tlsFiles =
    cert === undefined || key === undefined ? undefined : openTlsFiles({ cert, key, ca }, { clock, logger });
  const sipTlsFiles = openSipTlsFiles(config, { clock, logger });

  const lisTls = readTlsClientFiles({ cert: config.lisCert, key: config.lisKey, ca: config.lisCa });
  const webhookTls = readTlsClientFiles({ cert: undefined, key: undefined, ca: config.webhookCa });

  // Storage, first of all: a second process on the same data folder must not get any further.
  const snapshotFolder = folder('snapshots');
  const database = await openDatabase(
    config.databaseUrl
      ? { url: config.databaseUrl.reveal(), embeddedDir: undefined, lockDir: config.dataDir }
      : { url: undefined, embeddedDir: config.dataDir },
    logger,
  );
  started.push(() => database.close());

  // Addresses. Ports are settled before the rooms, because mappings, location URIs and mails name them.
  const httpPort = config.httpPort === 0 ? await findFreePort(host) : config.httpPort;
  const publicUrl = config.publicUrl ?? `http://${urlHost(host)}:${httpPort}`;
  const sipEvents = metrics.tally('waymark_sip_events_total', 'What happened in the SIP transport', ['event']);
  const countSipEvent = {
    received: sipEvents('received'),
    sent: sipEvents('sent'),
    untrusted: sipEvents('untrusted'),
    malformed: sipEvents('malformed'),
    'send-failed': sipEvents('send-failed'),
    full: sipEvents('full'),
    shed: sipEvents('shed'),
  };
  const isTrustedPeer = createNetworkMatcher(config.trustedPeers);
  const isTrunkNetwork = createNetworkMatcher(config.trunkNetworks);
  const trustedNames = new Set(config.trustedNames.map((name) => name.toLowerCase()));
  const sipTransport = createSipTransport({
    hosts: config.hosts,
    port: config.sipPort,
    tls: sipTlsFiles,
    isTrusted: (address) => isTrustedPeer(address) || (late.calls?.admission.isAddress(address) ?? false),
    // Without authorities there is no name that a certificate could prove.
    isTrustedName:
      config.sipTlsCa === undefined
        ? undefined
        : (name) => trustedNames.has(name) || (late.calls?.admission.isName(name) ?? false),
    logger,
    clock,
    onEvent: (event) => countSipEvent[event](),
  });

  const dns = createDnsClient({ servers: config.dnsServers, clock });
  /** For names that callers chose (decision 61). */
  const callersDns = createDnsClient({ servers: config.dnsServers, clock, asksSystem: false });

  // The simulated PSAPs. They listen before anything names them.
  const simulatorTransport = createSipTransport({
    hosts: [host],
    port: config.simulatorPort,
    isTrusted: createNetworkMatcher(['127.0.0.0/8', '::1/128', ...config.trustedPeers]),
    logger,
    clock,
  });
  const simulator = createPsapSimulator({ transport: simulatorTransport, dns, clock, logger });
  if (!overrides.withoutSip) await simulator.start();
  started.push(() => simulator.stop());
  const simulatorAddress = `${urlHost(host)}:${simulatorTransport.addresses[0]?.port ?? config.simulatorPort}`;
  const simulatedUri = (user: string): string => `sip:${user}@${simulatorAddress}`;
  const relayUri = (country: 'US' | 'CA'): string =>
    relayOf(config, country) ?? simulatedUri(`relay-${country.toLowerCase()}`);
  const relayName = (country: 'US' | 'CA', word: string): string =>
    relayOf(config, country) === undefined ? `Relay centre ${word} (simulated)` : 'Relay centre';

  const foundation = { database, clock, logger, metrics, snapshotFolder };

  // Rooms, each using only those above it. Four calls go back up, late-bound: invitations are mails, members know who
  // still uses a location, what names a place is counted where it is kept, and what came of an alert is told beside its call.
  const late: {
    sessions?: Sessions;
    alerts?: Alerts;
    members?: Members;
    location?: Location;
    addresses?: Addresses;
    storedAddresses?: StoredAddresses;
    calls?: Calls;
  } = {};
  const required = <Part>(part: Part | undefined): Part => {
    if (part === undefined) throw new Error('the platform is not complete yet');
    return part;
  };
  const audit = createAudit({ database, clock });
  const provider = readIdentityProvider(config);
  const documents =
    provider &&
    createProviderDocuments({
      ...foundation,
      issuer: provider.issuer,
      fetchJson: (address) => fetchJson(address),
    });
  const identities = provider && documents && createVerifyIdentity({ ...foundation, provider, documents });
  const trail = createSignInTrail({ ...foundation, audit, metrics });
  started.push(() => trail.settled());
  const accounts = createAccounts({
    ...foundation,
    audit,
    holderOfBearer: identities && ((token) => identities.holderOfBearer(token)),
    holderOfSession: (secret) => required(late.sessions).holderOf(secret),
  });
  started.push(() => accounts.settleTokenUse());
  const e911Accounts = createE911Accounts({
    ...foundation,
    audit,
    secretGraceMs: config.secretGraceHours * HOUR_MS,
    trail,
    invitationLink: (token) => `${publicUrl}/invitations/${token}`,
    enqueueMail: (tx, mail) => required(late.alerts).enqueueMail(tx, mail),
  });
  const sessions = createSessions({
    ...foundation,
    audit,
    trail,
    verifyAdmin: e911Accounts.verifyAdmin,
    holderOfToken: accounts.holderOfToken,
  });
  const { oidcClientId: clientId } = config;
  const openId =
    documents && identities && clientId !== undefined
      ? createSignInOpenId({
          ...foundation,
          label: config.oidcLabel,
          provider: createProviderConversation({
            ...foundation,
            documents,
            client: { clientId, clientSecret: config.oidcClientSecret?.reveal(), scopes: config.oidcScopes },
            fetchBounded: (address, request) => boundedFetch(address, request),
          }),
          identities,
          clientId,
          sessions,
          trail,
          redirectUri: () => `${publicUrl}${OPENID_CALLBACK}`,
          signedOutUrl: () => `${publicUrl}${SIGN_IN_PAGE}`,
        })
      : undefined;
  late.sessions = sessions;
  const toolEnvironment = readToolEnvironment();
  const addressData = createAddressData({
    toolEnvironment,
    ...foundation,
    audit,
    importFolder: folder('address-imports'),
    validate: (address, organizationId) => required(late.addresses).validateAddress(address, organizationId),
    storedAddresses: () => required(late.storedAddresses)(),
  });
  const addresses = createAddresses(addressData);
  late.addresses = addresses;
  const places = createPlaces({
    ...foundation,
    audit,
    addresses,
    describeLocationUse: (tx, organizationId, locationId) =>
      required(late.members).describeLocationUse(tx, organizationId, locationId),
    followMergedBuilding: (tx, organizationId, from, into) =>
      required(late.alerts).recipients.followMergedBuilding(tx, organizationId, from, into),
    countReferences: (tx, organizationId, ids) => required(late.location).countPlaceReferences(tx, organizationId, ids),
    selectUsedNumbers: (tx, organizationId, numbers) =>
      required(late.members).selectUsedNumbers(tx, organizationId, numbers),
  });
  const compliance = createCompliance({
    ...foundation,
    audit,
    accounts: e911Accounts,
    places,
    async onStageChanged(tx, news) {
      const { organizationId, locationId } = news;
      const site = locationId === null ? undefined : places.location(organizationId, locationId)?.name;
      const who = site ?? (await accounts.organization(organizationId, tx))?.name ?? '';
      await required(late.alerts).enqueueOccasionQuietly(tx, stageOccasion(news, who));
    },
  });
  const members = createMembers({
    ...foundation,
    audit,
    addresses,
    places,
    revokeTokensOfPerson: accounts.revokeTokensOfPerson,
  });
  late.members = members;
  const routingSnapshot = createRoutingSnapshot({
    database,
    logger,
    folder: snapshotFolder,
    defaultUri: (sourceId, country) => (relayOf(config, country) === undefined ? simulatedUri(sourceId) : undefined),
    relayUri,
  });
  const parentOutcomes = metrics.counter('waymark_lost_parent_total', 'Queries for the LoST parent, by outcome', [
    'outcome',
  ]);
  const routing = createRouting({
    ...foundation,
    toolEnvironment,
    importFolder: folder('boundary-imports'),
    audit,
    snapshot: () => routingSnapshot.current(),
    serverName: config.lostName ?? toServerName(config.sipDomain),
    substitution: config.lostSubstitution,
    referral: config.lostReferral,
    validateCivic: (civic) => addresses.validateCivic(civic),
    geocode: (civic) => addresses.geocode(civic),
    ...readLostParent(config),
    onParentOutcome: (outcome) => parentOutcomes.labels(outcome).inc(),
  });
  const location = createLocation({
    ...foundation,
    importFolder: folder('imports'),
    audit,
    accounts: e911Accounts,
    addresses,
    places,
    findMemberTarget(organizationId, number) {
      const caller = members.findInOrganization(organizationId, number);
      if (caller === undefined) return undefined;
      const place = members.findEmergencyPlace(organizationId, caller.locationId, caller.number);
      return place?.target ?? { kind: 'location', id: caller.locationId };
    },
    members,
    addressRetentionMs: config.deviceAddressDays * DAY_MS,
    tellUnmapped: (tx, news) =>
      required(late.alerts).enqueueOccasion(tx, unmappedOccasion(news, new Date(clock.nowMs()))),
    publicUrl: () => publicUrl,
  });
  late.location = location;
  started.push(() => location.settleNotes());
  late.storedAddresses = async function* storedAddresses() {
    yield* places.storedAddresses();
    yield* members.storedAddresses();
    yield* location.storedAddresses();
  };
  const mailbox = config.smtpUrl
    ? undefined
    : createCapturedMailSender({ folder: folder('mail'), mailFrom: config.mailFrom, clock });
  const maps = createMapPictures({
    sources: createMapSources({ routing, features: addressData.mapFeatures, places }),
    clock,
    logger,
    metrics,
  });
  const push = createPush({ ...foundation, audit, places });
  const isWebhookNetwork = createNetworkMatcher(config.webhookNetworks);
  const mayTell = (address: string, url: URL): boolean =>
    isWebhookNetwork(address) || (url.protocol === 'https:' && isPublicAddress(address));
  const connectionHttp = createOutgoingHttp({ mayAsk: mayTell, dns: callersDns, tls: webhookTls });
  started.push(() => Promise.resolve(connectionHttp.close()));
  const alertConnections = createAlertConnections({
    ...foundation,
    audit,
    http: connectionHttp,
    policy: { mayAsk: mayTell, hasPlainNetworks: config.webhookNetworks.length > 0 },
  });
  const alerts = createAlerts({
    ...foundation,
    audit,
    places,
    senders: everySender({
      ...alertConnections.senders,
      email: withMapPicture(
        mailbox ?? createMailThread({ url: config.smtpUrl?.reveal() ?? '', mailFrom: config.mailFrom, logger, clock }),
        maps,
      ),
      push: createPushSender({
        key: () => push.key(),
        find: (organizationId, id) => push.find(organizationId, id),
        onGone: (subscription) => push.gone(subscription),
        http: connectionHttp,
        subject: contactUri(config.mailFrom),
        clock,
      }),
    }),
    mailFrom: config.mailFrom,
    publicUrl,
    acceptedLogPath: join(folder('journal'), 'essential-mail.log'),
    node: await readNodeName(join(folder('journal'), 'node'), logger),
    isSimulated: (uri) => uri.includes(`@${simulatorAddress}`),
    subscribersOf: (occasion) => push.told(occasion),
    routing,
    connectionOf: (id) => alertConnections.ownerOf(id),
    operatorMail: config.operatorMail,
    findCalls: (db, ids) => required(late.calls).findCalls(db, ids),
    actLogPath: join(folder('journal'), 'incident-acts.log'),
    incidentDays: config.incidentDays,
    onIncident: (event) => required(late.calls).publishEvent(event),
    onAlert: ({ isAccepted, callId, organizationId, locationId, ...told }) =>
      required(late.calls).publishEvent({
        type: isAccepted ? 'alert.accepted' : 'alert.failed',
        organizationId,
        locationId,
        data: { id: callId, ...told },
      }),
  });
  late.alerts = alerts;

  // Calls.
  const speech = createSpeech({ logger, clock });
  started.push(() => speech.close());
  const media = createMediaThread({ hosts: config.hosts, ...config.rtpPorts, logger, clock });
  started.push(() => media.close());
  const dereferences = metrics.tally('waymark_dereferences_total', 'References of others that were followed', [
    'outcome',
  ]);
  const calls = createCalls({
    ...foundation,
    audit,
    journalFolder: folder('journal'),
    transport: sipTransport,
    rooms: { places, members, compliance, routing, location },
    alerts,
    agent: createTestAgent({ speech, media, logger, clock }),
    sipDomain: config.sipDomain,
    sipAliases: config.sipAliases,
    relays: {
      US: { uri: relayUri('US'), name: relayName('US', 'US'), alternateUris: config.relayAlternateUris },
      CA: { uri: relayUri('CA'), name: relayName('CA', 'Canada'), alternateUris: config.relayAlternateUris },
    },
    psapContacts: () => routing.snapshot().psaps,
    probeIntervalMs: config.probeSeconds * 1_000,
    trunkAlarmCalls: config.trunkAlarmCalls,
    unknownCallers: config.unknownCallers,
    mayReachTrunk: (address) => isPublicAddress(address) || isTrustedPeer(address) || isTrunkNetwork(address),
    provider: readProvider(config),
    publicUrl: () => publicUrl,
    isSimulated: config.relayUri === undefined,
    dns,
    dereference: createFetchLocation({
      clock,
      dns: callersDns,
      mayAskPrivate: createNetworkMatcher(config.lisNetworks),
      onOutcome: (outcome) => dereferences(outcome)(),
      tls: lisTls,
    }),
    journalMaxBytes: config.journalMaxMegabytes * 1024 * 1024,
    onJournalState: ({ condition, since, detail }) =>
      void alerts.tellOperator(
        condition === 'ok' ? 'Waymark: calls are journaled again' : 'Waymark: calls go on without journal',
        `${condition}${since === null ? '' : ` since ${since}`}${detail === null ? '' : `: ${detail}`}\n`,
      ),
    onDestinationChange: (change) => void alerts.tellDestination(change),
    ladder: { detail: config.callLadder, keptDays: config.callLadderDays },
    timers: { tryingMs: config.ringTimeoutMs },
    openTestCaller: { openSip: createSipTransport, openMedia: createRtpPorts },
  });
  late.calls = calls;
  const bringBackPlace: BringBack = (tx, { organizationId, id }, putBack) =>
    places.bringBackPlace(tx, organizationId, id, putBack);
  const bringBackMember: BringBack = (...removed) => members.bringBackMember(...removed);
  const bringBackRecipient: BringBack = (...removed) => alerts.recipients.bringBackRecipient(...removed);
  const removals = createRemovals({
    database,
    audit,
    clock,
    bringBack: {
      location: bringBackPlace,
      building: bringBackPlace,
      'response-location': bringBackPlace,
      person: bringBackMember,
      workspace: bringBackMember,
      'virtual-line': bringBackMember,
      'hunt-group': bringBackMember,
      'alert-recipient': bringBackRecipient,
      'alert-group': bringBackRecipient,
      'alert-rule': bringBackRecipient,
      'alert-connection': (...removed) => alertConnections.bringBackConnection(...removed),
      number: (...removed) => members.bringBackNumber(...removed),
      trunk: (...removed) => calls.bringBackTrunk(...removed),
    },
  });

  // Snapshots of every room, and what the first start of a data folder leaves behind.
  const snapshots: readonly Snapshot<unknown>[] = [
    ...e911Accounts.snapshots,
    ...addressData.snapshots,
    ...places.snapshots,
    ...compliance.snapshots,
    ...members.snapshots,
    routingSnapshot,
    ...location.snapshots,
    ...alerts.snapshots,
    ...alertConnections.snapshots,
    ...push.snapshots,
    ...calls.snapshots,
  ];
  const keeper = createSnapshotKeeper({
    database,
    snapshots,
    clock,
    logger,
    patienceMs: DATABASE_PATIENCE_MS,
    emptyPatienceMs: FIRST_START_PATIENCE_MS,
  });
  const doors: Doors = {
    baseUrl: publicUrl,
    heldUrl: `${publicUrl}/held`,
    lostUrl: `${publicUrl}/LoST`,
    sipUri: '',
    consoleUrl: `${publicUrl}/`,
  };
  const bootstrap = createBootstrap({
    dataDir: config.dataDir,
    doors,
    withDemonstration: config.demo,
    clock,
    catchUp: () => keeper.catchUp(),
    rooms: { accounts, e911Accounts, places, compliance, members, location, alerts, encodeId: encodeResourceId },
  });
  let settleDoors: (open: boolean) => void = () => undefined;
  const doorsOpen = new Promise<boolean>((resolve) => {
    settleDoors = resolve;
  });
  let endUpkeep: () => void = () => undefined;
  started.push(() => Promise.resolve(endUpkeep()));
  keeper.whenDatabaseIsThere(async () => {
    if (await doorsOpen) await bootstrap.run();
    endUpkeep = location.startUpkeep();
  });

  // Doors.
  let ready = false;
  const http = createHttpServer({
    host,
    port: httpPort,
    tls: tlsFiles && { port: config.httpsPort, files: tlsFiles },
    trustedProxies: config.trustedProxies,
    forwardedHeader: config.forwardedHeader,
    clock,
    logger,
    metrics,
    limits: { perMinute: config.rateLimitPerMinute, concurrent: config.concurrentRequests },
    authenticate: accounts.authenticate,
    decodeOrganizationId,
    describeProblem: webexProblem,
    afterWrite: () => keeper.catchUpBriefly(),
  });
  const routes: readonly RestRoute[] = [
    ...webexRoutes({ accounts: e911Accounts, places, compliance, members, alerts }),
    ...platformRoutes({
      audit,
      clock,
      accounts,
      e911Accounts,
      addresses,
      addressData,
      places,
      compliance,
      members,
      routing,
      location,
      alerts,
      maps,
      alertConnections,
      push,
      calls,
      removals,
      toCallItem,
      mailbox,
      dump: database.dump,
      publicUrl: () => publicUrl,
      sipAddresses: () => sipTransport.addresses,
      allRoutes: () => routes,
    }),
  ].map(createKeepVersions({ audit }));
  http.setPublicUrl(publicUrl);
  http.mountRest(routes);
  for (const path of ['/held', '/held/c/:companyId']) {
    http.mountRaw({
      methods: ['POST'],
      path,
      bodyLimit: HELD_BODY_LIMIT,
      handle: (request) => location.held.handleHeld({ ...request, companyId: request.params.companyId }),
    });
  }
  http.mountRaw({
    methods: ['GET', 'POST'],
    path: '/held/l/:reference',
    bodyLimit: HELD_BODY_LIMIT,
    handle: (request) => location.held.handleDereference({ ...request, reference: request.params.reference ?? '' }),
  });
  for (const block of ADDITIONAL_DATA_BLOCKS) {
    http.mountRaw({
      methods: ['GET'],
      path: `/additional-data/${block}/:token`,
      bodyLimit: NO_BODY_LIMIT,
      handle: (request) => calls.additionalData.handle({ ...request, block, token: request.params.token ?? '' }),
    });
  }
  for (const path of ['/LoST', '/lost']) {
    http.mountRaw({
      methods: ['POST'],
      path,
      bodyLimit: LOST_BODY_LIMIT,
      handle: (request) => routing.handleLost(request.body),
    });
    http.mountRaw({
      methods: ['POST'],
      path: `${path}/exact`,
      bodyLimit: LOST_BODY_LIMIT,
      handle: (request) => routing.handleLost(request.body, 'exact'),
    });
  }
  for (const route of rawRoutes({
    routes,
    webhooks: alerts.content.webhooks,
    publicUrl: () => publicUrl,
    sessions,
    openId,
    consoleFolder: CONSOLE_FOLDER,
    health: () => ({
      ready,
      database: keeper.following() ? 'ok' : 'away',
      snapshots: keeper.source(),
      journal: calls.journalState.condition,
      alerts: calls.alertsWaiting > 0 ? 'waiting' : 'ok',
    }),
    metrics,
    mayReadMetrics: createNetworkMatcher(config.metricsReaders),
    incidents: alerts.incidents,
    timeZoneOf: (organizationId, locationId) => places.location(organizationId, locationId)?.timeZone,
    acceptInvitation: (request) => e911Accounts.acceptInvitation(request),
    minPasswordLength: MIN_PASSWORD,
  })) {
    http.mountRaw(route);
  }

  // Start: data first, then the journal with whatever an earlier run left, then the doors.
  const source = await keeper.start();
  started.push(async () => {
    settleDoors(false);
    await keeper.stop();
  });
  started.push(() => {
    location.stopSearch();
    return location.stopWireMapImports();
  });
  started.push(() => addressData.stop());
  await addresses.prepare();
  routing.boundaryDates.start();
  started.push(() => routing.stopBoundaries());
  await alerts.startWorker();
  // Where mail leaves, the first alert is to have its map in time.
  if (!mailbox) void maps.prepare();
  started.push(() => alerts.stop());
  if (!overrides.withoutSip) await calls.start();
  started.push(() => calls.stop());
  const sipAddress = sipTransport.addresses[0];
  doors.sipUri = `sip:${urlHost(host)}:${sipAddress?.port ?? config.sipPort}`;
  settleDoors(true);
  started.push(() => http.close());
  // Listeners read on for as long as they are let.
  started.push(() => Promise.resolve(calls.closeEvents()));
  const { tlsUrl } = await http.listen();
  if (source === 'database') await bootstrap.done;
  ready = true;

  return {
    doors,
    tlsUrl,
    bootstrap,
    source: () => keeper.source(),
    async stop() {
      ready = false;
      await endAll(started, logger);
    },
  };
}

/** How push services reach whoever sends from here (RFC 8292 §2.1). */
function contactUri(mailFrom: string): string {
  return `mailto:${/<([^<>]+)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom}`;
}

/** The outside provider whose tokens are taken, or that signs people in; undefined where none is set up. */
function readIdentityProvider(config: Config): IdentityProvider | undefined {
  const { oidcIssuer: issuer, oidcAudience: audience } = config;
  if (issuer === undefined) return undefined;
  return {
    issuer,
    audience,
    claims: {
      role: config.oidcRoleClaim,
      organization: config.oidcOrganizationClaim,
      location: config.oidcLocationClaim,
      partner: config.oidcPartnerClaim,
    },
    roles: config.oidcRoles,
  };
}

/** The certificate of SIP over TLS, and where it is listened for. Calls to others over TLS show it too. */
function openSipTlsFiles(config: Config, deps: { clock: Clock; logger: Logger }) {
  const cert = config.sipTlsCert ?? config.tlsCert;
  const key = config.sipTlsKey ?? config.tlsKey;
  if (cert === undefined || key === undefined) return undefined;
  return { port: config.sipTlsPort, files: openTlsFiles({ cert, key, ca: config.sipTlsCa }, deps) };
}

/** Who carries the calls, as PSAPs are told; undefined where nobody is named. */
function readProvider(config: Config): Provider | undefined {
  const { providerName: name, providerContact: contactUri, providerId: id } = config;
  if (name === undefined || contactUri === undefined) return undefined;
  return {
    name,
    contactUri,
    type: config.providerType,
    languages: config.providerLanguages,
    ...(id !== undefined && { id, idSeries: config.providerIdSeries }),
  };
}

/** The LoST server that is asked for what lies outside our coverage. */
function readLostParent({ lostParent: url, lostParentName, lostParentTimeoutMs }: Config): { parent?: LostParent } {
  if (url === undefined) return {};
  const name = lostParentName ?? toServerName(new URL(url).hostname);
  return { parent: { name, url, post: (query) => postLost(url, query, lostParentTimeoutMs) } };
}

/** The relay centre that the operator named for a country; undefined: the simulated one takes its place. */
function relayOf(config: Config, country: 'US' | 'CA'): string | undefined {
  return (country === 'CA' ? config.relayUriCanada : undefined) ?? config.relayUri;
}
