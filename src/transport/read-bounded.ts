import { ProblemError } from '../domain/problem.ts';

/** The body of an answer from outside, up to `maxBytes`; throws `too-large` beyond. */
export async function readBounded(answer: Response, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new ProblemError('too-large', `${what} is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
