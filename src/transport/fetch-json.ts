import { ProblemError } from '../domain/problem.ts';
import { boundedFetch } from './bounded-fetch.ts';

/**
 * Gets a JSON document, bounded in time and size; redirects are not followed.
 * Throws `upstream-failed`, `upstream-timeout` or `too-large`.
 */
export async function fetchJson(address: string, deadlineMs?: number): Promise<unknown> {
  const answer = await boundedFetch(address, { headers: { accept: 'application/json' } }, deadlineMs);
  const host = URL.parse(address)?.host ?? address;
  if (!answer.ok) throw new ProblemError('upstream-failed', `${host} answered ${answer.status}`);
  const text = await answer.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ProblemError('upstream-failed', `${host} answered no JSON`, { cause: error });
  }
}
