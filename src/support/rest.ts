/** To be called between small steps of long work, in a process or thread that nobody waits for. */
export type Rest = () => void;

/** For where the work is short. */
export const NO_REST: Rest = () => undefined;

const WORK_MS = 1;
const REST_MS = 0.05;

function sleeper(): (ms: number) => void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  return (ms) => {
    Atomics.wait(never, 0, 0, ms);
  };
}

/**
 * Gives up the core for a moment after every millisecond of work. A low priority alone does not do for whoever answers calls on
 * the same core: what runs may go on until the kernel's next tick, up to 4 ms, whoever wakes up meanwhile.
 */
export function createRest({ nowMs = () => performance.now(), sleep = sleeper() } = {}): Rest {
  let since = nowMs();
  return () => {
    if (nowMs() - since < WORK_MS) return;
    sleep(REST_MS);
    since = nowMs();
  };
}
