import type { Clock } from '../support/clock.ts';

/** One beat for all calls: a wake-up of the thread costs more than the packets it sends. */
export type RtpPacer = {
  /** Calls `onBeat` every 10 ms with the number of the beat, until the returned function is called. */
  join(onBeat: (beat: number) => void): () => void;
};

/** Every packet time in use is a multiple of it. */
export const BEAT_MS = 10;
/** Beats made up at once after the thread was held up; beyond that the schedule moves instead of flooding the receivers. */
const MAX_BURST = 10;
/** A timer may fire this much before the monotonic clock says so. */
const EARLY_MS = 1;

/** Beats on a grid of the clock, so that timer errors do not add up; stands still while nobody has joined. */
export function createRtpPacer(clock: Clock): RtpPacer {
  const members = new Set<(beat: number) => void>();
  let beat = 0;
  let isRunning = false;

  function tick(): void {
    const nowMs = clock.monotonicMs();
    for (let burst = 0; burst < MAX_BURST && beat * BEAT_MS <= nowMs + EARLY_MS; burst += 1) {
      for (const member of members) member(beat);
      beat += 1;
    }
    if (beat * BEAT_MS <= nowMs) beat = Math.floor(nowMs / BEAT_MS) + 1;
    isRunning = members.size > 0;
    if (isRunning) clock.after(Math.max(0, beat * BEAT_MS - nowMs), tick);
  }

  return {
    join(onBeat) {
      members.add(onBeat);
      if (!isRunning) {
        isRunning = true;
        const nowMs = clock.monotonicMs();
        beat = Math.max(beat, Math.ceil(nowMs / BEAT_MS));
        clock.after(Math.max(0, beat * BEAT_MS - nowMs), tick);
      }
      return () => members.delete(onBeat);
    },
  };
}
