import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';

/** Gets one JSON document, bounded in time and size; throws a ProblemError. */
export type FetchJson = (address: string) => Promise<unknown>;

/** What a provider says of itself (OpenID Connect Discovery 1.0 §3); all of it but the issuer is to be checked where it is used. */
export type ProviderDescription = Readonly<Record<string, unknown>> & { issuer: string };

/** What an OpenID Connect provider publishes, kept in memory and followed when it changes. Each throws `unavailable`. */
export type ProviderDocuments = {
  findKey: JWTVerifyGetKey;
  description(): Promise<ProviderDescription>;
};

export type ProviderDocumentsDeps = {
  /** As the `iss` claim has it. */
  issuer: string;
  fetchJson: FetchJson;
  clock: Clock;
  logger: Logger;
};

/** Older than this, the key set is asked for again beside the requests. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** The provider is asked no more often, whatever tokens strangers send. */
const PAUSE_MS = 30_000;
/** With the provider away its last known keys are good for so long; then a key that it withdrew could still be in use. */
const KEEP_MS = 24 * 60 * 60_000;
const MAX_KEYS = 100;
/** RFC 7518 §6: symmetric keys (`oct`) are no keys of a provider, whatever its key set says. */
const PUBLIC_KEY_TYPES = new Set<unknown>(['RSA', 'EC', 'OKP']);

type Known = {
  find: ReturnType<typeof createLocalJWKSet>;
  description: ProviderDescription;
  loadedMs: number;
};

function property(document: unknown, name: string): unknown {
  return typeof document === 'object' && document !== null ? Reflect.get(document, name) : undefined;
}

function unusable(detail: string): ProblemError {
  return new ProblemError('upstream-failed', `the identity provider cannot be used: ${detail}`);
}

/** RFC 7517 §5, without what signs nothing. */
function readKeySet(document: unknown): JSONWebKeySet {
  const keys = property(document, 'keys');
  if (!Array.isArray(keys)) throw unusable('its key set has no keys');
  if (keys.length > MAX_KEYS) throw unusable(`its key set has more than ${MAX_KEYS} keys`);
  const usable = keys.filter((key) => PUBLIC_KEY_TYPES.has(property(key, 'kty')));
  if (usable.length === 0) throw unusable('its key set has no public keys');
  return { keys: usable as JSONWebKeySet['keys'] };
}

/** Reads both documents at the first need, and again beside the requests once they are old. */
export function createProviderDocuments(deps: ProviderDocumentsDeps): ProviderDocuments {
  const { issuer, clock, logger } = deps;
  let known: Known | undefined;
  let askedMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function load(): Promise<void> {
    // OpenID Connect Discovery 1.0 §4.1: the address is the issuer's without its last slash.
    const description = await deps.fetchJson(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    // §4.3: what it says of itself must be the issuer that was asked.
    if (property(description, 'issuer') !== issuer) throw unusable('it names another issuer');
    const address = property(description, 'jwks_uri');
    if (typeof address !== 'string') throw unusable('it names no key set');
    if (issuer.startsWith('https:') && !address.startsWith('https:')) throw unusable('its key set is not on https');
    known = {
      find: createLocalJWKSet(readKeySet(await deps.fetchJson(address))),
      description: { ...(description as object), issuer },
      loadedMs: clock.nowMs(),
    };
  }

  /** Asks the provider, once for all who wait; false when it was asked a moment ago or is away. */
  async function refresh(): Promise<boolean> {
    if (!asking) {
      if (clock.nowMs() - askedMs < PAUSE_MS) return false;
      askedMs = clock.nowMs();
      asking = load().finally(() => {
        asking = undefined;
      });
    }
    try {
      await asking;
      return true;
    } catch (error) {
      logger.warn({ err: errorText(error), issuer }, 'the documents of the identity provider could not be read');
      return false;
    }
  }

  const ageMs = (): number => (known ? clock.nowMs() - known.loadedMs : Number.POSITIVE_INFINITY);

  async function current(): Promise<Known> {
    if (ageMs() > KEEP_MS) await refresh();
    else if (ageMs() > REFRESH_AFTER_MS) void refresh();
    if (known && ageMs() <= KEEP_MS) return known;
    throw new ProblemError('unavailable', 'The identity provider does not answer now; try again shortly.', {
      retryAfterSeconds: Math.max(1, Math.ceil((askedMs + PAUSE_MS - clock.nowMs()) / 1_000)),
    });
  }

  return {
    async findKey(header, token) {
      const { find } = await current();
      try {
        return await find(header, token);
      } catch (error) {
        // A key that is not known yet: the provider may have begun to sign with a new one.
        if (!(error instanceof errors.JWKSNoMatchingKey) || !(await refresh())) throw error;
        return (await current()).find(header, token);
      }
    },
    description: async () => (await current()).description,
  };
}
