import { createBreather } from './breather.ts';

/** Does work that pauses after every small step, and lets whoever waits for an answer go first whenever some of it took long. */
export async function runSteps<T>(steps: Generator<void, T>): Promise<T> {
  const breathe = createBreather();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await breathe();
  }
}

/** The same at one go, for where nobody waits. */
export function runStepsAtOnce<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
