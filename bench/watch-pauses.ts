/**
 * What holds up the thread that routes, for a benchmark that is run to find out:
 * `WAYMARK_BENCH_NODE_OPTIONS="--import ./bench/watch-pauses.ts" WAYMARK_BENCH_PAUSES=<file> npm run bench -- <name>` adds a line of JSON
 * to the file every five seconds. Times in milliseconds.
 */
import { appendFileSync } from 'node:fs';
import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const EVERY_MS = 5_000;
const NANOSECONDS = 1e6;
const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'young',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'whole',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'step',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'callbacks',
};

type Pauses = { count: number; total: number; longest: number };

function watch(file: string): void {
  let collections: Record<string, Pauses> = {};
  const note = (entry: PerformanceEntry): void => {
    const { detail, duration } = entry as PerformanceEntry & { detail: { kind: number } };
    const kind = KINDS[detail.kind] ?? 'other';
    const { count, total, longest } = collections[kind] ?? { count: 0, total: 0, longest: 0 };
    collections[kind] = { count: count + 1, total: total + duration, longest: Math.max(longest, duration) };
  };
  new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ entryTypes: ['gc'] });
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  setInterval(() => {
    const loop = { p50: delays.percentile(50), p99: delays.percentile(99), longest: delays.max };
    const { heapUsed, external, rss } = process.memoryUsage();
    const line = {
      at: new Date().toISOString(),
      collections,
      loopDelay: Object.fromEntries(Object.entries(loop).map(([name, value]) => [name, value / NANOSECONDS])),
      memory: { heapUsed, external, rss },
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    collections = {};
    delays.reset();
  }, EVERY_MS).unref();
}

const { WAYMARK_BENCH_PAUSES } = process.env;
if (isMainThread && WAYMARK_BENCH_PAUSES !== undefined) watch(WAYMARK_BENCH_PAUSES);
