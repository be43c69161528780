import { ProblemError } from '../domain/problem.ts';
import { readBounded } from './read-bounded.ts';

const MAX_BYTES = 256 * 1024;
const DEADLINE_MS = 5_000;

/**
 * Gets a JSON document, bounded in time and size; redirects are not followed.
 * Throws `upstream-failed`, `upstream-timeout` or `too-large`.
 */
export async function fetchJson(address: string, deadlineMs = DEADLINE_MS): Promise<unknown> {
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ProblemError('upstream-failed', 'only http and https addresses can be asked');
  }
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new ProblemError('upstream-failed', `${url.host} answered ${answer.status}`);
    }
    const bytes = await readBounded(answer, MAX_BYTES, `the document of ${url.host}`);
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof SyntaxError) {
      throw new ProblemError('upstream-failed', `${url.host} answered no JSON`, { cause: error });
    }
    const late = error instanceof Error && error.name === 'TimeoutError';
    const kind = late ? 'upstream-timeout' : 'upstream-failed';
    throw new ProblemError(kind, `${url.host} did not answer`, { cause: error });
  }
}
