import { isIP } from 'node:net';
import { ProblemError } from '../domain/problem.ts';
import { readSipUri } from '../wire/sip/uri.ts';
import type { ResolveDestination } from './resolve-destination.ts';

/** Whether calls may be sent to an address because a trunk's `contactUri` says so. */
export type MayReachTrunk = (address: string) => boolean;

/**
 * Where a trunk's `contactUri` leads, without the addresses that no trunk may name: an administrator of one organization must not
 * have us send anything to what stands beside us (as decision 61 for location servers). Rejects when none is left.
 */
export function createTrunkResolver(resolve: ResolveDestination, mayReach: MayReachTrunk): ResolveDestination {
  return async (uri) => {
    const targets = await resolve(uri);
    const open = targets.filter(({ address }) => mayReach(address));
    if (open.length > 0) return open;
    throw new ProblemError('forbidden', `${uri} leads to ${targets[0]?.address ?? 'nowhere'}, where no trunk may be`);
  };
}

/** Whether the URI names an address that no trunk may; a name tells only when it is looked up. */
export function isBarredContact(uri: string, mayReach: MayReachTrunk): boolean {
  const host = readSipUri(uri)?.host.replace(/^\[|\]$/g, '') ?? '';
  return isIP(host) !== 0 && !mayReach(host);
}
