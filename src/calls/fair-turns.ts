/** Work on new calls, shared out among the peers that they come from. */
export type FairTurns = {
  /** Runs the job now when there is time in this turn of the event loop, else in its peer's line; never drops it. */
  run(peer: string, job: () => void): void;
  /** Jobs in line. */
  readonly waiting: number;
};

/** New calls that are begun in one turn of the event loop. Ordinary traffic never reaches it. */
const PER_TURN = 64;
/** Beyond this nobody waits in line: what has come is begun as it came. */
const MAX_WAITING = 100_000;

/**
 * A peer that floods us delays its own calls and not those of others: every peer in line gets one call begun in its turn.
 * `nextTurn` runs an action in the next turn of the event loop.
 */
export function createFairTurns(nextTurn: (action: () => void) => void = setImmediate): FairTurns {
  const lines = new Map<string, (() => void)[]>();
  let waiting = 0;
  let left = PER_TURN;
  let isTurnDue = false;

  function endTurn(): void {
    if (isTurnDue) return;
    isTurnDue = true;
    nextTurn(() => {
      isTurnDue = false;
      left = PER_TURN;
      while (left > 0 && waiting > 0) takeRound();
      if (waiting > 0) endTurn();
    });
  }

  /** One call of every peer that has any. */
  function takeRound(): void {
    for (const [peer, line] of lines) {
      if (left <= 0) return;
      const job = line.shift();
      // At the end of the round: who was served comes after those who were not.
      lines.delete(peer);
      if (line.length > 0) lines.set(peer, line);
      if (!job) continue;
      waiting--;
      left--;
      job();
    }
  }

  return {
    run(peer, job) {
      endTurn();
      if ((waiting === 0 && left > 0) || waiting >= MAX_WAITING) {
        left--;
        job();
        return;
      }
      waiting++;
      const line = lines.get(peer);
      if (line) line.push(job);
      else lines.set(peer, [job]);
    },
    get waiting() {
      return waiting;
    },
  };
}
