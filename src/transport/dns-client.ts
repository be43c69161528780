import type { NaptrRecord, SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Clock } from '../support/clock.ts';

export type { NaptrRecord, SrvRecord };

/** What the name servers say. An empty answer says that there is no such record; a promise that rejects, that nobody knows. */
export type DnsClient = {
  /** A and AAAA, IPv4 first, since a family that is broken on the way shows as silence only. */
  addresses(name: string): Promise<{ addresses: readonly string[]; ttlSeconds: number }>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  /** The addresses that the hosts file of this machine gives a name; empty when it gives none. */
  fromHostsFile(name: string): readonly string[];
};

const QUERY_TIMEOUT_MS = 350;
const TRIES = 2;
/** Everything that one question may take, whatever the resolver makes of its own timeouts. */
const QUESTION_LIMIT_MS = 800;
/** Of answers that say nothing about it. */
const DEFAULT_TTL_SECONDS = 60;
const MAX_RECORDS = 16;
/** There is no such name, or no such record. */
const EMPTY = new Set(['ENOTFOUND', 'ENODATA']);

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

/** None of a file that cannot be read: name servers are asked all the same. */
function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function getAddressInfo(name: string): Promise<readonly { address: string }[]> {
  return lookup(name, { all: true, order: 'ipv4first' });
}

/** Whether nobody answered in time; a refusal is heard at once. */
function isSilence(result: PromiseSettledResult<unknown>): boolean {
  return result.status === 'rejected' && [undefined, 'ETIMEOUT'].includes(codeOf(result.reason));
}

/** `servers`: name servers to ask (`192.0.2.53`, `[2001:db8::53]:53`); empty: those of the system. */
export function createDnsClient(deps: {
  servers: readonly string[];
  clock: Clock;
  /**
   * Whether the system's own ways to find a name are tried where name servers know none: by default where `servers` is empty. Not for
   * names that callers choose, since each occupies one of the few threads that also write files.
   */
  asksSystem?: boolean;
  /** `/etc/hosts` unless told. */
  hostsFile?: string;
  /** The system's own ways; `getaddrinfo` unless told. */
  lookUp?: (name: string) => Promise<readonly { address: string }[]>;
}): DnsClient {
  const { servers, clock, asksSystem = servers.length === 0, hostsFile = '/etc/hosts', lookUp = getAddressInfo } = deps;
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: TRIES });
  if (servers.length > 0) resolver.setServers(servers);

  /** A name server that does not answer must not keep the others from being heard. */
  async function limited<Answer>(question: Promise<Answer>): Promise<Answer> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const stopTimer = clock.after(QUESTION_LIMIT_MS, () => reject(new Error('the name servers do not answer')));
    try {
      return await Promise.race([question, late]);
    } finally {
      stopTimer();
    }
  }

  async function orEmpty<Item>(question: Promise<Item[]>): Promise<Item[]> {
    try {
      return (await limited(question)).slice(0, MAX_RECORDS);
    } catch (error) {
      if (EMPTY.has(codeOf(error) ?? '')) return [];
      throw error;
    }
  }

  let isSystemWaiting = false;

  /**
   * While name servers say nothing the system does not either, for longer than we wait: then it gets one thread at most, or the
   * journal would wait for DNS.
   */
  async function bySystem(name: string, areServersSilent: boolean): Promise<readonly { address: string }[]> {
    if (areServersSilent && isSystemWaiting) return [];
    isSystemWaiting ||= areServersSilent;
    const question = lookUp(name).finally(() => {
      if (areServersSilent) isSystemWaiting = false;
    });
    return limited(question).catch(() => []);
  }

  let hosts: { stamp: string; byName: ReadonlyMap<string, readonly string[]> } = { stamp: '', byName: new Map() };

  function readHosts(): ReadonlyMap<string, readonly string[]> {
    const stat = statSync(hostsFile, { throwIfNoEntry: false });
    const stamp = stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
    if (stamp === hosts.stamp) return hosts.byName;
    const byName = new Map<string, string[]>();
    for (const line of stamp === '' ? [] : linesOf(hostsFile)) {
      const [address = '', ...names] = line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/);
      if (isIP(address) === 0) continue;
      for (const name of names) byName.set(name, [...(byName.get(name) ?? []), address]);
    }
    hosts = { stamp, byName };
    return byName;
  }

  return {
    async addresses(name) {
      const [v4, v6] = await Promise.allSettled([
        orEmpty(resolver.resolve4(name, { ttl: true })),
        orEmpty(resolver.resolve6(name, { ttl: true })),
      ]);
      const found = [...(v4.status === 'fulfilled' ? v4.value : []), ...(v6.status === 'fulfilled' ? v6.value : [])];
      if (found.length > 0) {
        const ttlSeconds = Math.min(...found.map(({ ttl }) => ttl));
        return { addresses: found.map(({ address }) => address), ttlSeconds };
      }
      // Short names of a container network or a search domain: what the system knows beside DNS.
      if (asksSystem) {
        const known = await bySystem(name, isSilence(v4) || isSilence(v6));
        if (known.length > 0) {
          return { addresses: known.map(({ address }) => address), ttlSeconds: DEFAULT_TTL_SECONDS };
        }
      }
      if (v4.status === 'rejected') throw v4.reason;
      if (v6.status === 'rejected') throw v6.reason;
      return { addresses: [], ttlSeconds: DEFAULT_TTL_SECONDS };
    },
    srv: (name) => orEmpty(resolver.resolveSrv(name)),
    naptr: (name) => orEmpty(resolver.resolveNaptr(name)),
    fromHostsFile: (name) => readHosts().get(name.toLowerCase()) ?? [],
  };
}
