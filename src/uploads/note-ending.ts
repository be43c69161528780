import { setTimeout as pause } from 'node:timers/promises';

const ATTEMPTS = 30;
const PAUSE_MS = 2_000;

/**
 * Calls `note`, which stores how an import ended, until it succeeds: a database that is away or busy just then is told again for
 * a minute, for what was stored must not be called failed. Throws its last error after that, or when the platform ends.
 */
export async function noteEnding(note: () => Promise<void>, isStopped: () => boolean): Promise<void> {
  for (let left = ATTEMPTS; ; left -= 1) {
    try {
      await note();
      return;
    } catch (error) {
      if (isStopped() || left === 0) throw error;
      await pause(PAUSE_MS);
    }
  }
}
