import { ProblemError } from '../domain/problem.ts';
import { SOS } from '../domain/service-urn.ts';
import type { Clock } from '../support/clock.ts';
import type { Logger } from '../support/logger.ts';
import {
  decodeLostAnswer,
  encodeLostQuery,
  type FindService,
  type FindServiceResponse,
  type ListServicesByLocation,
  type LostAnswer,
  type UsableLostLocation,
} from '../wire/lost/lost.ts';
import { continuePath, isServerName } from './lost-path.ts';
import { createMappingCache } from './mapping-cache.ts';
import { createParentHealth } from './parent-health.ts';
import { repairAnswer } from './repair-answer.ts';

/** The LoST server that knows what we do not. */
export type LostParent = {
  /** Its application unique string (RFC 5222 §4). */
  name: string;
  url: string;
  /**
   * Sends a query and answers the body, bounded in size and time. Rejects with `upstream-timeout`, `upstream-failed`
   * or `forbidden`.
   */
  post(query: string): Promise<Uint8Array>;
};

export type AskParentDeps = {
  parent: LostParent;
  serverName: string;
  clock: Clock;
  logger: Logger;
  /** Told of every query for the parent how it went. */
  onParentOutcome?: (outcome: ParentOutcome) => void;
};

/** Out of the cache; asked and answered; asked in vain; not asked, because the parent is resting or has enough to do. */
export type ParentOutcome = 'kept' | 'answered' | 'failed' | 'spared';

/** Queries that may be under way to the parent at the same time. */
const MAX_CONCURRENT = 64;
/** No query goes through so many servers for a good reason. */
const MAX_PATH = 32;
/** Answers kept, their size as they came, and how long one is kept that does not expire. */
const CACHE_LIMITS = { entries: 4_096, bytes: 32 * 1024 * 1024, lifetimeMs: 86_400_000 };

/** Errors of the parent that say nothing about the location: an expired mapping is worth more. */
const FAILURES: ReadonlySet<string> = new Set(['internalError', 'serverError', 'serverTimeout']);

export type AskParent = (
  query: FindService | ListServicesByLocation,
  location: UsableLostLocation,
) => Promise<LostAnswer>;

/**
 * Asks the parent on behalf of a client (RFC 5222 §8.3.3) and answers what it answers: mappings, errors and redirects alike.
 * Mappings are kept until they expire, and beyond that for when the parent is away (§5.2). Rejects with `loop` when the query was
 * with us or with the parent before (§13.1), `upstream-timeout` when no answer comes, `upstream-failed` when it is none,
 * `forbidden` when the parent does not talk to us.
 */
export function createAskParent({ clock, logger, onParentOutcome, parent, serverName }: AskParentDeps): AskParent {
  const onOutcome = onParentOutcome ?? (() => undefined);
  const cache = createMappingCache(clock, CACHE_LIMITS);
  const health = createParentHealth(clock, MAX_CONCURRENT);

  async function ask(query: FindService | ListServicesByLocation): Promise<{ answer: LostAnswer; bytes: number }> {
    const asked = continuePath(query.path, serverName);
    const body = await parent.post(encodeLostQuery({ ...query, path: asked }));
    const { notes: _, ...read } = readAnswer(body, parent.name);
    checkAnswer(query, read, parent.name);
    const answer = repairAnswer(read, {
      parentName: parent.name,
      asked,
      locationIds: query.locations.map(({ id }) => id),
      service: query.service ?? SOS,
    });
    return { answer, bytes: body.byteLength };
  }

  return async (query, location) => {
    const visited = [serverName, parent.name].find((name) => query.path.includes(name));
    if (query.path.length > MAX_PATH)
      throw new ProblemError('loop', `the query has been at ${query.path.length} servers`);
    if (visited !== undefined) throw new ProblemError('loop', `the query has been at ${visited} already`);
    const kept = query.type === 'findService' ? cache.find(query, location) : undefined;
    if (kept?.fresh) {
      onOutcome('kept');
      return kept.answer;
    }
    const attempt = health.attempt(() => ask(query));
    if (!attempt) {
      onOutcome('spared');
      if (kept) return kept.answer;
      throw new ProblemError('upstream-timeout', `${parent.name} does not answer at present`);
    }
    try {
      const { answer, bytes } = await attempt;
      onOutcome('answered');
      if (answer.type === 'findServiceResponse' && query.type === 'findService') {
        cache.keep(query, location, answer, bytes);
      }
      const failed = answer.type === 'errors' && answer.exceptions.some(({ type }) => FAILURES.has(type));
      return failed && kept ? kept.answer : answer;
    } catch (error) {
      onOutcome('failed');
      logger.warn(
        {
          parent: parent.name,
          err: error instanceof Error ? error.message : String(error),
          expired: kept !== undefined,
        },
        'the LoST parent gave no answer',
      );
      if (kept) return kept.answer;
      throw error;
    }
  };
}

function readAnswer(body: Uint8Array, name: string): ReturnType<typeof decodeLostAnswer> {
  try {
    return decodeLostAnswer(body);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    throw new ProblemError('upstream-failed', `the answer of ${name} cannot be read: ${error.message}`, {
      cause: error,
    });
  }
}

/** An answer of another kind than the query asks for, or one without anything in it, is none. */
function checkAnswer(query: FindService | ListServicesByLocation, answer: LostAnswer, name: string): void {
  if (answer.type === 'errors' && answer.exceptions.length > 0) return;
  if (answer.type === 'redirect' && isServerName(answer.target)) return;
  if (answer.type === `${query.type}Response` && hasContent(answer)) return;
  throw new ProblemError('upstream-failed', `the answer of ${name} is no answer to a ${query.type}`);
}

function hasContent(answer: LostAnswer): answer is FindServiceResponse {
  return answer.type !== 'findServiceResponse' || answer.mappings.length > 0;
}
