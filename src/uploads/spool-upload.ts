import { open } from 'node:fs/promises';
import { ProblemError } from '../domain/problem.ts';

/**
 * Writes an upload to a new file and gives its length in bytes: it never stands in memory as a whole. Throws `too-large`, without
 * taking more of it, above `mostBytes`, and `malformed` when there is nothing in it; the file then stays for the caller to remove.
 */
export async function spoolUpload(path: string, source: AsyncIterable<Uint8Array>, mostBytes: number): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (bytes > mostBytes) throw new ProblemError('too-large', `the file is larger than ${mostBytes} bytes`);
      // All of it: a single write may take a part only.
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  if (bytes === 0) throw new ProblemError('malformed', 'the file is empty');
  return bytes;
}
