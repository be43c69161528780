import { Secret } from './secrets.ts';
import { SETTINGS, type Setting } from './settings.ts';

type Settings = typeof SETTINGS;
type Value<Key extends keyof Settings> = Settings[Key] extends Setting<infer Read> ? Read : never;

/** Settings that may be unset and have no default. */
type OptionalKey =
  | 'sipTlsPort'
  | 'sipTlsCert'
  | 'sipTlsKey'
  | 'sipTlsCa'
  | 'databaseUrl'
  | 'smtpUrl'
  | 'importToken'
  | 'publicUrl'
  | 'relayUri'
  | 'relayUriCanada'
  | 'oidcIssuer'
  | 'oidcAudience'
  | 'oidcClientId'
  | 'oidcClientSecret'
  | 'tlsCert'
  | 'tlsKey'
  | 'tlsCa'
  | 'operatorMail'
  | 'lisCert'
  | 'lisKey'
  | 'lisCa'
  | 'webhookCa'
  | 'providerName'
  | 'providerContact'
  | 'providerId';
type SecretKey = 'databaseUrl' | 'smtpUrl' | 'importToken' | 'oidcClientSecret';

/** The checked, frozen configuration of one process. */
export type Config = {
  readonly [Key in Exclude<keyof Settings, OptionalKey>]: Value<Key>;
} & {
  readonly [Key in Exclude<OptionalKey, SecretKey>]: Value<Key> | undefined;
} & {
  readonly [Key in SecretKey]: Secret | undefined;
};

/** All faults of an environment at once, each with its variable, value and what was expected. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

const KNOWN = new Set(Object.values(SETTINGS).map((row) => row.name));
/** Read by tests and benchmarks, not by the server. */
const TEST_VARIABLES = /^WAYMARK_(?:TEST|BENCH)_/;

/** Reads every setting once, reports all faults together. Empty variables count as unset. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const given = environment[row.name];
    const source = given === undefined || given.trim() === '' ? row.fallback : given.trim();
    if (source === undefined) {
      values[key] = undefined;
      continue;
    }
    try {
      const value = row.read(source);
      values[key] = row.secret ? new Secret(String(value)) : value;
    } catch (error) {
      const shown = row.secret ? '[redacted]' : JSON.stringify(source);
      faults.push(`${row.name}=${shown}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  faults.push(...findSipTlsFaults(values));
  // Without either, a token that the provider made for any other application would be taken.
  if (values['oidcIssuer'] !== undefined && [values['oidcAudience'], values['oidcClientId']].every(isUnset)) {
    faults.push(
      `${SETTINGS.oidcAudience.name} is not set: it, or ${SETTINGS.oidcClientId.name}, is needed with ${SETTINGS.oidcIssuer.name}`,
    );
  }
  for (const key of ['tlsCert', 'tlsKey'] as const) {
    const needing = (['tlsCert', 'tlsKey', 'tlsCa'] as const).find((other) => values[other] !== undefined);
    if (needing !== undefined && values[key] === undefined) {
      faults.push(`${SETTINGS[key].name} is not set: it is needed with ${SETTINGS[needing].name}`);
    }
  }
  for (const [key, other] of [
    ['lisCert', 'lisKey'],
    ['lisKey', 'lisCert'],
    ['providerName', 'providerContact'],
    ['providerContact', 'providerName'],
    ['providerName', 'providerId'],
    ['oidcIssuer', 'oidcClientId'],
    ['oidcClientId', 'oidcClientSecret'],
  ] as const) {
    if (values[key] === undefined && values[other] !== undefined) {
      faults.push(`${SETTINGS[key].name} is not set: it is needed with ${SETTINGS[other].name}`);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(values) as Config;
}

const isUnset = (value: unknown): boolean => value === undefined;

/** SIP over TLS has a certificate of its own, whole, or that of the HTTP doors. */
function findSipTlsFaults(values: Readonly<Record<string, unknown>>): string[] {
  const missing = (key: keyof Settings, needing: keyof Settings): string =>
    `${SETTINGS[key].name} is not set: it is needed with ${SETTINGS[needing].name}`;
  const faults: string[] = [];
  for (const [key, other] of [
    ['sipTlsCert', 'sipTlsKey'],
    ['sipTlsKey', 'sipTlsCert'],
  ] as const) {
    if (values[key] === undefined && values[other] !== undefined) faults.push(missing(key, other));
  }
  const hasCertificate = values['sipTlsCert'] !== undefined || values['tlsCert'] !== undefined;
  for (const key of ['sipTlsPort', 'sipTlsCa'] as const) {
    if (values[key] !== undefined && !hasCertificate) faults.push(missing('sipTlsCert', key));
  }
  const names = values['trustedNames'];
  if (Array.isArray(names) && names.length > 0 && values['sipTlsCa'] === undefined)
    faults.push(missing('sipTlsCa', 'trustedNames'));
  return faults;
}

const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);

/** What is allowed and most likely not meant, to be told at the start. */
export function findDoubts(environment: Readonly<Record<string, string | undefined>>, config: Config): string[] {
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith('WAYMARK_') && !KNOWN.has(name) && !TEST_VARIABLES.test(name),
  );
  const doubts = unknown.map((name) => `${name} is not a setting and has no effect`);
  const [host = ''] = config.hosts;
  if (config.publicUrl === undefined && EVERY_ADDRESS.has(host)) {
    doubts.push(`WAYMARK_PUBLIC_URL is not set: location URIs and links would name ${host}, where nobody can ask`);
  }
  if (config.tlsCert !== undefined && config.publicUrl?.startsWith('https:') !== true) {
    // RFC 6753 §3: whoever follows a location URI should do so over TLS; its name must be the one in the certificate.
    doubts.push(
      'WAYMARK_TLS_CERT is set but WAYMARK_PUBLIC_URL is no https: URL: location URIs and links lead past TLS',
    );
  }
  if (config.oidcClientId !== undefined && config.publicUrl === undefined) {
    doubts.push(
      'WAYMARK_OIDC_CLIENT_ID is set but WAYMARK_PUBLIC_URL is not: the provider must know the address that people come back to',
    );
  }
  if (config.providerName !== undefined && config.publicUrl?.startsWith('https:') !== true) {
    // RFC 7852 §6.1.
    doubts.push('WAYMARK_PROVIDER_NAME is set but WAYMARK_PUBLIC_URL is no https: URL: calls get no Additional Data');
  }
  return doubts;
}
