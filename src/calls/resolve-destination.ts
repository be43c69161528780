import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import type { SipProtocol, SipTarget } from '../transport/sip-flow.ts';
import { withoutBrackets } from '../wire/sip/host-port.ts';
import { paramValue } from '../wire/sip/params.ts';
import { readSipUri } from '../wire/sip/uri.ts';

/** The addresses of a host name, best first; rejects when it has none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** Where a SIP URI leads, best first, never empty. Rejects with `invalid`, `upstream-timeout` or `upstream-failed`. */
export type ResolveDestination = (uri: string) => Promise<readonly SipTarget[]>;

const DEFAULT_PORT = 5060;

function isAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);
}
const MAX_TARGETS = 4;
const REMEMBERED_LITERALS = 1_000;
/** How long a name is waited for whose addresses are known from before. */
const KNOWN_DEADLINE_MS = 100;

export const resolveHostBySystem: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
};

/**
 * Resolves the next hop of a request: IP literals at once, names by address records within a deadline. A name that cannot
 * be resolved now keeps the addresses it had before: a destination does not vanish with its name server, and is not waited
 * for either. A name is asked for once at a time, so that a name server that hangs does not take every thread.
 */
export function createDestinationResolver(deps: {
  clock: Clock;
  deadlineMs: number;
  resolveHost?: ResolveHost | undefined;
}): ResolveDestination {
  const { clock, deadlineMs, resolveHost = resolveHostBySystem } = deps;
  const lastKnown = new BoundedMap<string, readonly string[]>(1_000);
  /** URIs with an address for a host: they always lead to the same place. */
  const literals = new BoundedMap<string, readonly SipTarget[]>(REMEMBERED_LITERALS);
  const underWay = new Map<string, Promise<readonly string[]>>();

  async function ask(host: string): Promise<readonly string[]> {
    const addresses = await resolveHost(host);
    if (addresses.length === 0) throw new ProblemError('upstream-failed', `${host} has no address`);
    lastKnown.set(host, addresses);
    return addresses;
  }

  function askOnce(host: string): Promise<readonly string[]> {
    let asked = underWay.get(host);
    if (!asked) {
      asked = ask(host).finally(() => underWay.delete(host));
      underWay.set(host, asked);
    }
    return asked;
  }

  async function addressesOf(host: string): Promise<readonly string[]> {
    const known = lastKnown.get(host);
    const waitMs = known ? Math.min(KNOWN_DEADLINE_MS, deadlineMs) : deadlineMs;
    let stopTimer = (): void => undefined;
    const late = new Promise<never>((_, reject) => {
      stopTimer = clock.after(waitMs, () => {
        reject(new ProblemError('upstream-timeout', `${host} did not resolve within ${waitMs} ms`));
      });
    });
    try {
      return await Promise.race([askOnce(host), late]);
    } catch (error) {
      if (known) return known;
      if (error instanceof ProblemError) throw error;
      throw new ProblemError('upstream-failed', `${host} does not resolve`, { cause: error });
    } finally {
      stopTimer();
    }
  }

  return async (uriText) => {
    const literal = literals.get(uriText);
    if (literal) return literal;
    const uri = readSipUri(uriText);
    if (!uri) throw new ProblemError('invalid', `${uriText.slice(0, 80)} is no SIP URI`);
    const host = withoutBrackets(paramValue(uri.params, 'maddr') ?? uri.host);
    const port = uri.port ?? DEFAULT_PORT;
    // RFC 6881 SP-31: where TLS cannot be had, an emergency call goes on without it.
    const transport = paramValue(uri.params, 'transport')?.toLowerCase();
    const protocol: SipProtocol = transport === 'tcp' || transport === 'tls' || uri.scheme === 'sips' ? 'tcp' : 'udp';
    if (isAddress(host)) {
      const targets = [{ protocol, address: host, port }];
      literals.set(uriText, targets);
      return targets;
    }
    const addresses = await addressesOf(host);
    return addresses.slice(0, MAX_TARGETS).map((address) => ({ protocol, address, port }));
  };
}
