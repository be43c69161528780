/** What one slice of a run gave: how many were done, in what time, at what cost of processor time. */
export type Slice = { count: number; errors: number; seconds: number; cpuSeconds: number };

/** One side of a comparison. `run` loads it for about `ms`. */
export type Contestant = { run(ms: number): Promise<Slice> };

/**
 * Before anything counts, each side does `warmUpCount` of its things, or as many as `maxWarmUpMs` lets it: the compiler is
 * done with a path after some 100,000 passes, no sooner.
 */
export type Plan = { sliceMs: number; cycles: number; warmUpCount: number; maxWarmUpMs: number };

export type Comparison = {
  /** Per second of the server's processor time, median of the slices: what one core does. */
  ours: number;
  peer: number;
  /**
   * Median of the ratios of neighbouring slices, by processor time: whoever else uses the machine, and a load that cannot
   * keep the faster side busy, change it least.
   */
  ratio: number;
  /** Per second of wall time, median. */
  oursByWall: number;
  peerByWall: number;
  /** Share of a core that the server used, median. */
  oursBusy: number;
  peerBusy: number;
  errors: number;
};

/** 2-second slices, for machines shift their speed for seconds at a time; the quick plan only tells that everything runs. */
export const FULL: Plan = { sliceMs: 2_000, cycles: 12, warmUpCount: 200_000, maxWarmUpMs: 40_000 };
export const QUICK: Plan = { sliceMs: 300, cycles: 1, warmUpCount: 2_000, maxWarmUpMs: 500 };

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

/** The kernel counts processor time in hundredths of a second. */
const LEAST_CPU_SECONDS = 0.01;

const rate = (slice: Slice): number => slice.count / Math.max(slice.cpuSeconds, LEAST_CPU_SECONDS);
const wallRate = (slice: Slice): number => slice.count / slice.seconds;
const busy = (slice: Slice): number => slice.cpuSeconds / slice.seconds;

async function warmUp(side: Contestant, { sliceMs, warmUpCount, maxWarmUpMs }: Plan): Promise<void> {
  const until = performance.now() + maxWarmUpMs;
  for (let done = 0; done < warmUpCount && performance.now() < until; ) done += (await side.run(sliceMs)).count;
}

/** Loads both in turn, slice by slice, and compares neighbours; each side begins every other cycle. */
export async function compare(ours: Contestant, peer: Contestant, plan: Plan): Promise<Comparison> {
  await warmUp(ours, plan);
  await warmUp(peer, plan);
  const pairs: { ours: Slice; peer: Slice }[] = [];
  for (let cycle = 0; cycle < plan.cycles; cycle++) {
    if (cycle % 2 === 0) {
      const first = await ours.run(plan.sliceMs);
      pairs.push({ ours: first, peer: await peer.run(plan.sliceMs) });
    } else {
      const first = await peer.run(plan.sliceMs);
      pairs.push({ ours: await ours.run(plan.sliceMs), peer: first });
    }
  }
  const all = (read: (slice: Slice) => number, side: 'ours' | 'peer'): number =>
    median(pairs.map((pair) => read(pair[side])));
  return {
    ours: all(rate, 'ours'),
    peer: all(rate, 'peer'),
    ratio: median(pairs.map((pair) => rate(pair.ours) / rate(pair.peer))),
    oursByWall: all(wallRate, 'ours'),
    peerByWall: all(wallRate, 'peer'),
    oursBusy: all(busy, 'ours'),
    peerBusy: all(busy, 'peer'),
    errors: pairs.reduce((sum, pair) => sum + pair.ours.errors + pair.peer.errors, 0),
  };
}
