/** The real server as a process of its own, on free loopback ports and a temporary data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FirstRun } from '../../src/demonstration/first-run.ts';
import { fillDataFolder } from './embedded-template.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 20_000;

export type RunningPlatform = {
  http: string;
  /** `127.0.0.1:5060`, without the scheme. */
  sip: string;
  sipPort: number;
  dataDir: string;
  pid: number;
  /** Milliseconds from spawn to the ready line. */
  startedInMs: number;
  firstRun(): FirstRun;
  /** Standard error so far. */
  log(): string;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
};

export type RunOptions = {
  env?: Readonly<Record<string, string>>;
  /** An existing data folder to go on with. */
  dataDir?: string;
  /** The new data folder is empty, as it is for who starts the platform for the first time; it takes seconds more. */
  fromNothing?: boolean;
};

/** Free loopback ports are chosen by the server itself (0). */
export const FREE_PORTS: Readonly<Record<string, string>> = {
  WAYMARK_HTTP_PORT: '0',
  WAYMARK_SIP_PORT: '0',
  WAYMARK_SIMULATOR_PORT: '0',
};

/** Ends that tests play count what they are sent: nobody asks them whether they live. */
const QUIET = { WAYMARK_LOG_LEVEL: 'warn', WAYMARK_PROBE_SECONDS: '0' };

function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
}

export async function runPlatform(options: RunOptions = {}): Promise<RunningPlatform> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'waymark-data-'));
  const isEmbedded = options.env?.['WAYMARK_DATABASE_URL'] === undefined;
  if (options.dataDir === undefined && isEmbedded && options.fromNothing !== true) fillDataFolder(dataDir);
  const startedMs = Date.now();
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WAYMARK_')));
  const child = spawn(process.execPath, [join(ROOT, 'bin/waymark.js'), 'serve'], {
    cwd: ROOT,
    env: { ...inherited, ...FREE_PORTS, ...QUIET, WAYMARK_DATA_DIR: dataDir, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  const ready = await new Promise<RegExpExecArray>((resolve, reject) => {
    const timer = setTimeout(() => fail(new Error(`not ready within ${READY_TIMEOUT_MS} ms`)), READY_TIMEOUT_MS);
    function fail(error: Error): void {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`${error.message}\n${output}\n${log}`));
    }
    child.once('exit', (code) => fail(new Error(`the server ended with ${code} before it was ready`)));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const match = /^waymark ready http=(\S+) sip=(\S+)$/m.exec(output);
      if (!match) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(match);
    });
  });
  const sip = (ready[2] ?? '').replace(/^sips?:/, '');
  return {
    http: ready[1] ?? '',
    sip,
    sipPort: Number(sip.split(':').at(-1)),
    dataDir,
    pid: child.pid ?? 0,
    startedInMs: Date.now() - startedMs,
    firstRun: () => JSON.parse(readFileSync(join(dataDir, 'first-run.json'), 'utf8')) as FirstRun,
    log: () => log,
    async stop() {
      const ended = endOf(child);
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
    async kill() {
      const ended = endOf(child);
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Removes a data folder once nothing runs on it. */
export function removeData(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}
