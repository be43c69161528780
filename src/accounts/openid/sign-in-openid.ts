import { AuthorizationResponseError, ResponseBodyError } from 'oauth4webapi';
import { ProblemError, type ProblemKind } from '../../domain/problem.ts';
import type { Database } from '../../storage/database.ts';
import { createAttemptLimit } from '../../support/attempt-limit.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { equalInConstantTime, isUuid, newId, newSecret } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import { openSealedText, sealText } from '../sealed-text.ts';
import type { NewSession, Sessions } from '../sessions/sessions.ts';
import type { SignInTrail } from '../sign-in-trail.ts';
import type { TokenHolder } from '../token-holder.ts';
import type { VerifyIdentity } from '../verify-identity.ts';
import { deleteOldSignIns, ensureSealKey, insertEndedSignIn } from './openid-records.ts';
import type { ProviderConversation, Question } from './provider-client.ts';

/** Why nobody was signed in, as the sign-in page explains it. */
const SIGN_IN_REFUSALS = [
  /** The person, or the provider for them, said no. */
  'denied',
  /** Too late, for the second time, or in another browser than it began in. */
  'expired',
  /** The provider knows them, and they may do nothing here. */
  'no-access',
  'provider-away',
  /** What the provider said is no answer to what it was asked. */
  'provider-refused',
  'too-many',
  /** Something of ours, the database for instance. */
  'failed',
  /** Signed out in this browser; the session, here or at the provider, could not be ended. */
  'left-open',
] as const;

export type SignInRefusal = (typeof SIGN_IN_REFUSALS)[number];

type From = { remoteAddress: string; trackingId: string };

export type SignInOpenId = {
  /** What the button is called. */
  readonly label: string;
  /** Where the browser goes to sign in, and what it must bring back. `to` is a path of ours, where it wants to be after that. */
  begin(to: string, from: From): Promise<{ address: string; sealed: string } | { refusal: SignInRefusal }>;
  /** What the browser came back with, and what it was to bring back. Never throws. */
  finish(
    answer: URLSearchParams,
    sealed: string | undefined,
    from: From,
  ): Promise<{ to: string } & ({ session: NewSession } | { refusal: SignInRefusal })>;
  /**
   * Signs out here; `address`: where to sign out at the provider as well, undefined where that cannot be. Never throws: whatever could
   * not be ended, the browser is to forget its session.
   */
  end(secret: string | undefined, from: From): Promise<{ address: string | undefined } | { refusal: 'left-open' }>;
};

/** Every other problem is one of ours. */
const OF_PROBLEMS: Readonly<Partial<Record<ProblemKind, SignInRefusal>>> = {
  unavailable: 'provider-away',
  'upstream-failed': 'provider-away',
  'upstream-timeout': 'provider-away',
  'too-large': 'provider-away',
  unauthenticated: 'provider-refused',
  forbidden: 'no-access',
};

/** How loud each is, for the first few: what strangers can bring about as often as they like fills no log. */
const LEVELS: Readonly<Record<SignInRefusal, 'debug' | 'warn' | 'error'>> = {
  denied: 'debug',
  expired: 'debug',
  'too-many': 'debug',
  'no-access': 'warn',
  'provider-away': 'warn',
  'provider-refused': 'warn',
  failed: 'error',
  'left-open': 'warn',
};

/** Long enough for a second factor that has to be fetched from another room. */
const WAY_MS = 10 * 60_000;
const PURPOSE = 'way to the provider and back';
const SECRET_BYTES = 32;
const ATTEMPTS = 20;
const WINDOW_MS = 15 * 60_000;
/** Each waits for the provider; beyond, it is the provider that does not keep up. */
const MAX_UNDER_WAY = 64;
/** Of each refusal so many are told of loudly in a minute; the documents of a provider that is away are told of by themselves. */
const LINES = 5;
const LINES_MS = 60_000;
const MAX_LABEL = 255;
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** One way of one browser to the provider and back. */
type Way = Question & { id: string; to: string; endsAtMs: number };

class Refused extends Error {
  readonly refusal: SignInRefusal;

  constructor(refusal: SignInRefusal, cause?: unknown) {
    super(refusal, { cause });
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

function readWay(text: string): Way | undefined {
  // We wrote it: the seal is intact.
  const way = JSON.parse(text) as Way;
  return isUuid(way.id) ? way : undefined;
}

/** OpenID Connect Core 1.0 §5.7: names that people know somebody by; who it is says `sub` alone. */
function labelOf(claims: Readonly<Record<string, unknown>>, otherwise: string): string {
  const names = [claims['email'], claims['preferred_username']];
  const name = names.find(
    (one) => typeof one === 'string' && one !== '' && one.length <= MAX_LABEL && !CONTROL.test(one),
  );
  return typeof name === 'string' ? name : otherwise;
}

/**
 * Signing in at the page of the outside provider: authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636, RFC 9700 §2.1.1,
 * OpenID Connect Core 1.0 §3.1). Nothing is stored when a browser leaves: it carries its way with it, sealed, and it comes to its
 * end once, on whichever node that may be.
 */
export function createSignInOpenId(deps: {
  label: string;
  database: Database;
  clock: Clock;
  logger: Logger;
  provider: ProviderConversation;
  identities: Pick<VerifyIdentity, 'readIdToken' | 'holderOfClaims' | 'organizationOfClaims'>;
  clientId: string;
  sessions: Pick<Sessions, 'beginVouched' | 'end'>;
  trail: SignInTrail;
  /** Both are registered with the provider. */
  redirectUri(): string;
  signedOutUrl(): string;
}): SignInOpenId {
  const { clock, database, identities, logger, provider, sessions, trail } = deps;
  const attempts = createAttemptLimit(clock, { attempts: ATTEMPTS, windowMs: WINDOW_MS });
  const lines = createAttemptLimit(clock, { attempts: LINES, windowMs: LINES_MS });
  let underWay = 0;
  let sealKey: string | undefined;

  async function keyOfSeal(): Promise<string> {
    sealKey ??= await database.db.transaction().execute((tx) => ensureSealKey(tx, newSecret(SECRET_BYTES)));
    return sealKey;
  }

  /** The way that this browser is on, if this answer is for it (RFC 9700 §4.7.1): else it is somebody else's, or stale. */
  async function wayOf(answer: URLSearchParams, sealed: string | undefined): Promise<Way> {
    const text = sealed === undefined ? undefined : await openSealedText(sealed, await keyOfSeal(), PURPOSE);
    const way = text === undefined ? undefined : readWay(text);
    const [state = '', another] = answer.getAll('state');
    if (way === undefined || way.endsAtMs <= clock.nowMs()) throw new Refused('expired');
    if (another !== undefined || !equalInConstantTime(state, way.state)) throw new Refused('expired');
    return way;
  }

  async function endWay({ id, endsAtMs }: Way): Promise<void> {
    const now = new Date(clock.nowMs());
    await deleteOldSignIns(database.db, now);
    if (!(await insertEndedSignIn(database.db, id, new Date(endsAtMs)))) throw new Refused('expired');
  }

  async function holderFrom(idToken: string, { nonce }: Way, from: From): Promise<TokenHolder> {
    const claims = await identities.readIdToken(idToken, { clientId: deps.clientId, nonce });
    const { sub = '' } = claims;
    try {
      const holder = await identities.holderOfClaims(claims);
      // The token answers for this moment alone; how long one stays signed in is for us to say.
      return { ...holder, label: labelOf(claims, sub), expiresAtMs: null };
    } catch (error) {
      if (!(error instanceof ProblemError) || error.kind !== 'forbidden') throw error;
      const organizationId = (await identities.organizationOfClaims(claims)) ?? null;
      trail.tell(
        { organizationId, tokenId: `oidc:${sub}`, ...from },
        { by: 'openid', as: labelOf(claims, sub), subject: `identity ${sub}`, reason: error.message },
      );
      throw error;
    }
  }

  async function enter(answer: URLSearchParams, way: Way, from: From): Promise<NewSession> {
    const idToken = await provider.redeem(answer, way, deps.redirectUri());
    const holder = await holderFrom(idToken, way, from);
    const providerHint = (await provider.hasSignOut()) ? idToken : undefined;
    return sessions.beginVouched({ holder, providerHint }, from);
  }

  function refusalFor(error: unknown): SignInRefusal {
    if (error instanceof Refused) return error.refusal;
    if (error instanceof AuthorizationResponseError) {
      if (error.error === 'access_denied') return 'denied';
      return ['temporarily_unavailable', 'server_error'].includes(error.error) ? 'provider-away' : 'provider-refused';
    }
    if (error instanceof ProblemError) return OF_PROBLEMS[error.kind] ?? 'failed';
    return isOfProvider(error) ? 'provider-refused' : 'failed';
  }

  /** People read a page; whoever runs the platform reads why. */
  function refuse(error: unknown, { trackingId }: From): SignInRefusal {
    const refusal = refusalFor(error);
    trail.count('openid', refusal);
    const level = lines.take(refusal) === undefined ? LEVELS[refusal] : 'debug';
    logger[level]({ err: describe(error), refusal, trackingId }, 'nobody was signed in by the identity provider');
    return refusal;
  }

  return {
    label: deps.label,
    async begin(to, from) {
      try {
        const question: Question = {
          state: newSecret(SECRET_BYTES),
          nonce: newSecret(SECRET_BYTES),
          // RFC 7636 §4.1: 43 characters.
          codeVerifier: newSecret(SECRET_BYTES),
        };
        const address = await provider.signInAddress(question, deps.redirectUri());
        const way: Way = { ...question, id: newId(), to, endsAtMs: clock.nowMs() + WAY_MS };
        return { address, sealed: await sealText(JSON.stringify(way), await keyOfSeal(), PURPOSE) };
      } catch (error) {
        return { refusal: refuse(error, from) };
      }
    },
    async finish(answer, sealed, from) {
      let to = '/';
      let isCounted = false;
      try {
        const way = await wayOf(answer, sealed);
        to = way.to;
        if (underWay >= MAX_UNDER_WAY || attempts.take(from.remoteAddress) !== undefined) throw new Refused('too-many');
        underWay += 1;
        isCounted = true;
        await endWay(way);
        const session = await enter(answer, way, from);
        attempts.giveBack(from.remoteAddress);
        return { to, session };
      } catch (error) {
        return { to, refusal: refuse(error, from) };
      } finally {
        if (isCounted) underWay -= 1;
      }
    },
    async end(secret, from) {
      try {
        const hint = secret === undefined ? undefined : await sessions.end(secret, from);
        const address = hint === undefined ? undefined : await provider.signOutAddress(hint, deps.signedOutUrl());
        return { address };
      } catch (error) {
        const { trackingId } = from;
        logger.warn({ err: describe(error), trackingId }, 'a browser signed out, and left a session open');
        return { refusal: 'left-open' };
      }
    },
  };
}

/** What oauth4webapi throws for answers that it does not believe. */
function isOfProvider(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('OAUTH_');
}

/** With what the provider said of it: short codes and texts, no tokens (RFC 6749 §4.1.2.1, §5.2). */
function describe(error: unknown): string {
  const isAnswer = error instanceof AuthorizationResponseError || error instanceof ResponseBodyError;
  if (isAnswer) return `${error.error}: ${(error.error_description ?? '').slice(0, 300)}`;
  const { cause } = error instanceof Error ? error : {};
  return cause instanceof Error ? `${errorText(error)}: ${errorText(cause)}` : errorText(error);
}
