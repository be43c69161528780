/** Debian's Kamailio with its `lost` module: a HELD and LoST client that we did not write, asked over SIP. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { boundPorts } from './bound-ports.ts';
import { programPath } from './parts.ts';
import { freePort } from './sipp.ts';

/** What Kamailio's script shall do: ask LoST with a PIDF-LO, ask HELD by `identity`, HELD then LoST, follow a location URI. */
export type KamailioQuestion =
  | { ask: 'lost'; service: string; pidf: string }
  | { ask: 'held'; identity: string }
  | { ask: 'held-lost'; identity: string; service: string }
  | { ask: 'dereference'; locationUri: string; responseTime?: string; locationType?: string };

/** What Kamailio understood. Codes are those of its functions: 200 good, 400 its own trouble, 500 the server's error. */
export type KamailioAnswer = {
  heldCode: number | null;
  lostCode: number | null;
  pidf: string;
  locationUri: string;
  uri: string;
  displayName: string;
  error: string;
};

export type Kamailio = {
  port: number;
  ask(question: KamailioQuestion): Promise<KamailioAnswer>;
  /** False once the process ended: a crash of one worker ends all of Kamailio. */
  isAlive(): boolean;
  log(): string;
  stop(): Promise<void>;
};

const MODULES = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/kamailio/modules/`)
  .find((folder) => existsSync(folder));
const START_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 8_000;
const STOP_TIMEOUT_MS = 3_000;
const POLL_MS = 10;

export type KamailioPlan = {
  heldUrl?: string;
  lostUrl: string;
  workers?: number;
};

/**
 * The script takes and gives longer texts in headers, in hexadecimal, for what was understood may hold line ends. `query_result=0` gives the
 * module whole bodies; `keep_connections=1` keeps one connection per worker.
 */
function configuration(plan: KamailioPlan, port: number): string {
  const header = (name: string, variable: string): string =>
    `    append_to_reply("X-${name}: $(var(${variable}){s.encode.hexa})\\r\\n");`;
  return `#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=${plan.workers ?? 2}
disable_tcp=yes
auto_aliases=no
dns_retr_time=1
dns_retr_no=1
dns_servers_no=1
dns_use_search_list=no
listen=udp:127.0.0.1:${port}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "http_client.so"
loadmodule "lost.so"
modparam("http_client", "query_result", 0)
modparam("http_client", "keep_connections", 1)
modparam("http_client", "connection_timeout", 5)
modparam("http_client", "httpcon", "lost=>${plan.lostUrl}")
modparam("http_client", "httpcon", "held=>${plan.heldUrl ?? plan.lostUrl}")
modparam("lost", "location_type", "any")
modparam("lost", "verbose", 0)
request_route {
    if ($rm != "INVITE") {
        sl_send_reply("405", "Method Not Allowed");
        exit;
    }
    $var(heldcode) = 0;
    $var(lostcode) = 0;
    $var(pidf) = "";
    $var(url) = "";
    $var(uri) = "";
    $var(name) = "";
    $var(err) = "";
    $var(id) = $hdr(X-Identity);
    $var(urn) = $hdr(X-Service);
    if ($rU == "held" || $rU == "held-lost") {
        $var(heldcode) = lost_held_query("held", "$var(id)", "$var(pidf)", "$var(url)", "$var(err)");
    }
    if ($rU == "dereference") {
        $var(geo) = $hdr(X-Location-Uri);
        $var(rtime) = $hdr(X-Response-Time);
        $var(rtype) = $hdr(X-Location-Type);
        $var(heldcode) = lost_held_dereference("$var(geo)", "$var(rtime)", "$var(rtype)", "$var(pidf)", "$var(err)");
    }
    if ($rU == "lost") {
        $var(pidf) = $(hdr(X-Pidf){s.decode.hexa});
        $var(lostcode) = lost_query("lost", "$var(pidf)", "$var(urn)", "$var(uri)", "$var(name)", "$var(err)");
    }
    if ($rU == "held-lost" && $var(heldcode) > 0 && $var(heldcode) < 300) {
        $var(lostcode) = lost_query("lost", "$var(pidf)", "$var(urn)", "$var(uri)", "$var(name)", "$var(err)");
    }
    append_to_reply("X-Held-Code: $var(heldcode)\\r\\n");
    append_to_reply("X-Lost-Code: $var(lostcode)\\r\\n");
${header('Pidf', 'pidf')}
${header('Location-Uri', 'url')}
${header('Psap', 'uri')}
${header('Name', 'name')}
${header('Error', 'err')}
    sl_send_reply("486", "Answered");
    exit;
}
`;
}

/** Starts Kamailio with the questioning script in the foreground, as a child, on a free port. */
export async function startKamailio(plan: KamailioPlan): Promise<Kamailio> {
  const port = await freePort('127.0.0.1');
  const running = await runKamailio(configuration(plan, port), port);
  return { ...running, ask: (question) => askOverSip(port, question) };
}

/**
 * Starts Kamailio with a configuration that listens on this UDP port: by another command (`taskset -c 0`) and with other options of
 * its own where they are given.
 */
export async function runKamailio(
  script: string,
  port: number,
  { startedBy = [], options = [] }: { startedBy?: readonly string[]; options?: readonly string[] } = {},
): Promise<Omit<Kamailio, 'ask'> & { pid: number }> {
  if (MODULES === undefined)
    throw new Error('Kamailio is not installed: Debian packages kamailio, kamailio-utils-modules');
  const folder = mkdtempSync(join(tmpdir(), 'waymark-kamailio-'));
  const file = join(folder, 'kamailio.cfg');
  writeFileSync(file, script);
  // Debian's default allocator spends most of the time; with `fm` Kamailio is the client that it can be.
  const allocator = ['-x', 'fm', '-X', 'fm'];
  const args = ['-f', file, '-L', MODULES, '-DD', '-E', ...allocator, '-Y', folder, '-P', join(folder, 'pid')];
  const [program = 'kamailio', ...programArgs] = [
    ...startedBy,
    programPath('kamailio') ?? 'kamailio',
    ...args,
    ...options,
  ];
  const child = spawn(program, programArgs, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const finish = (): void => {
      ended = true;
      resolve();
    };
    child.once('error', (error) => {
      log += String(error);
      finish();
    });
    child.once('close', finish);
  });

  async function stop(): Promise<void> {
    const abort = new AbortController();
    if (!ended) child.kill('SIGTERM');
    const killed = delay(STOP_TIMEOUT_MS, undefined, { signal: abort.signal }).then(
      () => child.kill('SIGKILL'),
      () => false,
    );
    await end;
    abort.abort();
    await killed;
    rmSync(folder, { recursive: true, force: true });
  }

  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (!boundPorts('udp').has(port)) {
    if (ended || performance.now() > giveUpAt) {
      await stop();
      throw new Error(`Kamailio did not start: ${log}`);
    }
    await delay(POLL_MS);
  }
  return { port, pid: child.pid ?? 0, isAlive: () => !ended, log: () => log, stop };
}

let questions = 0;

async function askOverSip(port: number, question: KamailioQuestion): Promise<KamailioAnswer> {
  questions += 1;
  const socket = createSocket('udp4');
  try {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const answered = once(socket, 'message', { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    socket.send(writeInvite(port, socket.address().port, question), port, '127.0.0.1');
    const [bytes] = (await answered) as [Buffer];
    return readAnswer(bytes.toString('utf8'));
  } finally {
    socket.close();
  }
}

function writeInvite(port: number, ownPort: number, question: KamailioQuestion): string {
  const lines = [
    `INVITE sip:${question.ask}@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${ownPort};branch=z9hG4bKask${questions}`,
    'Max-Forwards: 70',
    'From: <sip:phone@example.com>;tag=1',
    'To: <sip:911@example.com>',
    `Call-ID: ask-${process.pid}-${questions}`,
    'CSeq: 1 INVITE',
    ...('identity' in question ? [`X-Identity: ${question.identity}`] : []),
    ...('service' in question ? [`X-Service: ${question.service}`] : []),
    ...(question.ask === 'dereference'
      ? [
          `X-Location-Uri: ${question.locationUri}`,
          `X-Response-Time: ${question.responseTime ?? 'emergencyRouting'}`,
          `X-Location-Type: ${question.locationType ?? 'any'}`,
        ]
      : []),
    ...('pidf' in question ? [`X-Pidf: ${Buffer.from(question.pidf).toString('hex')}`] : []),
    'Content-Length: 0',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function readAnswer(text: string): KamailioAnswer {
  const header = (name: string): string => new RegExp(`^X-${name}: ?(.*)\\r$`, 'm').exec(text)?.[1] ?? '';
  const plain = (name: string): string => Buffer.from(header(name), 'hex').toString('utf8');
  const code = (name: string): number | null => {
    const value = Number(header(name));
    return value === 0 ? null : value;
  };
  if (!text.startsWith('SIP/2.0 486')) throw new Error(`Kamailio answered ${text.slice(0, text.indexOf('\r\n'))}`);
  return {
    heldCode: code('Held-Code'),
    lostCode: code('Lost-Code'),
    pidf: plain('Pidf'),
    locationUri: plain('Location-Uri'),
    uri: plain('Psap'),
    displayName: plain('Name'),
    error: plain('Error'),
  };
}
