/**
 * Loaded before every file of tests: a file whose tests are over ends. What a failed test left open would keep its process, and
 * with it the whole run, alive for ever; here it is named, and the file fails.
 */
import { after } from 'node:test';

const PATIENCE_MS = 30_000;

// Not in the process that starts the others, nor in those that tests start: they inherit what Node was told to load.
if (process.argv[1]?.endsWith('.test.ts') === true) {
  after(() => {
    setTimeout(() => {
      process.stderr.write(`tests are over, still open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      process.exit(1);
    }, PATIENCE_MS).unref();
  });
}
