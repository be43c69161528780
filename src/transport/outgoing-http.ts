import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { isIP, isIPv6, type LookupFunction } from 'node:net';
import { getCACertificates } from 'node:tls';
import { ProblemError } from '../domain/problem.ts';
import type { DnsClient } from './dns-client.ts';
import type { TlsClientMaterial } from './tls-files.ts';

export type OutgoingRequest = {
  method: string;
  /** `http:` or `https:`; user and password in it are not sent. */
  url: URL;
  headers: Readonly<Record<string, string>>;
  /** Empty: none. */
  body: string | Uint8Array;
  /** Ends everything: finding the name, connecting, sending, reading. */
  signal: AbortSignal;
  /** Of the answer's body. */
  maxBytes: number;
  /**
   * What becomes of an answer whose body is longer, breaks off or does not end in time: `fail` rejects, `cut` gives what has
   * come, for those to whom the status says enough.
   */
  excess: 'fail' | 'cut';
};

export type OutgoingAnswer = {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The body is not whole. */
  isCut: boolean;
};

/** Asks servers that others named. */
export type OutgoingHttp = {
  /**
   * One exchange; redirects are answers like others. Rejects with `forbidden` where no address of the host may be asked, with
   * `UnreachableError` where the host is not found or says too much, else with what the connection or the signal ended with.
   */
  exchange(request: OutgoingRequest): Promise<OutgoingAnswer>;
  /** Closes kept connections. */
  close(): void;
};

export type OutgoingHttpDeps = {
  /** Whether this address may be connected to for such a URL. */
  mayAsk: (address: string, url: URL) => boolean;
  /** PEM: what we show to servers that want to know us, and authorities beside those of the system. */
  tls?: TlsClientMaterial | undefined;
  /** Not the resolver of the system: it occupies the threads that also write the call journal. */
  dns: Pick<DnsClient, 'addresses' | 'fromHostsFile'>;
};

/** A failure that tells of the server rather than of the one request. */
export class UnreachableError extends Error {}

/** Connections to one server; further requests wait for one of them until their signal. */
const CONNECTIONS_PER_HOST = 16;
const KEEP_ALIVE_MS = 10_000;

/**
 * The one way in which requests leave for where a call or a customer points: certificates are verified, and only permitted
 * addresses are connected to, looked up once and pinned for the connection, so that nobody reaches what is behind us by a name
 * that changes its address in between (DNS rebinding). Header fields are bounded by node:http (16 KiB).
 */
export function createOutgoingHttp({ mayAsk, tls, dns }: OutgoingHttpDeps): OutgoingHttp {
  const pool = {
    keepAlive: true,
    maxSockets: CONNECTIONS_PER_HOST,
    maxFreeSockets: 2,
    timeout: KEEP_ALIVE_MS,
  };
  const http = new HttpAgent(pool);
  const https = new HttpsAgent({
    ...pool,
    ...(tls?.cert && { cert: tls.cert }),
    ...(tls?.key && { key: tls.key }),
    ...(tls?.ca && { ca: [...getCACertificates('default'), tls.ca] }),
  });

  async function addressesOf(name: string): Promise<readonly string[]> {
    const known = dns.fromHostsFile(name);
    return known.length > 0 ? known : (await dns.addresses(name)).addresses;
  }

  /** The addresses of a host that may be asked. */
  async function permitted(url: URL): Promise<readonly string[]> {
    const host = url.hostname;
    const bare = bareHost(url);
    const all = isIP(bare) === 0 ? await addressesOf(bare) : [bare];
    if (all.length === 0) throw new UnreachableError(`${host} was not found`);
    const open = all.filter((address) => mayAsk(address, url));
    if (open.length === 0) throw new ProblemError('forbidden', `${host} is at ${all[0]}, which may not be asked`);
    return open;
  }

  async function exchange(request: OutgoingRequest): Promise<OutgoingAnswer> {
    const { method, url, body, signal } = request;
    const addresses = await withSignal(permitted(url), signal);
    const isSecure = url.protocol === 'https:';
    const open = isSecure ? requestHttps : requestHttp;
    const length = body.length === 0 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    for (let attempt = 1; ; attempt++) {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
      const asked = open(
        {
          method,
          host: bareHost(url),
          port: url.port === '' ? undefined : Number(url.port),
          path: `${url.pathname}${url.search}`,
          headers: { ...request.headers, ...length },
          agent: isSecure ? https : http,
          lookup: lookupFrom(addresses),
          signal,
        },
        resolve,
      );
      asked.on('error', reject);
      // Without a listener node:http forgets the request, and its signal with it.
      asked.on('upgrade', (_answer, socket) => {
        socket.destroy();
        reject(new UnreachableError('it answered with another protocol'));
      });
      asked.end(body);
      try {
        const answer = await promise;
        return { status: answer.statusCode ?? 0, headers: answer.headers, ...(await readBody(answer, request)) };
      } catch (error) {
        // A kept connection that the server closed in this moment says nothing about the server.
        if (asked.reusedSocket && attempt === 1 && !signal.aborted) continue;
        throw error;
      }
    }
  }

  return {
    exchange,
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

async function readBody(
  answer: IncomingMessage,
  { maxBytes, excess }: OutgoingRequest,
): Promise<{ body: Buffer; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  let isCut = false;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk.subarray(0, maxBytes - size));
      size += chunk.length;
      // Leaving the loop closes the connection.
      if (size > maxBytes) throw new UnreachableError(`an answer of more than ${maxBytes} bytes`);
    }
  } catch (error) {
    if (excess === 'fail') throw error;
    isCut = true;
  }
  return { body: Buffer.concat(chunks), isCut };
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/** Connects to the addresses that were looked at, and to no others that the name may have by then. */
function lookupFrom(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const [first = { address: '', family: 4 }] = all;
  return (_host, options, done) => {
    if (options.all === true) done(null, all);
    else done(null, first.address, first.family);
  };
}

function withSignal<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
