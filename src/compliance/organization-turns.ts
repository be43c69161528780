import { ProblemError } from '../domain/problem.ts';

const RETRY_AFTER_SECONDS = 1;

/** Nothing has happened: the same request may be sent again. */
export function lockedNow(cause?: unknown): ProblemError {
  return new ProblemError('locked', 'the stages of this organization are being changed; send the request again', {
    cause,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/**
 * One change at a time for each organization. They queue here and not at the row in the database, where each that waits
 * would keep a connection from everybody else. Throws `locked` when the turn does not come within `waitMs`.
 */
export function createOrganizationTurns(waitMs: number) {
  const last = new Map<string, Promise<unknown>>();

  async function comes(turn: Promise<unknown>): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      // Not the injected clock: the wait has to end also where a test's clock stands still.
      timer = setTimeout(() => resolve(false), waitMs);
    });
    try {
      return await Promise.race([turn.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  return async function inTurn<Result>(organizationId: string, work: () => Promise<Result>): Promise<Result> {
    const before = last.get(organizationId);
    let end: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      end = resolve;
    });
    const upToMine = before === undefined ? mine : before.then(() => mine);
    last.set(organizationId, upToMine);
    try {
      if (before !== undefined && !(await comes(before))) throw lockedNow();
      return await work();
    } finally {
      end();
      if (last.get(organizationId) === upToMine) {
        // Whoever gave up leaves the one before it still at work.
        void upToMine.then(() => {
          if (last.get(organizationId) === upToMine) last.delete(organizationId);
        });
      }
    }
  };
}
