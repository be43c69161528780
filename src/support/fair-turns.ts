/** Work that comes from many, shared out among them. */
export type FairTurns = {
  /**
   * Runs the job now when there is time in this turn, else in the line of whom it is for; whoever has several `parts` has one turn
   * for all, and those share it out among them. False: it was dropped.
   */
  run(who: string, job: () => void, part?: string): boolean;
  /** Jobs in line. */
  readonly waiting: number;
};

export type FairTurnsOptions = {
  /** Jobs that are begun in one turn. */
  perTurn: number;
  /** Runs an action in the next turn; one of the event loop unless told. */
  nextTurn?: (action: () => void) => void;
  /** Beyond so many in line, of one and of all together, a job is dropped; without limits none is. */
  limits?: { ofOne: number; ofAll: number; onDrop: () => void };
  /** While it says so, one job is begun in a turn, and none at once: something else comes first, and yet nobody waits for ever. */
  isHeld?: () => boolean;
};

/** What waits of one, by part. */
type Line = { length: number; parts: Map<string, (() => void)[]> };

/** Where nothing may be dropped, nobody waits in line beyond this: what has come is begun as it came. */
const MAX_WAITING = 100_000;

/**
 * Whoever floods us delays their own work and not that of others: everybody in line gets one job begun in their turn.
 */
export function createFairTurns(options: FairTurnsOptions): FairTurns {
  const { perTurn, nextTurn = setImmediate, limits, isHeld = () => false } = options;
  const lines = new Map<string, Line>();
  let waiting = 0;
  let left = perTurn;
  let isTurnDue = false;

  function endTurn(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    nextTurn(() => {
      isTurnDue = false;
      left = isHeld() ? 1 : perTurn;
      while (left > 0 && waiting > 0) takeRound();
      if (waiting > 0) endTurn();
    });
  }

  /** One job of everybody who has any. */
  function takeRound(): void {
    for (const [who, line] of lines) {
      if (left <= 0) return;
      const job = takeFrom(line);
      // At the end of the round: who was served comes after those who were not.
      lines.delete(who);
      if (line.length > 0) lines.set(who, line);
      if (!job) continue;
      waiting--;
      left--;
      job();
    }
  }

  function hasTime(): boolean {
    if (waiting > 0) return limits === undefined && waiting >= MAX_WAITING;
    return left > 0 && !isHeld();
  }

  return {
    run(who, job, part = '') {
      endTurn();
      if (hasTime()) {
        left--;
        job();
        return true;
      }
      const line = lines.get(who) ?? { length: 0, parts: new Map() };
      if (limits && (waiting >= limits.ofAll || line.length >= limits.ofOne)) {
        limits.onDrop();
        return false;
      }
      waiting++;
      if (line.length++ === 0) lines.set(who, line);
      const jobs = line.parts.get(part);
      if (jobs) jobs.push(job);
      else line.parts.set(part, [job]);
      return true;
    },
    get waiting() {
      return waiting;
    },
  };
}

/** The next job: the parts have it in turns, too. */
function takeFrom(line: Line): (() => void) | undefined {
  for (const [part, jobs] of line.parts) {
    const job = jobs.shift();
    line.parts.delete(part);
    if (jobs.length > 0) line.parts.set(part, jobs);
    line.length--;
    return job;
  }
  return undefined;
}
