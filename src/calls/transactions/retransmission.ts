import type { Clock } from '../../support/clock.ts';

/** Repeats `send` after `firstMs`, then doubling the interval up to `capMs`, until the returned function is called. */
export function startRetransmission(clock: Clock, firstMs: number, capMs: number, send: () => void): () => void {
  let intervalMs = firstMs;
  let cancel = clock.after(intervalMs, repeat);
  function repeat(): void {
    intervalMs = Math.min(intervalMs * 2, capMs);
    cancel = clock.after(intervalMs, repeat);
    send();
  }
  return () => cancel();
}
