/** What became of the tests of a run. */
import type { TestsStream } from 'node:test';

export type Totals = { passed: number; failed: number; skipped: number };

/**
 * Adds to `total` while the run goes on. A suite counts where it was skipped, as its tests are then not told of, and where it failed by
 * itself: in a hook, or before it had tests. What Node takes for a failure without naming one is one, too.
 */
export function count(events: TestsStream, total: Totals): void {
  events.on('test:pass', ({ details, skip }) => {
    if (skip !== undefined && skip !== false) total.skipped += 1;
    else if (details.type !== 'suite') total.passed += 1;
  });
  events.on('test:fail', ({ details }) => {
    if (details.type !== 'suite' || failureType(details.error) !== 'subtestsFailed') total.failed += 1;
  });
  events.on('test:summary', ({ file, success }) => {
    if (file === undefined && !success && total.failed === 0) total.failed += 1;
  });
}

function failureType(error: Error): unknown {
  return 'failureType' in error ? error.failureType : undefined;
}
