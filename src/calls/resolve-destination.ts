import ipaddr from 'ipaddr.js';
import { ProblemError } from '../domain/problem.ts';
import { BoundedMap } from '../support/bounded-map.ts';
import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import type { NowOrLater } from '../support/now-or-later.ts';
import type { DnsClient } from '../transport/dns-client.ts';
import type { SipProtocol, SipTarget } from '../transport/sip-flow.ts';
import { withoutBrackets } from '../wire/sip/host-port.ts';
import { paramValue } from '../wire/sip/params.ts';
import { readSipUri, type SipUri } from '../wire/sip/uri.ts';
import type { KnownServers } from './known-servers.ts';
import { type LocatedServer, locateSipServer, type ServerQuestion, SIP_PORT, SIPS_PORT } from './locate-sip-server.ts';
import { orderServers } from './order-servers.ts';

/**
 * Where a SIP URI leads, best first, never empty; at once where it names an address and was asked for before. Rejects with
 * `invalid`, `upstream-timeout` or `upstream-failed`.
 */
export type ResolveDestination = (uri: string) => NowOrLater<readonly SipTarget[]>;

const MAX_TARGETS = 8;
const REMEMBERED_LITERALS = 1_000;
const REMEMBERED_FAILURES = 1_000;
/** How long a name is waited for whose servers are known from before. */
const KNOWN_DEADLINE_MS = 100;
/** What does not resolve is not asked for again so soon: every call would wait for it. */
const FAILURE_REMEMBERED_MS = 5_000;
const MIN_TTL_SECONDS = 5;
const MAX_TTL_SECONDS = 3_600;
/** In the last part of its lifetime an answer is renewed beside the calls that use it. */
const RENEWED_PART = 0.2;

function isAddress(host: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(host) || ipaddr.IPv6.isValid(host);
}

function transportOf(uri: SipUri): SipProtocol | undefined {
  const named = paramValue(uri.params, 'transport')?.toLowerCase();
  // RFC 3261 §26.2.2: sips over UDP is nothing; over TCP it means TLS.
  if (uri.scheme === 'sips' || named === 'tls') return 'tls';
  return named === 'tcp' || named === 'udp' ? named : undefined;
}

function literalTargets(
  address: string,
  port: number | undefined,
  transport: SipProtocol | undefined,
  serverName: string,
): readonly SipTarget[] {
  if (transport !== 'tls') {
    const target = { protocol: transport ?? 'udp', address, port: port ?? SIP_PORT };
    return [transport === undefined ? { ...target, orTcp: true } : target];
  }
  const secure = { protocol: transport, address, port: port ?? SIPS_PORT, serverName };
  return port === undefined ? [secure, { protocol: 'tcp', address, port: SIP_PORT }] : [secure];
}

/**
 * Resolves the next hop of a request (RFC 3263): addresses at once, names by DNS within a deadline. What was known of a name is
 * used when the name servers say nothing, or nothing good: a destination does not vanish with its name server, and is not
 * waited for either. A name is asked for once at a time. Where only TLS is asked for, without a port, plain TCP comes last:
 * an emergency call goes on where TLS cannot be had (RFC 6881 SP-31).
 */
export function createDestinationResolver(deps: {
  clock: Clock;
  logger: Logger;
  deadlineMs: number;
  dns: DnsClient;
  /** What is known from before, also before a restart. */
  known: KnownServers;
  /** Whether there is a socket of the family of this address. */
  canReach(address: string): boolean;
  /** 0 to 1, for the weights of SRV. */
  random?: () => number;
}): ResolveDestination {
  const { clock, logger, deadlineMs, dns, known, random = Math.random } = deps;
  /** URIs with an address for a host: they always lead to the same place. */
  const literals = new BoundedMap<string, readonly SipTarget[]>(REMEMBERED_LITERALS);
  const failedAtMs = new BoundedMap<string, number>(REMEMBERED_FAILURES);
  const underWay = new Map<string, Promise<LocatedServer>>();

  async function ask(key: string, question: ServerQuestion): Promise<LocatedServer> {
    try {
      const found = await locateSipServer(question, dns);
      // A lost answer about SRV is no news that there is none: port and servers would be others.
      if (found.isUnsure && found.by === 'address' && known.get(key)?.by === 'service') {
        throw new ProblemError('upstream-failed', `the name servers said no word of the services of ${question.host}`);
      }
      const ttlSeconds = Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, found.ttlSeconds));
      known.note(key, { services: found.services, by: found.by, ttlSeconds });
      failedAtMs.delete(key);
      return found;
    } catch (error) {
      failedAtMs.set(key, clock.monotonicMs());
      logger.warn({ host: question.host, err: errorText(error) }, 'calls: a name of a destination does not resolve');
      throw error;
    } finally {
      underWay.delete(key);
    }
  }

  function askOnce(key: string, question: ServerQuestion): Promise<LocatedServer> {
    let asked = underWay.get(key);
    if (!asked) {
      asked = ask(key, question);
      // Those who waited have gone on with what was known.
      asked.catch(() => undefined);
      underWay.set(key, asked);
    }
    return asked;
  }

  async function locate(question: ServerQuestion): Promise<LocatedServer> {
    const key = `${question.host}|${question.port ?? ''}|${question.transport ?? ''}`;
    const before = known.get(key);
    const leftMs = before ? known.leftMs(key) : 0;
    if (before && leftMs > 0) {
      if (leftMs < before.ttlSeconds * 1_000 * RENEWED_PART) void askOnce(key, question);
      return before;
    }
    const failed = failedAtMs.get(key);
    if (failed !== undefined && clock.monotonicMs() - failed < FAILURE_REMEMBERED_MS) {
      if (before) return before;
      throw new ProblemError('upstream-failed', `${question.host} did not resolve a moment ago`);
    }
    const waitMs = before ? Math.min(KNOWN_DEADLINE_MS, deadlineMs) : deadlineMs;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const stopTimer = clock.after(waitMs, () => {
      reject(new ProblemError('upstream-timeout', `${question.host} did not resolve within ${waitMs} ms`));
    });
    try {
      return await Promise.race([askOnce(key, question), late]);
    } catch (error) {
      if (before) return before;
      if (error instanceof ProblemError) throw error;
      throw new ProblemError('upstream-failed', `${question.host} does not resolve`, { cause: error });
    } finally {
      stopTimer();
    }
  }

  function targetsOf({ services }: LocatedServer, serverName: string, withPlain: boolean): readonly SipTarget[] {
    const targets = new Map<string, SipTarget>();
    const add = (target: SipTarget): void => {
      const key = `${target.protocol}|${target.address}|${target.port}`;
      if (targets.size < MAX_TARGETS && !targets.has(key)) targets.set(key, target);
    };
    const reachable = services.map((service) => ({
      ...service,
      servers: orderServers(service.servers, random).flatMap(({ port, addresses }) =>
        addresses.filter((address) => deps.canReach(address)).map((address) => ({ address, port })),
      ),
    }));
    for (const { protocol, orTcp, servers } of reachable) {
      for (const server of servers) {
        add({ protocol, ...server, ...(protocol === 'tls' && { serverName }), ...(orTcp && { orTcp }) });
      }
    }
    if (withPlain) {
      for (const { servers } of reachable) {
        for (const { address } of servers) add({ protocol: 'tcp', address, port: SIP_PORT });
      }
    }
    return [...targets.values()];
  }

  async function resolve(uriText: string): Promise<readonly SipTarget[]> {
    const uri = readSipUri(uriText);
    if (!uri) throw new ProblemError('invalid', `${uriText.slice(0, 80)} is no SIP URI`);
    const host = withoutBrackets(paramValue(uri.params, 'maddr') ?? uri.host).toLowerCase();
    const transport = transportOf(uri);
    // RFC 5922 §7.2: the certificate speaks for the domain that was asked for, not for what DNS made of it.
    const serverName = withoutBrackets(uri.host).toLowerCase();
    if (isAddress(host)) {
      const targets = literalTargets(host, uri.port, transport, serverName);
      literals.set(uriText, targets);
      return targets;
    }
    const located = await locate({ host: host.replace(/\.$/, ''), port: uri.port, transport });
    const targets = targetsOf(located, serverName, transport === 'tls' && uri.port === undefined);
    if (targets.length === 0) throw new ProblemError('upstream-failed', `no socket of the address family of ${host}`);
    return targets;
  }

  return (uriText) => literals.get(uriText) ?? resolve(uriText);
}
