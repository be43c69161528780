import type { LocationValue } from '../domain/location-value.ts';
import { ProblemError } from '../domain/problem.ts';
import { decodeHeldAnswer } from '../wire/held/held.ts';
import { preferredLocation } from '../wire/pidf-lo/pidf-lo.ts';
import { readBounded } from './read-bounded.ts';

const MAX_BYTES = 256 * 1024;
const ACCEPT = 'application/pidf+xml,application/held+xml;q=0.5';

/**
 * Asks the LIS behind a location URI by GET (RFC 6753 §3.2), bounded in time and size; redirects are not followed.
 * Throws `upstream-failed`, `upstream-timeout`, `too-large` or `malformed`.
 */
export async function fetchLocation(uri: string, deadlineMs: number): Promise<LocationValue> {
  const url = URL.parse(uri);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ProblemError('upstream-failed', 'only http and https location URIs can be asked');
  }
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: { accept: ACCEPT },
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw new ProblemError(late ? 'upstream-timeout' : 'upstream-failed', 'the LIS did not answer', { cause: error });
  }
  if (!answer.ok) throw new ProblemError('upstream-failed', `the LIS answered ${answer.status}`);
  const held = decodeHeldAnswer(await readBounded(answer, MAX_BYTES, 'the location'));
  if (held.type === 'error') throw new ProblemError('upstream-failed', `the LIS answered ${held.code}`);
  const location = held.presence && preferredLocation(held.presence);
  if (!location) throw new ProblemError('upstream-failed', 'the LIS answered without a location');
  return location;
}
