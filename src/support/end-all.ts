import { errorText } from './error-text.ts';
import type { Logger } from './logger.ts';

/** How what has been started ends, in the order in which it was started. */
export type Endings = (() => Promise<unknown>)[];

/** How long one part may take to end; what it leaves undone is taken up at the next start. */
const END_LIMIT_MS = 4_000;

/**
 * Ends everything in the opposite order, each when the one before has ended; a part that fails or hangs (a database that is silent)
 * keeps no other from it. Takes out of `started` what it ends. Never rejects.
 */
export async function endAll(started: Endings, logger: Logger, limitMs = END_LIMIT_MS): Promise<void> {
  for (let end = started.pop(); end; end = started.pop()) {
    let timer: NodeJS.Timeout | undefined;
    // Not the injected clock: a test's clock that stands still would keep the process.
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        logger.warn({ limitMs }, 'a part of the platform did not end in time');
        resolve();
      }, limitMs);
    });
    try {
      await Promise.race([end(), limit]);
    } catch (error) {
      logger.error({ err: errorText(error) }, 'a part of the platform did not end in order');
    } finally {
      clearTimeout(timer);
    }
  }
}
