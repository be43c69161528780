import type { Clock } from '../../support/clock.ts';

/** What work comes to, or a rejection when it has not ended by then: a database that is silent is as good as away. */
export async function inTime<Result>(clock: Clock, limitMs: number, work: Promise<Result>): Promise<Result> {
  let cancel = (): void => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(limitMs, () => reject(new Error(`no answer within ${limitMs} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
