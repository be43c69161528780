/**
 * Loaded before every file of tests: a file whose tests are over ends. What a failed test left open would keep its process, and
 * with it the whole run, alive for ever; here it is named, and the file fails. So does one that ends before its tests are over, and one
 * whose tests are not over in half an hour: no test has a deadline where the file itself does not get to its end.
 */
import { after } from 'node:test';

const PATIENCE_MS = 30_000;
const MOST_MS = 1_800_000;

// Not in the process that starts the others, nor in those that tests start: they inherit what Node was told to load.
if (process.argv[1]?.endsWith('.test.ts') === true) {
  let isOver = false;
  const tooLong = setTimeout(() => {
    process.stderr.write(`tests are not over after ${MOST_MS / 60_000} minutes\n`);
    process.exit(1);
  }, MOST_MS).unref();
  process.on('exit', (code) => {
    if (isOver || code !== 0) return;
    process.stderr.write('ended before its tests were over\n');
    process.exitCode = 1;
  });
  after(() => {
    isOver = true;
    clearTimeout(tooLong);
    setTimeout(() => {
      process.stderr.write(`tests are over, still open: ${process.getActiveResourcesInfo().join(', ')}\n`);
      process.exit(1);
    }, PATIENCE_MS).unref();
  });
}
