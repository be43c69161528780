import type { Clock } from '../support/clock.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';

/** Writes what waits, batch after batch, behind the calls, and again while the database is away. */
export type WriteBehind = {
  /** Something waits: begins, unless it is at work already. */
  work(): void;
  /** Resolves when nothing waits any more; for tests and draining. */
  drained(): Promise<void>;
  /** Writes what waits without pauses, for `stopMs` at most; what fails then is given up. */
  stop(): Promise<void>;
  readonly isStopping: boolean;
};

export type WriteBehindDeps<Row> = {
  clock: Clock;
  logger: Logger;
  /** Plural, for the log: `SIP ladders`. */
  what: string;
  isWaiting(): boolean;
  /** The next batch; empty when what waited came to nothing. */
  take(): Row[];
  write(rows: readonly Row[]): Promise<void>;
  /** Rows that the end of the process left unwritten. */
  onGivenUp?: (rows: number) => void;
  /** How long rows are gathered before each batch, and how long others have the database between two. */
  gatherMs?: number;
  betweenMs?: number;
  maxRetryMs: number;
  stopMs: number;
};

const FIRST_RETRY_MS = 250;

export function createWriteBehind<Row>(deps: WriteBehindDeps<Row>): WriteBehind {
  const { clock, logger, what, gatherMs = 0, betweenMs = 0 } = deps;
  let working: Promise<void> | undefined;
  let isFailing = false;
  let isStopping = false;
  let endPause = (): void => undefined;

  async function pause(delayMs: number): Promise<void> {
    if (delayMs === 0 || isStopping) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(delayMs, resolve);
      endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  async function writeAll(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    let rows: Row[] = [];
    while (deps.isWaiting() || rows.length > 0) {
      await pause(gatherMs);
      try {
        if (rows.length === 0) rows = deps.take();
        if (rows.length > 0) await deps.write(rows);
        rows = [];
        retryMs = FIRST_RETRY_MS;
        if (isFailing) logger.info(`calls: ${what} are stored again`);
        isFailing = false;
        if (deps.isWaiting()) await pause(betweenMs);
      } catch (error) {
        if (!isFailing) logger.warn({ err: errorText(error) }, `calls: ${what} cannot be stored now`);
        isFailing = true;
        if (isStopping) {
          deps.onGivenUp?.(rows.length);
          return;
        }
        await pause(retryMs);
        retryMs = Math.min(retryMs * 2, deps.maxRetryMs);
      }
    }
  }

  function work(): void {
    working ??= writeAll().finally(() => {
      working = undefined;
      if (deps.isWaiting() && !isStopping) work();
    });
  }

  async function drained(): Promise<void> {
    if (!working) return;
    await working;
    await drained();
  }

  return {
    work,
    drained,
    get isStopping() {
      return isStopping;
    },
    async stop() {
      isStopping = true;
      endPause();
      let stopWaiting = (): void => undefined;
      const late = new Promise<void>((resolve) => {
        stopWaiting = clock.after(deps.stopMs, resolve);
      });
      await Promise.race([drained(), late]);
      stopWaiting();
    },
  };
}
