import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';

export type RateLimits = {
  /** Requests that one token may make in a minute, at once or spread over it; 0 = any number. */
  perMinute: number;
  /** Requests of one token that may be under way at the same time; 0 = any number. */
  concurrent: number;
};

export type RateLimit = {
  /**
   * Counts a request of `key` in; the returned function, which may be called again without effect, says that it has ended.
   * Throws `too-many-requests` with the whole seconds after which the next one is let in.
   */
  enter(key: string): () => void;
};

/** What is left of one key's minute, as of a moment, and how many of its requests are under way. */
type Bucket = { left: number; atMs: number; running: number };

const MINUTE_MS = 60_000;
/** So many keys are remembered; beyond, the one that asked longest ago begins anew. */
const REMEMBERED = 10_000;

/** A token bucket and a count of what is under way, for every key, in memory that is bounded (RFC 6585 §4). */
export function createRateLimit(
  clock: Pick<Clock, 'monotonicMs'>,
  { perMinute, concurrent }: RateLimits,
  remembered = REMEMBERED,
): RateLimit {
  const buckets = new BoundedMap<string, Bucket>(remembered);

  function bucketOf(key: string): Bucket {
    const nowMs = clock.monotonicMs();
    const bucket = buckets.get(key) ?? { left: perMinute, atMs: nowMs, running: 0 };
    bucket.left = Math.min(perMinute, bucket.left + ((nowMs - bucket.atMs) * perMinute) / MINUTE_MS);
    bucket.atMs = nowMs;
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    enter(key) {
      const bucket = bucketOf(key);
      if (concurrent > 0 && bucket.running >= concurrent) {
        throw new ProblemError('too-many-requests', `This token has ${concurrent} requests under way already.`, {
          retryAfterSeconds: 1,
        });
      }
      if (perMinute > 0) {
        if (bucket.left < 1) {
          const waitMs = ((1 - bucket.left) * MINUTE_MS) / perMinute;
          throw new ProblemError('too-many-requests', `This token may make ${perMinute} requests in a minute.`, {
            retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
          });
        }
        bucket.left -= 1;
      }
      bucket.running += 1;
      let isOver = false;
      return () => {
        if (!isOver) bucket.running -= 1;
        isOver = true;
      };
    },
  };
}
