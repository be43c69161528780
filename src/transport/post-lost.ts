import { ProblemError } from '../domain/problem.ts';
import { readBounded } from './read-bounded.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_HOPS = 3;
const TYPE = 'application/lost+xml';

/**
 * Sends a LoST query to the server at `url` (RFC 5222 §14) and answers the body, at most 4 MiB, all within `deadlineMs`. HTTP
 * redirects that keep the method (307, 308) are followed, three at most. Rejects with `upstream-timeout` when no answer comes
 * (late, or no connection), `forbidden` for 401 and 403, `upstream-failed` for any other status and for what is too large.
 */
export async function postLost(url: string, query: string, deadlineMs: number): Promise<Buffer> {
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    let target = url;
    for (let hop = 0; hop <= MAX_HOPS; hop += 1) {
      const answer = await fetch(target, {
        method: 'POST',
        // RFC 5222 §14: no cache on the way may answer.
        headers: { 'content-type': `${TYPE};charset=utf-8`, accept: TYPE, 'cache-control': 'no-cache' },
        body: query,
        redirect: 'manual',
        signal,
      });
      if (answer.ok) return await readBounded(answer, MAX_BYTES, `the answer of ${hostOf(url)}`);
      await answer.body?.cancel();
      const next = answer.status === 307 || answer.status === 308 ? nextTarget(target, answer) : undefined;
      if (next === undefined) throw refusal(target, answer.status);
      target = next;
    }
    throw new ProblemError('upstream-failed', `${hostOf(url)} redirects more than ${MAX_HOPS} times`);
  } catch (error) {
    if (error instanceof ProblemError) {
      if (error.kind !== 'too-large') throw error;
      throw new ProblemError('upstream-failed', error.message, { cause: error });
    }
    throw new ProblemError('upstream-timeout', `${hostOf(url)} gave no answer`, { cause: error });
  }
}

function nextTarget(target: string, answer: Response): string | undefined {
  const next = URL.parse(answer.headers.get('location') ?? '', target);
  // From HTTPS back to HTTP would show a caller's location to everybody on the way.
  const isSafe = next?.protocol === 'https:' || (next?.protocol === 'http:' && target.startsWith('http:'));
  return isSafe ? next.href : undefined;
}

function refusal(target: string, status: number): ProblemError {
  const kind = status === 401 || status === 403 ? 'forbidden' : 'upstream-failed';
  return new ProblemError(kind, `${hostOf(target)} answered HTTP ${status}`);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
