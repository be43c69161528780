import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { lowerEngineThreads } from './lower-priority.ts';

/**
 * Where the process has one core, the thread that answers calls collects what is young by itself, and one thread of the engine marks
 * what is old, when that one lets it (decision 90). The engine would divide the work among four threads more, whatever cores there
 * are: on one they only stand in line before it, and what they do together takes as long.
 */
export function collectAloneOnOneCore(): void {
  if (availableParallelism() > 1) return;
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--concurrent-marking-max-worker-num=1');
  lowerEngineThreads();
}
