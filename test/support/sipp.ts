/** Debian's SIPp (sip-tester) as phone and as PSAP: SIP ends that we did not write. Scenarios are in `sipp/`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { boundPorts } from './bound-ports.ts';
import { type CarrierTls, carryIn, carryOut } from './stream-carrier.ts';

/** SIPp speaks no TLS: for `tls` its TCP is carried on over TLS, and its messages say so. */
export type SippProtocol = 'udp' | 'tcp' | 'tls';

/** A message from SIPp's own trace. */
export type SippMessage = {
  direction: 'sent' | 'received';
  startLine: string;
  /** In the order and spelling of the wire, long lines not joined. */
  headers: readonly { name: string; value: string }[];
  body: Buffer;
  raw: Buffer;
};

export type PhoneScenario =
  | 'uac-911'
  | 'uac-behind-nat'
  | 'uac-933'
  | 'uac-933-keys'
  | 'uac-cancel'
  | 'uac-reinvite'
  | `proxy/uac-${string}`;
export type PsapScenario =
  | 'uas-200'
  | 'uas-hangs-up'
  | 'uas-503'
  | 'uas-silent'
  | 'uas-cancelled'
  | `proxy/uas-${string}`;

export type SippTarget = { address: string; port: number };

export type PhonePlan = {
  scenario: PhoneScenario;
  target: SippTarget;
  protocol?: SippProtocol;
  /** Whom the phone believes, and its own certificate; needed for `tls`. */
  tls?: CarrierTls;
  /** Opens another connection when one breaks, as `tls` does always. */
  reconnects?: boolean;
  /** `sip:911@<target>` unless told. */
  requestUri?: string;
  /** User part of From and Contact. */
  caller?: string;
  /** Further header lines: Geolocation, P-Asserted-Identity, … */
  headers?: readonly string[];
  /** Instead of an SDP offer. */
  body?: { contentType: string; text: string };
  /** Where the offer wants its audio; 40000 on the phone's address unless told. */
  mediaPort?: number;
  /** Whatever audio comes to `mediaPort` is sent back from there, as by a phone that lies beside its own ear. */
  echoesAudio?: boolean;
  calls?: number;
  /** Between ACK and BYE, 180 and CANCEL, ACK and re-INVITE. */
  holdMs?: number;
  /** How long the phone waits for the answer, or for the BYE of uac-933. */
  answerTimeoutMs?: number;
  /** The phone is stopped after this. */
  timeoutMs?: number;
};

export type PhoneReport = {
  /** SIPp's: 0 when every call went as the scenario says. */
  exitCode: number | null;
  messages: readonly SippMessage[];
  /** What SIPp complained about. */
  errors: string;
  /** Where the other side sees it. */
  port: number;
  /** E.g. `TLSv1.3`. */
  tlsVersion: string | undefined;
};

export type PsapPlan = {
  scenario: PsapScenario;
  host?: string;
  port?: number;
  protocol?: SippProtocol;
  /** Whom the PSAP believes, and its own certificate; needed for `tls`. */
  tls?: Required<CarrierTls>;
  /** Its calls go on when a connection breaks and another one comes, as with `tls` always. */
  reconnects?: boolean;
  /** Between 180 and 200. */
  ringMs?: number;
  /** Status line without the version, for uas-503. */
  status?: string;
  mediaPort?: number;
  /** Header lines of its final response. */
  headers?: readonly string[];
};

export type Psap = {
  readonly host: string;
  readonly port: number;
  readonly protocol: SippProtocol;
  /** Of the newest connection, e.g. `TLSv1.3`. */
  readonly tlsVersion: string | undefined;
  /** How many came; undefined where SIPp itself takes them. */
  readonly connections: number | undefined;
  /** The PSAP's SIP URI. */
  uri(user?: string): string;
  messages(): readonly SippMessage[];
  /** Resolves with the received messages once `count` of them begin with `method`; rejects when it takes too long. */
  waitFor(method: string, count?: number, timeoutMs?: number): Promise<readonly SippMessage[]>;
  stop(): Promise<void>;
};

const SCENARIOS = fileURLToPath(new URL('sipp/', import.meta.url));
const CONFORMANCE = fileURLToPath(new URL('../conformance/sip/', import.meta.url));
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 1_000;
const POLL_MS = 10;
/** Of a BYE over UDP: with pauses of four seconds at most, for as long as a server takes to come back. */
const MAX_REPEATS = 20;

const DEFAULT_SDP = `v=0
o=phone 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio {{mediaPort}} RTP/AVP 0
a=rtpmap:0 PCMU/8000`;

/** Square brackets are SIPp's keywords; as `\x5B` they are themselves. */
function literal(text: string): string {
  return text.replaceAll('[', '\\x5B');
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The value of the first header of this name; undefined when there is none. */
export function headerOf(message: SippMessage, name: string): string | undefined {
  return headersOf(message, name)[0];
}

/** The values of every header of this name, from the top. */
export function headersOf(message: SippMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter((header) => header.name.toLowerCase() === wanted).map((header) => header.value);
}

/** A port that nobody has bound on this host, for UDP and TCP alike. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    udp.bind(0, host);
    await once(udp, 'listening');
    const { port } = udp.address();
    const tcp = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      tcp.once('error', () => resolve(false));
      tcp.listen(port, host, () => resolve(true));
    });
    if (isFree) await new Promise((resolve) => tcp.close(resolve));
    await new Promise<void>((resolve) => udp.close(resolve));
    if (isFree) return port;
  }
}

/** `carriedAs`: the port that others see, and whether they see TLS. */
function fillScenario(
  name: string,
  values: Readonly<Record<string, string | number>>,
  carriedAs?: { port: number; protocol: SippProtocol },
): string {
  const template = readFileSync(join(name.includes('/') ? CONFORMANCE : SCENARIOS, `${name}.xml`), 'utf8');
  const filled = template.replace(/^[ \t]*\{\{headers\}\}\n/m, (line) => (values.headers === '' ? '' : line));
  const fill = (text: string): string =>
    text.replace(/\{\{(\w+)\}\}/g, (_all, key: string) => {
      const value = values[key];
      if (value === undefined) throw new Error(`scenario ${name} wants ${key}`);
      return String(value);
    });
  // Twice: a filled-in body has places of its own.
  const scenario = fill(fill(filled));
  if (!carriedAs) return scenario;
  const seen = scenario.replaceAll('[local_port]', String(carriedAs.port));
  return carriedAs.protocol === 'tls' ? seen.replaceAll('[transport]', 'TLS') : seen;
}

/** Reads SIPp's `-trace_msg` file: each message stands behind a line that tells its direction and its length in bytes. */
function readTrace(trace: Buffer): SippMessage[] {
  const text = trace.toString('latin1');
  const announcement = /^(?:UDP|TCP) message (sent|received) [[(]?(\d+)[\])]? ?(?:bytes)?\)? ?:?\r?\n\r?\n/gm;
  const messages: SippMessage[] = [];
  for (let found = announcement.exec(text); found; found = announcement.exec(text)) {
    const start = announcement.lastIndex;
    const length = Number(found[2]);
    if (start + length > text.length) break;
    messages.push(readMessage(found[1] === 'sent' ? 'sent' : 'received', trace.subarray(start, start + length)));
    announcement.lastIndex = start + length;
  }
  return messages;
}

function readMessage(direction: SippMessage['direction'], raw: Buffer): SippMessage {
  const headEnd = raw.indexOf('\r\n\r\n');
  const head = raw.subarray(0, headEnd === -1 ? raw.length : headEnd).toString('utf8');
  const [startLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() };
  });
  return { direction, startLine, headers, body: headEnd === -1 ? Buffer.alloc(0) : raw.subarray(headEnd + 4), raw };
}

function options(values: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [`-${name}`, String(value)]);
}

type Run = { child: ChildProcess; trace(): Buffer; errors(): string; ended: Promise<number | null>; remove(): void };

function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

function startSipp(scenario: string, args: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'waymark-sipp-'));
  const scenarioFile = join(folder, 'scenario.xml');
  const traceFile = join(folder, 'messages.log');
  const errorFile = join(folder, 'errors.log');
  writeFileSync(scenarioFile, scenario);
  const files = ['-sf', scenarioFile, '-trace_msg', '-message_file', traceFile, '-trace_err', '-error_file', errorFile];
  const child = spawn('sipp', [...args, ...files, '-nostdin', '-skip_rlimit'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      resolve(null);
    });
    child.once('close', (code) => resolve(code));
  });
  return {
    child,
    trace: () => readIfThere(traceFile),
    errors: () => `${stderr}${readIfThere(errorFile).toString('utf8')}`,
    ended,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** SIPp leaves by itself when its calls are done; one that waits for the rest of a call does not. */
async function stopSipp(run: Run): Promise<void> {
  if (run.child.exitCode === null && run.child.signalCode === null) run.child.kill('SIGUSR1');
  const abort = new AbortController();
  const killed = delay(STOP_TIMEOUT_MS, undefined, { signal: abort.signal }).then(
    () => run.child.kill('SIGKILL'),
    () => false,
  );
  await run.ended;
  abort.abort();
  await killed;
}

function tlsOf<Material>(protocol: SippProtocol, material: Material | undefined): Material | undefined {
  if (protocol !== 'tls') return undefined;
  if (material === undefined) throw new Error('SIPp over TLS needs certificates');
  return material;
}

/** Places calls and waits until they are over. */
export async function runSippUac(plan: PhonePlan): Promise<PhoneReport> {
  const { target, protocol = 'udp', calls = 1, timeoutMs = 30_000 } = plan;
  const host = target.address.includes(':') ? '::1' : '127.0.0.1';
  const tls = tlsOf(protocol, plan.tls);
  const isCarried = tls !== undefined || (protocol === 'tcp' && plan.reconnects === true);
  const port = await freePort(host);
  const carrier = isCarried
    ? await carryOut({
        host,
        to: { host: target.address, port: target.port },
        fromPort: port,
        ...(tls && { tls }),
      })
    : undefined;
  const scenario = fillScenario(
    plan.scenario,
    {
      requestUri: literal(plan.requestUri ?? `sip:911@${hostPort(target.address, target.port)}`),
      caller: literal(plan.caller ?? '+15125550199'),
      headers: (plan.headers ?? []).map(literal).join('\n      '),
      contentType: literal(plan.body?.contentType ?? 'application/sdp'),
      body: plan.body ? literal(plan.body.text) : DEFAULT_SDP,
      mediaPort: plan.mediaPort ?? 40_000,
      holdMs: plan.holdMs ?? 50,
      answerTimeoutMs: plan.answerTimeoutMs ?? 20_000,
    },
    carrier && { port, protocol },
  );
  const run = startSipp(scenario, [
    hostPort(target.address, carrier?.port ?? target.port),
    ...options({ i: host, p: carrier ? await freePort(host) : port, t: protocol === 'udp' ? 'u1' : 't1' }),
    ...options({ m: calls, l: calls, r: Math.min(calls, 50), timeout: `${Math.ceil(timeoutMs / 1_000)}s` }),
    ...(plan.echoesAudio ? ['-rtp_echo', ...options({ mp: plan.mediaPort ?? 40_000 })] : []),
    ...options({ max_non_invite_retrans: MAX_REPEATS }),
    '-timeout_error',
  ]);
  try {
    const abort = new AbortController();
    const limit = delay(timeoutMs + STOP_TIMEOUT_MS, undefined, { signal: abort.signal }).then(
      () => run.child.kill('SIGKILL'),
      () => false,
    );
    const exitCode = await run.ended;
    abort.abort();
    await limit;
    return {
      exitCode,
      messages: readTrace(run.trace()),
      errors: run.errors(),
      port,
      tlsVersion: carrier?.protocol,
    };
  } finally {
    await carrier?.stop();
    run.remove();
  }
}

/** A PSAP that plays its scenario for every call until it is stopped. */
export async function startSippUas(plan: PsapPlan): Promise<Psap> {
  const { host = '127.0.0.1', protocol = 'udp' } = plan;
  const tls = tlsOf(protocol, plan.tls);
  const isCarried = tls !== undefined || (protocol === 'tcp' && plan.reconnects === true);
  const port = plan.port ?? (await freePort(host));
  const ownPort = isCarried ? await freePort(host) : port;
  const scenario = fillScenario(
    plan.scenario,
    {
      ringMs: plan.ringMs ?? 50,
      status: plan.status ?? '503 Service Unavailable',
      headers: (plan.headers ?? []).map(literal).join('\n      '),
      mediaPort: plan.mediaPort ?? 40_100,
    },
    isCarried ? { port, protocol } : undefined,
  );
  const listen = options({ i: host, p: ownPort, t: protocol === 'udp' ? 'u1' : 't1' });
  const run = startSipp(scenario, [...listen, '-bind_local', '-aa']);
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (!boundPorts(protocol === 'udp' ? 'udp' : 'tcp').has(ownPort)) {
    if (run.child.exitCode !== null || performance.now() > giveUpAt) {
      run.child.kill('SIGKILL');
      const errors = run.errors();
      run.remove();
      throw new Error(`SIPp did not listen on ${hostPort(host, ownPort)}: ${errors}`);
    }
    await delay(POLL_MS);
  }
  const carrier = isCarried ? await carryIn({ host, port, to: ownPort, ...(tls && { tls }) }) : undefined;
  return makePsap({
    host,
    port,
    protocol,
    get tlsVersion() {
      return carrier?.protocol;
    },
    get connections() {
      return carrier?.connections;
    },
    messages: () => readTrace(run.trace()),
    async stop() {
      await carrier?.stop();
      await stopSipp(run);
      run.remove();
    },
  });
}

function makePsap(
  core: Pick<Psap, 'host' | 'port' | 'protocol' | 'tlsVersion' | 'connections' | 'messages' | 'stop'>,
): Psap {
  const { host, port, protocol, messages } = core;
  return {
    host,
    port,
    protocol,
    messages,
    stop: () => core.stop(),
    get tlsVersion() {
      return core.tlsVersion;
    },
    get connections() {
      return core.connections;
    },
    uri: (user = 'psap') => `sip:${user}@${hostPort(host, port)}${protocol === 'udp' ? '' : `;transport=${protocol}`}`,
    async waitFor(method, count = 1, timeoutMs = 10_000) {
      const giveUpAt = performance.now() + timeoutMs;
      for (;;) {
        const received = messages().filter((message) => message.direction === 'received');
        const matching = received.filter((message) => message.startLine.startsWith(`${method} `));
        if (matching.length >= count) return matching;
        if (performance.now() > giveUpAt) {
          const seen = received.map((message) => message.startLine).join('; ');
          throw new Error(
            `${count} ${method} did not come within ${timeoutMs} ms; came: ${seen === '' ? 'nothing' : seen}`,
          );
        }
        await delay(POLL_MS);
      }
    },
  };
}

const GARBAGE: readonly Buffer[] = [
  Buffer.from([0, 255, 17, 3, 128, 13, 10]),
  Buffer.from('SIP/2.0 banana split\r\n\r\n'),
  Buffer.from('SIP/2.0 200\r\nVia: \r\nContent-Length: 99999999\r\n\r\n'),
  Buffer.from(`${'('.repeat(4_000)}\r\n`),
];

/** A PSAP that answers every datagram with noise and nothing else; not SIPp's, which speaks SIP only. */
export async function startGarbagePsap(host = '127.0.0.1'): Promise<Psap> {
  const socket: Socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const received: SippMessage[] = [];
  socket.on('message', (bytes, source) => {
    received.push(readMessage('received', Buffer.from(bytes)));
    for (const noise of GARBAGE) socket.send(noise, source.port, source.address);
  });
  socket.bind(0, host);
  await once(socket, 'listening');
  return makePsap({
    host,
    port: socket.address().port,
    protocol: 'udp',
    tlsVersion: undefined,
    connections: undefined,
    messages: () => [...received],
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  });
}
