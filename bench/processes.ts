import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The server under test has the first core for itself, whoever loads it the second; `any`: every core, beside whoever else runs. */
export type Core = 'server' | 'load' | 'any';

const TASKSET = '/usr/bin/taskset';
const canPin = existsSync(TASKSET) && availableParallelism() > 1;
const TICKS_PER_SECOND = 100;
const START_TIMEOUT_MS = 180_000;

/** The command that starts another one on a core; empty where processes cannot be tied to cores. */
export function pinnedTo(core: Core): string[] {
  return canPin && core !== 'any' ? [TASKSET, '-c', core === 'server' ? '0' : '1'] : [];
}

function command(core: Core, args: readonly string[]): [string, string[]] {
  const [program = process.execPath, ...rest] = [...pinnedTo(core), process.execPath, ...args];
  return [program, rest];
}

/** User and system time of a process with all its threads; not that of its children. */
export function cpuSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/stat`);
}

/** User and system time of a process and of the processes that it started and that still run. */
export function cpuSecondsOfTree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.reduce((sum, child) => sum + cpuSecondsOfTree(child), cpuSeconds(pid));
}

/** Memory of a process that is in use now (VmRSS), in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
}

/** User and system time of a process's first thread: in Node's case the one that runs the program. */
export function mainThreadSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/task/${pid}/stat`);
}

/** User and system time of those of a process's children that have ended. */
export function endedChildrenSeconds(pid: number): number {
  return secondsIn(`/proc/${pid}/stat`, 13);
}

/** The sum of two neighbouring fields, by default utime and stime (proc_pid_stat(5), counted from the state). */
function secondsIn(statFile: string, first = 11): number {
  const stat = readFileSync(statFile, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[first]) + Number(fields[first + 1])) / TICKS_PER_SECOND;
}

/** A script of ours in a process of its own that answers one message at a time. */
export type Child = { pid: number; ask<Answer>(message: unknown): Promise<Answer>; stop(): Promise<void> };

export function startChild(script: URL, core: Core, args: readonly string[] = []): Child {
  const [program, programArgs] = command(core, [fileURLToPath(script), ...args]);
  const child = spawn(program, programArgs, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    pid: child.pid ?? 0,
    async ask<Answer>(message: unknown) {
      const answered = new AbortController();
      const answer = once(child, 'message', { signal: answered.signal });
      child.send(message as object);
      try {
        return (await Promise.race([answer, failsWithIt(child, answered.signal)]))[0] as Answer;
      } finally {
        answered.abort();
      }
    },
    stop: () => stopChild(child),
  };
}

/** Rejects when the process ends; never settles once `isOver` is aborted. */
function failsWithIt(child: ChildProcess, isOver: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once('exit', fail);
    isOver.addEventListener('abort', () => child.off('exit', fail), { once: true });
  });
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(timer);
}

/** Starts a command of Node's and waits for the line that `isReady` takes. */
export async function startServer(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  isReady: (line: string) => boolean,
  core: Core = 'server',
): Promise<{ child: ChildProcess; pid: number; line: string }> {
  const [program, programArgs] = command(core, args);
  const child = spawn(program, programArgs, {
    env: { ...process.env, ...environment },
    // What it logs is of no interest unless it does not start.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (output.length < 10_000) output += chunk.toString();
  });
  const ready = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      if (output.length < 10_000) output += chunk.toString();
      const line = output.split('\n').find(isReady);
      if (line !== undefined) resolve(line);
    });
  });
  const isOver = new AbortController();
  const late = delay(START_TIMEOUT_MS, undefined, { signal: isOver.signal, ref: false }).then(
    () => Promise.reject(new Error(`not ready after ${START_TIMEOUT_MS} ms: ${output}`)),
    () => undefined,
  );
  try {
    const line = await Promise.race([ready, late, failsWithIt(child, isOver.signal)]);
    return { child, pid: child.pid ?? 0, line: line ?? '' };
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`the server did not start: ${output}`, { cause: error });
  } finally {
    isOver.abort();
  }
}

/** Answers each message of the parent; for the scripts that `startChild` starts. */
export function serveParent(answer: (message: never) => Promise<unknown>): void {
  process.on('message', (message) => {
    void answer(message as never).then((result) => process.send?.(result));
  });
  process.on('disconnect', () => process.exit(0));
}
