import { ProblemError } from '../domain/problem.ts';
import type { DnsClient, NaptrRecord, SrvRecord } from '../transport/dns-client.ts';
import type { SipProtocol } from '../transport/sip-flow.ts';

/** What of a SIP URI decides where it leads. */
export type ServerQuestion = {
  /** A name, in lower case. */
  host: string;
  port: number | undefined;
  /** As the URI says it, or `tls` for `sips:`. */
  transport: SipProtocol | undefined;
};

/** One way to a destination: a protocol, and its servers with what SRV says of their order. */
export type SipService = {
  protocol: SipProtocol;
  /** UDP that nobody asked for: see `SipTarget.orTcp`. */
  orTcp: boolean;
  servers: readonly { priority: number; weight: number; port: number; addresses: readonly string[] }[];
};

/** The ways to a destination, best first, never empty, and how long the name servers vouch for them. */
export type LocatedServer = {
  services: readonly SipService[];
  ttlSeconds: number;
  /** What led to it: SRV, or the addresses of the name itself. */
  by: 'service' | 'address';
};

/** `isUnsure`: a question on the way failed; its answer might have led elsewhere. */
export type FoundServer = LocatedServer & { isUnsure: boolean };

export const SIP_PORT = 5060;
export const SIPS_PORT = 5061;
const MAX_SERVERS = 8;
const MAX_ADDRESSES = 8;
const HOSTS_FILE_TTL_SECONDS = 10;
/** node:dns does not tell the lifetime of SRV and NAPTR records: they are asked for again after so long at the latest. */
const MAX_SERVICE_TTL_SECONDS = 300;
const MAX_UNSURE_TTL_SECONDS = 30;

/** RFC 3263 §4.1: what NAPTR calls the transports that we speak. */
const NAPTR_SERVICES: Readonly<Record<string, SipProtocol>> = { 'SIPS+D2T': 'tls', 'SIP+D2T': 'tcp', 'SIP+D2U': 'udp' };
/** Where NAPTR says nothing, in the order of our liking: TLS where there is such a service (RFC 6881 SP-31). */
const SRV_NAMES: Readonly<Record<SipProtocol, string>> = { tls: '_sips._tcp', udp: '_sip._udp', tcp: '_sip._tcp' };
const PREFERENCE: readonly SipProtocol[] = ['tls', 'udp', 'tcp'];

/** Remembers the questions of one search, so that each is asked once. */
function memoized<Answer>(ask: (name: string) => Promise<Answer>): (name: string) => Promise<Answer> {
  const asked = new Map<string, Promise<Answer>>();
  return (name) => {
    const key = name.toLowerCase();
    let answer = asked.get(key);
    if (!answer) {
      answer = ask(name);
      // Whether anybody waits for it or not.
      answer.catch(() => undefined);
      asked.set(key, answer);
    }
    return answer;
  };
}

function usableNaptr(records: readonly NaptrRecord[], wanted: SipProtocol | undefined) {
  return records
    .toSorted((a, b) => a.order - b.order || a.preference - b.preference)
    .flatMap(({ flags, service, replacement }) => {
      const protocol = NAPTR_SERVICES[service.toUpperCase()];
      const isUsable = flags.toLowerCase() === 's' && protocol && (wanted === undefined || protocol === wanted);
      return isUsable ? [{ protocol, name: replacement }] : [];
    });
}

/**
 * Finds the servers of a name (RFC 3263 §4): NAPTR, then SRV, then address records. What may be needed is asked at once, so
 * that a name costs two round trips at most. Rejects with `upstream-failed` when there is nothing or nobody answers.
 */
export async function locateSipServer(question: ServerQuestion, dns: DnsClient): Promise<FoundServer> {
  const { host, port, transport } = question;
  const failures: unknown[] = [];
  let ttlSeconds = Number.POSITIVE_INFINITY;

  async function orNothing<Item>(answer: Promise<readonly Item[]>): Promise<readonly Item[]> {
    try {
      return await answer;
    } catch (error) {
      failures.push(error);
      return [];
    }
  }

  const addressesOf = memoized(async (name: string): Promise<readonly string[]> => {
    const known = dns.fromHostsFile(name);
    const found =
      known.length > 0 ? { addresses: known, ttlSeconds: HOSTS_FILE_TTL_SECONDS } : await dns.addresses(name);
    ttlSeconds = Math.min(ttlSeconds, found.ttlSeconds);
    return found.addresses.slice(0, MAX_ADDRESSES);
  });
  const srvOf = memoized((name) => dns.srv(name));

  /** The servers of an SRV name; undefined when there is no such service. */
  async function serversOf(records: readonly SrvRecord[]): Promise<SipService['servers']> {
    const usable = records.toSorted((a, b) => a.priority - b.priority).slice(0, MAX_SERVERS);
    const servers = await Promise.all(
      usable.map(async ({ priority, weight, port: serverPort, name }) => ({
        priority,
        weight,
        port: serverPort,
        // RFC 2782: `.` says that the service is decidedly not to be had.
        addresses: name === '' || name === '.' ? [] : await orNothing(addressesOf(name)),
      })),
    );
    return servers.filter(({ addresses }) => addresses.length > 0);
  }

  async function bySrv(ways: readonly { protocol: SipProtocol; name: string }[]): Promise<SipService[]> {
    const services = await Promise.all(
      ways.map(async ({ protocol, name }) => {
        const servers = await serversOf(await orNothing(srvOf(name)));
        return { protocol, orTcp: false, servers };
      }),
    );
    return services.filter(({ servers }) => servers.length > 0);
  }

  function answer(services: readonly SipService[], by: LocatedServer['by']): FoundServer {
    const isUnsure = failures.length > 0;
    const limits = [isUnsure && MAX_UNSURE_TTL_SECONDS, by === 'service' && MAX_SERVICE_TTL_SECONDS];
    return { services, by, isUnsure, ttlSeconds: Math.min(ttlSeconds, ...limits.filter((limit) => limit !== false)) };
  }

  async function byAddress(): Promise<FoundServer> {
    const addresses = await orNothing(addressesOf(host));
    if (addresses.length === 0) {
      const [cause] = failures;
      throw new ProblemError('upstream-failed', `${host} ${cause ? 'does not resolve' : 'has no address'}`, { cause });
    }
    const protocol = transport ?? 'udp';
    const server = { priority: 0, weight: 0, addresses, port: port ?? (protocol === 'tls' ? SIPS_PORT : SIP_PORT) };
    return answer([{ protocol, orTcp: transport === undefined, servers: [server] }], 'address');
  }

  // What the hosts file of this machine names is meant to be just that.
  if (port !== undefined || dns.fromHostsFile(host).length > 0) return byAddress();

  const wanted = transport === undefined ? PREFERENCE : [transport];
  const byRule = wanted.map((protocol) => ({ protocol, name: `${SRV_NAMES[protocol]}.${host}` }));
  for (const { name } of byRule) void srvOf(name);
  void addressesOf(host);
  // RFC 3263 §4.1: a transport that the URI names is settled, and no NAPTR is asked for.
  const naptr = transport === undefined ? usableNaptr(await orNothing(dns.naptr(host)), transport) : [];
  const services = (naptr.length > 0 && (await bySrv(naptr))) || [];
  const found = services.length > 0 ? services : await bySrv(byRule);
  return found.length > 0 ? answer(found, 'service') : byAddress();
}
