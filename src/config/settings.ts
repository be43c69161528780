import {
  address,
  contactUri,
  flag,
  hours,
  issuer,
  languageTag,
  list,
  mailAddress,
  milliseconds,
  nameServer,
  network,
  oneOf,
  openIdScopes,
  port,
  portRange,
  type Reader,
  roleMapping,
  serverName,
  sipHostPort,
  sipUri,
  text,
  url,
  urls,
  wholeNumber,
} from './setting-readers.ts';

/** One row of the table from which config, docs/configuration.md and .env.example are made. */
export type Setting<Value> = {
  name: string;
  /** As text; undefined = unset. */
  fallback: string | undefined;
  read: Reader<Value>;
  help: string;
  secret?: boolean;
};

function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}

/** Every setting there is. */
export const SETTINGS = {
  dataDir: setting({
    name: 'WAYMARK_DATA_DIR',
    fallback: './data',
    read: text(),
    help: 'Folder for the embedded database, the call journal, saved snapshots and captured mail.',
  }),
  hosts: setting({
    name: 'WAYMARK_HOST',
    fallback: '127.0.0.1',
    read: list(address()),
    help: 'Addresses to listen on, separated by commas. HTTP listens on the first; SIP on all of them.',
  }),
  httpPort: setting({
    name: 'WAYMARK_HTTP_PORT',
    fallback: '8911',
    read: port(),
    help: 'HTTP port of every door: REST, HELD, LoST, health, metrics, page.',
  }),
  tlsCert: setting({
    name: 'WAYMARK_TLS_CERT',
    fallback: undefined,
    read: text(),
    help:
      "PEM file with the server's certificate and its chain. With it and WAYMARK_TLS_KEY the HTTP doors are served over TLS too; " +
      'changed files are taken over within ten seconds. Unset: no TLS.',
  }),
  tlsKey: setting({
    name: 'WAYMARK_TLS_KEY',
    fallback: undefined,
    read: text(),
    help: 'PEM file with the private key of that certificate.',
  }),
  tlsCa: setting({
    name: 'WAYMARK_TLS_CA',
    fallback: undefined,
    read: text(),
    help:
      'PEM file with the authorities of client certificates. Set: clients are asked for one, and one that an organization ' +
      'registered stands for the secret of its phones; nobody must have one. Takes effect at the start.',
  }),
  httpsPort: setting({
    name: 'WAYMARK_HTTPS_PORT',
    fallback: '8912',
    read: port(),
    help: 'Port of the HTTP doors over TLS; only with WAYMARK_TLS_CERT.',
  }),
  sipPort: setting({
    name: 'WAYMARK_SIP_PORT',
    fallback: '5060',
    read: port(),
    help: 'SIP port, UDP and TCP.',
  }),
  sipTlsPort: setting({
    name: 'WAYMARK_SIP_TLS_PORT',
    fallback: undefined,
    read: port(),
    help: 'Port for SIP over TLS, by rule 5061; needs a certificate. Unset: SIP over TLS is only spoken towards others.',
  }),
  sipTlsCert: setting({
    name: 'WAYMARK_SIP_TLS_CERT',
    fallback: undefined,
    read: text(),
    help:
      'PEM file with the certificate that SIP peers are shown, and its chain; changed files are taken over within ten seconds. ' +
      'Unset: WAYMARK_TLS_CERT.',
  }),
  sipTlsKey: setting({
    name: 'WAYMARK_SIP_TLS_KEY',
    fallback: undefined,
    read: text(),
    help: 'PEM file with the private key of that certificate. Unset: WAYMARK_TLS_KEY.',
  }),
  sipTlsCa: setting({
    name: 'WAYMARK_SIP_TLS_CA',
    fallback: undefined,
    read: text(),
    help:
      'PEM file with the authorities of SIP peers. Set: peers are asked for a certificate, nobody must have one, and the ' +
      'destinations of calls are verified by these authorities alone. Unset: destinations by the public ones of the runtime.',
  }),
  trustedNames: setting({
    name: 'WAYMARK_TRUSTED_NAMES',
    fallback: '',
    read: list(text(253)),
    help:
      'Who else may send SIP over TLS, whatever the address: names in the certificate (RFC 5922), separated by commas. Needs ' +
      'WAYMARK_SIP_TLS_CA.',
  }),
  unknownCallers: setting({
    name: 'WAYMARK_UNKNOWN_CALLERS',
    fallback: 'relay',
    read: oneOf('relay', 'drop'),
    help:
      'Emergency calls that neither a trunk, nor a location URI of ours, nor a known number ties to an organization. relay: to the ' +
      'relay centre, flagged. drop: unanswered and counted, for peers that anybody can send through.',
  }),
  sipAliases: setting({
    name: 'WAYMARK_SIP_ALIASES',
    fallback: '',
    read: list(sipHostPort()),
    help:
      'SIP addresses of the nodes that stand for this one behind an edge, separated by commas: the dialogs of a node that is gone ' +
      'go on here.',
  }),
  simulatorPort: setting({
    name: 'WAYMARK_SIMULATOR_PORT',
    fallback: '5071',
    read: port(),
    help: 'SIP port of the built-in PSAP simulator, which answers for default destinations while no relay centre is set.',
  }),
  rtpPorts: setting({
    name: 'WAYMARK_RTP_PORTS',
    fallback: '20000-20999',
    read: portRange(),
    help: 'UDP ports for the audio of 933 test calls.',
  }),
  databaseUrl: setting({
    name: 'WAYMARK_DATABASE_URL',
    fallback: undefined,
    read: url('postgres:', 'postgresql:'),
    help: 'PostgreSQL 15 or later. Unset: the embedded database in the data folder.',
    secret: true,
  }),
  smtpUrl: setting({
    name: 'WAYMARK_SMTP_URL',
    fallback: undefined,
    read: urls('smtp:', 'smtps:'),
    help:
      'Mail server: `smtps://` is TLS from the start, `smtp://` takes STARTTLS where it is offered, and must with credentials beyond this ' +
      'machine (`?requireTLS=false` lifts that, `?requireTLS=true` asks for it always); certificates are checked. Several, separated by ' +
      'commas: the next is asked where one fails. Unset: mail is captured under the data folder and nothing leaves the machine.',
    secret: true,
  }),
  mailFrom: setting({
    name: 'WAYMARK_MAIL_FROM',
    fallback: 'Waymark <waymark@localhost>',
    read: text(320),
    help: 'Sender of alert and invitation mail.',
  }),
  publicUrl: setting({
    name: 'WAYMARK_PUBLIC_URL',
    fallback: undefined,
    read: url('http:', 'https:'),
    help: 'Base of location URIs, Link headers and links in mail. Unset: http://<first host>:<HTTP port>.',
  }),
  sipDomain: setting({
    name: 'WAYMARK_SIP_DOMAIN',
    fallback: 'waymark.invalid',
    read: text(253),
    help: 'Domain name in emergency call and incident identifiers (NENA i3).',
  }),
  dnsServers: setting({
    name: 'WAYMARK_DNS_SERVERS',
    fallback: '',
    read: list(nameServer()),
    help:
      'Name servers for the names of destinations, separated by commas, e.g. 192.0.2.53,[2001:db8::53]:5353. Empty: those of the ' +
      'system. What they said last is kept and used when they are silent.',
  }),
  trustedPeers: setting({
    name: 'WAYMARK_TRUSTED_PEERS',
    fallback: '127.0.0.0/8,::1/128',
    read: list(network()),
    help: 'Who may send SIP: addresses and networks, separated by commas. Everything else is dropped.',
  }),
  trunkNetworks: setting({
    name: 'WAYMARK_TRUNK_NETWORKS',
    fallback: '',
    read: list(network()),
    help:
      'Networks that are not public and in which trunks may all the same be called: addresses and networks, separated by ' +
      'commas. Public addresses and WAYMARK_TRUSTED_PEERS may always be called.',
  }),
  trustedProxies: setting({
    name: 'WAYMARK_TRUSTED_PROXIES',
    fallback: '',
    read: list(network()),
    help:
      'HTTP proxies: addresses and networks, separated by commas. What they say of whom they speak for is believed, up to the ' +
      'last hop that is none of them. Empty: nobody is believed.',
  }),
  forwardedHeader: setting({
    name: 'WAYMARK_FORWARDED_HEADER',
    fallback: 'x-forwarded-for',
    read: oneOf('x-forwarded-for', 'forwarded'),
    help:
      'The header that these proxies write: x-forwarded-for, or forwarded (RFC 7239). The other one is not read, for it may come ' +
      'from anybody.',
  }),
  relayUri: setting({
    name: 'WAYMARK_RELAY_URI',
    fallback: undefined,
    read: sipUri(),
    help: 'The relay centre (ECRC); it also takes the calls of counties that no PSAP has taken over. Unset: the built-in simulated one.',
  }),
  relayUriCanada: setting({
    name: 'WAYMARK_RELAY_URI_CA',
    fallback: undefined,
    read: sipUri(),
    help: 'The relay centre for calls from Canada. Unset: that of WAYMARK_RELAY_URI.',
  }),
  relayAlternateUris: setting({
    name: 'WAYMARK_RELAY_ALTERNATE_URIS',
    fallback: '',
    read: list(sipUri()),
    help: 'Where a call goes when the relay centre does not take it: SIP URIs in their order, separated by commas.',
  }),
  probeSeconds: setting({
    name: 'WAYMARK_PROBE_SECONDS',
    fallback: '30',
    read: wholeNumber(0, 3_600),
    help:
      'How often PSAPs, relay centres and monitored trunks are asked whether they answer (SIP OPTIONS). What does not answer is ' +
      'tried after the others, never left out. 0: they are not asked.',
  }),
  trunkAlarmCalls: setting({
    name: 'WAYMARK_TRUNK_ALARM_CALLS',
    fallback: '200',
    read: wholeNumber(1, 1_000_000),
    help: 'More emergency calls than this under way on one trunk raise an alarm in log and metrics; they go on all the same.',
  }),
  ringTimeoutMs: setting({
    name: 'WAYMARK_PSAP_RESPONSE_TIMEOUT_MS',
    fallback: '4000',
    read: milliseconds(100, 60_000),
    help: 'How long a destination may stay silent before the call goes on to the next one.',
  }),
  lostName: setting({
    name: 'WAYMARK_LOST_NAME',
    fallback: undefined,
    read: serverName(),
    help: 'The name of this LoST server (RFC 5222 §4), by which it stands in paths and errors. Unset: WAYMARK_SIP_DOMAIN.',
  }),
  lostParent: setting({
    name: 'WAYMARK_LOST_PARENT',
    fallback: undefined,
    read: url('http:', 'https:'),
    help: 'LoST server (ECRF) that is asked, or named, for what lies outside our coverage. Calls never wait for it. Unset: none.',
  }),
  lostParentName: setting({
    name: 'WAYMARK_LOST_PARENT_NAME',
    fallback: undefined,
    read: serverName(),
    help: 'Name of that server (RFC 5222 §4), for redirects and to notice loops. Unset: the host in WAYMARK_LOST_PARENT.',
  }),
  lostParentTimeoutMs: setting({
    name: 'WAYMARK_LOST_PARENT_TIMEOUT_MS',
    fallback: '2000',
    read: milliseconds(100, 30_000),
    help: 'How long that server may take to answer; then an expired answer of its is used, or serverTimeout given.',
  }),
  lostReferral: setting({
    name: 'WAYMARK_LOST_REFERRAL',
    fallback: 'redirect',
    read: oneOf('redirect', 'http'),
    help: 'How a client that does not want us to ask is told of that server: redirect (a LoST redirect) or http (HTTP 307).',
  }),
  lostSubstitution: setting({
    name: 'WAYMARK_LOST_SUBSTITUTION',
    fallback: 'parent',
    read: oneOf('parent', 'exact'),
    help:
      'A service that is not known: parent answers for the service above it, with a warning (towards callers); exact answers ' +
      'serviceNotImplemented (inside an ESInet). Elements of an ESInet beside callers may ask /LoST/exact, which never substitutes itself.',
  }),
  lisNetworks: setting({
    name: 'WAYMARK_LIS_NETWORKS',
    fallback: '',
    read: list(network()),
    help:
      'Networks that are not public and may all the same be asked for the location behind a reference on a call: addresses and ' +
      'networks, separated by commas. Public addresses may always be asked, others only if they are listed here.',
  }),
  lisCert: setting({
    name: 'WAYMARK_LIS_CERT',
    fallback: undefined,
    read: text(),
    help: 'PEM file with the certificate that is shown to location servers of others which want to know who asks. Unset: none.',
  }),
  lisKey: setting({
    name: 'WAYMARK_LIS_KEY',
    fallback: undefined,
    read: text(),
    help: 'PEM file with the private key of that certificate.',
  }),
  lisCa: setting({
    name: 'WAYMARK_LIS_CA',
    fallback: undefined,
    read: text(),
    help: 'PEM file with authorities that location servers of others may have their certificates from, beside those of the system.',
  }),
  webhookNetworks: setting({
    name: 'WAYMARK_WEBHOOK_NETWORKS',
    fallback: '',
    read: list(network()),
    help:
      'Networks to which webhooks, SMS and chat messages may go although they are not public, and over plain http too: addresses and ' +
      'networks, separated by commas. Public addresses may always be reached over https, others only if they are listed here.',
  }),
  webhookCa: setting({
    name: 'WAYMARK_WEBHOOK_CA',
    fallback: undefined,
    read: text(),
    help: 'PEM file with authorities that receivers of webhooks, SMS gateways and chat servers may have their certificates from, beside those of the system.',
  }),
  providerName: setting({
    name: 'WAYMARK_PROVIDER_NAME',
    fallback: undefined,
    read: text(120),
    help:
      'Who carries the calls, as PSAPs are told by Additional Data (RFC 7852). With it, WAYMARK_PROVIDER_CONTACT and an https: ' +
      'WAYMARK_PUBLIC_URL every call gets references to what is known of it, some 200 bytes each. Unset: none.',
  }),
  providerContact: setting({
    name: 'WAYMARK_PROVIDER_CONTACT',
    fallback: undefined,
    read: contactUri(),
    help: 'Where a PSAP reaches that provider at any hour: a tel:, sip:, sips:, mailto: or https: URI.',
  }),
  providerId: setting({
    name: 'WAYMARK_PROVIDER_ID',
    fallback: undefined,
    read: text(64),
    help: 'Identifier of that provider, e.g. its NENA company id.',
  }),
  providerIdSeries: setting({
    name: 'WAYMARK_PROVIDER_ID_SERIES',
    fallback: 'NENA',
    read: text(64),
    help: 'What series WAYMARK_PROVIDER_ID is of: NENA, EENA, domain …',
  }),
  providerType: setting({
    name: 'WAYMARK_PROVIDER_TYPE',
    fallback: 'Telecom Provider',
    read: text(64),
    help: 'What that provider is, by the registry of RFC 7852 §4.1.4.',
  }),
  providerLanguages: setting({
    name: 'WAYMARK_PROVIDER_LANGUAGES',
    fallback: 'en',
    read: list(languageTag()),
    help: 'Languages that are spoken at that contact, separated by commas: en, fr.',
  }),
  secretGraceHours: setting({
    name: 'WAYMARK_SECRET_GRACE_HOURS',
    fallback: '168',
    read: hours(0, 720),
    help: 'How long a replaced secret of an E911 account, or the company id of an account given up, still opens HELD.',
  }),
  deviceAddressDays: setting({
    name: 'WAYMARK_DEVICE_ADDRESS_DAYS',
    fallback: '180',
    read: wholeNumber(30, 3_650),
    help: 'How many days an address that a device registered for itself is kept after it was last in use; then it is forgotten.',
  }),
  operatorMail: setting({
    name: 'WAYMARK_OPERATOR_MAIL',
    fallback: undefined,
    read: mailAddress(),
    help:
      'Who gets a mail when something is wrong with the platform itself, such as a journal that cannot be written, and of every 911 ' +
      'call of which nobody else is told. Unset: nobody.',
  }),
  journalMaxMegabytes: setting({
    name: 'WAYMARK_JOURNAL_MAX_MB',
    fallback: '1024',
    read: wholeNumber(16, 1_048_576),
    help:
      'How large the journal of calls may become while the database is away. Beyond it calls go on without journal, and an alarm ' +
      'is raised.',
  }),
  callLadder: setting({
    name: 'WAYMARK_CALL_LADDER',
    fallback: 'texts',
    read: oneOf('off', 'lines', 'texts'),
    help:
      'What is kept of the SIP messages of a call: texts (without credentials, keys and whatever tells a place), lines (who, when, ' +
      'first line and size), or off.',
  }),
  callLadderDays: setting({
    name: 'WAYMARK_CALL_LADDER_DAYS',
    fallback: '30',
    read: wholeNumber(1, 3_650),
    help: 'How many days the SIP messages of a call are kept. Its record stays.',
  }),
  incidentDays: setting({
    name: 'WAYMARK_INCIDENT_DAYS',
    fallback: '730',
    read: wholeNumber(1, 36_500),
    help: 'How many days incidents and their timelines are kept after the last change. Records of calls stay.',
  }),
  oidcIssuer: setting({
    name: 'WAYMARK_OIDC_ISSUER',
    fallback: undefined,
    read: issuer(),
    help: 'OpenID Connect provider whose tokens are taken, or that signs people in, as their iss claim has it. Unset: none.',
  }),
  oidcAudience: setting({
    name: 'WAYMARK_OIDC_AUDIENCE',
    fallback: undefined,
    read: text(512),
    help: 'What the aud claim of bearer tokens must name. Unset: no bearer token of the provider is taken.',
  }),
  oidcClientId: setting({
    name: 'WAYMARK_OIDC_CLIENT_ID',
    fallback: undefined,
    read: text(512),
    help:
      'As whom this platform is registered with the provider, with the redirect address <WAYMARK_PUBLIC_URL>/sign-in/openid/callback and, ' +
      'for after signing out, <WAYMARK_PUBLIC_URL>/sign-in. People then sign in to the console there. Unset: they cannot.',
  }),
  oidcClientSecret: setting({
    name: 'WAYMARK_OIDC_CLIENT_SECRET',
    fallback: undefined,
    read: text(1_024),
    help: 'The secret that belongs to it. Unset: a public client, protected by PKCE alone.',
    secret: true,
  }),
  oidcLabel: setting({
    name: 'WAYMARK_OIDC_LABEL',
    fallback: 'single sign-on',
    read: text(40),
    help: 'What the provider is called on the sign-in page, after the words “Sign in with”.',
  }),
  oidcScopes: setting({
    name: 'WAYMARK_OIDC_SCOPES',
    fallback: 'openid email profile',
    read: openIdScopes(),
    help: 'What is asked of the provider when people sign in, separated by spaces: whatever makes it put the claims into the ID token.',
  }),
  oidcRoleClaim: setting({
    name: 'WAYMARK_OIDC_ROLE_CLAIM',
    fallback: 'roles',
    read: text(256),
    help: 'Claim that names roles or groups; dots lead into objects, e.g. realm_access.roles.',
  }),
  oidcRoles: setting({
    name: 'WAYMARK_OIDC_ROLES',
    fallback: 'fullAdmin=fullAdmin,userAdmin=userAdmin,locationAdmin=locationAdmin,readOnlyAdmin=readOnlyAdmin',
    read: list(roleMapping()),
    help: 'Which value of the role claim gives which role, as value=role, separated by commas; the first that fits wins.',
  }),
  oidcOrganizationClaim: setting({
    name: 'WAYMARK_OIDC_ORGANIZATION_CLAIM',
    fallback: 'organization',
    read: text(256),
    help: 'Claim that names the organization, by its id.',
  }),
  oidcLocationClaim: setting({
    name: 'WAYMARK_OIDC_LOCATION_CLAIM',
    fallback: 'locations',
    read: text(256),
    help: 'Claim that names the locations of a location administrator, by their ids.',
  }),
  oidcPartnerClaim: setting({
    name: 'WAYMARK_OIDC_PARTNER_CLAIM',
    fallback: 'partner',
    read: text(256),
    help: 'Claim that names the partner of a partner administrator, by one of its ids.',
  }),
  rateLimitPerMinute: setting({
    name: 'WAYMARK_RATE_LIMIT_PER_MINUTE',
    fallback: '12000',
    read: wholeNumber(0, 10_000_000),
    help:
      'REST requests that one token may make in a minute, at once or spread over it; more are answered 429. 0: any number. ' +
      'HELD, LoST and SIP are never limited by it.',
  }),
  concurrentRequests: setting({
    name: 'WAYMARK_CONCURRENT_REQUESTS',
    fallback: '100',
    read: wholeNumber(0, 100_000),
    help: 'REST requests of one token that may be under way at the same time; more are answered 429. 0: any number.',
  }),
  importToken: setting({
    name: 'WAYMARK_IMPORT_TOKEN',
    fallback: undefined,
    read: text(8_192),
    help: 'Access token of the API that `organization import --from` reads; the server has no use for it.',
    secret: true,
  }),
  metricsReaders: setting({
    name: 'WAYMARK_METRICS_READERS',
    fallback: '127.0.0.0/8,::1/128',
    read: list(network()),
    help:
      'Who may read /metrics: addresses and networks, separated by commas; others are answered 403. Behind a proxy on this ' +
      'machine, name that in WAYMARK_TRUSTED_PROXIES, or everybody who comes through it counts as this machine.',
  }),
  demo: setting({
    name: 'WAYMARK_DEMO',
    fallback: '1',
    read: flag(),
    help: '1: an empty data folder gets a demonstration organization on first start. 0: it does not.',
  }),
  logLevel: setting({
    name: 'WAYMARK_LOG_LEVEL',
    fallback: 'info',
    read: oneOf('silent', 'error', 'warn', 'info', 'debug'),
    help: 'Lines on standard error: silent, error, warn, info or debug.',
  }),
} as const;
