import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work on the thread that answers calls gives way to them this often. */
const LIMIT_MS = 2;

/** Returns a function to call between small steps of long work: when enough time went by, it gives a promise to wait for. */
export function createBreather(limitMs = LIMIT_MS): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < limitMs) return undefined;
    return nextTurn().then(() => {
      since = performance.now();
    });
  };
}
