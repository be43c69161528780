import { ProblemError } from '../domain/problem.ts';
import { readBounded } from './read-bounded.ts';

const MAX_BYTES = 256 * 1024;
const DEADLINE_MS = 5_000;
/** Fetch Standard §2.2.3: what has no body may be given none. */
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

export type BoundedRequest = {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | URLSearchParams;
};

/**
 * One exchange, bounded in time and size, whose answer is there as a whole; redirects are answers like others.
 * Throws `upstream-failed`, `upstream-timeout` or `too-large`.
 */
export async function boundedFetch(
  address: string,
  request: BoundedRequest = {},
  deadlineMs = DEADLINE_MS,
): Promise<Response> {
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ProblemError('upstream-failed', 'only http and https addresses can be asked');
  }
  try {
    const answer = await fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(deadlineMs) });
    const { status } = answer;
    const bytes = await readBounded(answer, MAX_BYTES, `the answer of ${url.host}`);
    const contentType = answer.headers.get('content-type');
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(bytes), {
      status,
      headers: contentType === null ? {} : { 'content-type': contentType },
    });
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    const late = error instanceof Error && error.name === 'TimeoutError';
    const kind = late ? 'upstream-timeout' : 'upstream-failed';
    throw new ProblemError(kind, `${url.host} did not answer`, { cause: error });
  }
}
