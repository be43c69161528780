import { readdirSync, readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const LOWER_BY = 5;

/**
 * Gives this process a low priority: whatever answers calls on the same core goes first, but a busy machine still leaves it a
 * tenth of a core. On Linux a priority belongs to a thread, and the engine's own (which compile and collect garbage) are there
 * before any line of ours runs.
 */
export function lowerPriority(): void {
  const threads = process.platform === 'linux' ? readdirSync('/proc/self/task').map(Number) : [0];
  for (const thread of threads) {
    try {
      setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch (error) {
      // A thread that ended meanwhile.
      if ((error as { info?: { code?: string } }).info?.code !== 'ESRCH') throw error;
    }
  }
}

/**
 * Lets the thread that routes calls go before this one, a worker of the same process, when both want the same core; a busy core
 * still leaves it a quarter. What the engine compiles and collects for it is done by threads of all. Only Linux knows priorities
 * of threads; elsewhere nothing changes.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return;
  const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  setPriority(thread, Math.min(getPriority(thread) + LOWER_BY, constants.priority.PRIORITY_LOW));
}
