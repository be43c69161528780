import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { errorText } from './error-text.ts';

const LOWER_BY = 5;
/** As the engine names the threads of its pool. */
const ENGINE_THREAD = 'V8Worker';

/**
 * Gives this process a low priority: whatever answers calls on the same core goes first, but a busy machine still leaves it a
 * tenth of a core. On Linux a priority belongs to a thread, and the engine's own (which compile and collect garbage) are there
 * before any line of ours runs.
 */
export function lowerPriority(): void {
  asFarAsAllowed(() => {
    for (const thread of process.platform === 'linux' ? ownThreads() : [0]) {
      unlessEnded(() => setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL));
    }
  });
}

/**
 * Lets the thread that routes calls go before this one, a worker of the same process, when both want the same core; a busy core
 * still leaves it a quarter. What the engine compiles and collects for it is done by threads of all. Only Linux knows priorities
 * of threads; elsewhere nothing changes.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return;
  asFarAsAllowed(() => lower(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), setPriority));
}

/**
 * The same for the engine's threads, which compile and collect garbage for this process: while they mark the whole heap, the thread
 * that routes calls would otherwise get a fifth of a core that they share. Only where it never waits for them (decision 90).
 */
export function lowerEngineThreads(set = setPriority): void {
  if (process.platform !== 'linux') return;
  asFarAsAllowed(() => {
    for (const thread of ownThreads()) {
      unlessEnded(() => {
        if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith(ENGINE_THREAD)) lower(thread, set);
      });
    }
  });
}

function ownThreads(): number[] {
  return readdirSync('/proc/self/task').map(Number);
}

function lower(thread: number, set: typeof setPriority): void {
  set(thread, Math.min(getPriority(thread) + LOWER_BY, constants.priority.PRIORITY_LOW));
}

/** Where the system forbids it, as a sandbox may, everything runs as it is: no reason not to start, but it is told. */
function asFarAsAllowed(action: () => void): void {
  try {
    action();
  } catch (error) {
    process.emitWarning(`Threads keep the priority that they have: ${errorText(error)}`);
  }
}

/** A thread may end while it is looked at. */
function unlessEnded(action: () => void): void {
  try {
    action();
  } catch (error) {
    const { code, info } = error as { code?: string; info?: { code?: string } };
    if (code !== 'ENOENT' && code !== 'ESRCH' && info?.code !== 'ESRCH') throw error;
  }
}
