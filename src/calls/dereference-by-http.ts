import { ProblemError } from '../domain/problem.ts';
import type { HttpGet } from '../transport/http-get.ts';
import { decodeHeldAnswer } from '../wire/held/held.ts';
import { preferredLocation } from '../wire/pidf-lo/pidf-lo.ts';
import type { Dereference } from './dereference-foreign.ts';

const ACCEPT = 'application/pidf+xml, application/held+xml;q=0.5';
const MAX_BYTES = 65_536;

/** Dereferences http and https location URIs with GET (RFC 6753 §4). Rejects when that gives no usable location. */
export function createHttpDereference(httpGet: HttpGet): Dereference {
  return async (uri, deadlineMs) => {
    const answer = decodeHeldAnswer(await httpGet(uri, { accept: ACCEPT, deadlineMs, maxBytes: MAX_BYTES }));
    if (answer.type === 'error') throw new ProblemError('upstream-failed', `its LIS answered ${answer.code}`);
    const value = answer.presence && preferredLocation(answer.presence);
    if (!value) throw new ProblemError('upstream-failed', 'its LIS gave no location');
    return value;
  };
}
