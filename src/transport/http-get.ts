import { ProblemError } from '../domain/problem.ts';

export type HttpGetOptions = { accept: string; deadlineMs: number; maxBytes: number };

/** Fetches a document of a peer: http and https, no redirects, bounded in time and size. */
export type HttpGet = (url: string, options: HttpGetOptions) => Promise<Buffer>;

/** Throws `invalid` (no http URL), `upstream-timeout`, `upstream-failed` (no connection, not 200) or `too-large`. */
export const httpGet: HttpGet = async (url, { accept, deadlineMs, maxBytes }) => {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) throw new ProblemError('invalid', 'no http or https URL');
  const signal = AbortSignal.timeout(deadlineMs);
  try {
    const response = await fetch(url, { headers: { accept }, redirect: 'error', signal });
    if (response.status !== 200) throw new ProblemError('upstream-failed', `answered ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    // Read piece by piece: a length may be missing or a lie.
    for await (const chunk of response.body ?? []) {
      const bytes = chunk as Uint8Array;
      size += bytes.length;
      if (size > maxBytes) throw new ProblemError('too-large', `answer over ${maxBytes} bytes`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (signal.aborted) throw new ProblemError('upstream-timeout', `no answer within ${deadlineMs} ms`);
    throw new ProblemError('upstream-failed', 'cannot be reached', { cause: error });
  }
};
