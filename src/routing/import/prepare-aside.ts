import { type ChildProcess, fork } from 'node:child_process';
import { ProblemError } from '../../domain/problem.ts';
import type { BoundaryTask, PreparedBoundaries } from './prepare-boundaries.ts';
import type { PrepareNews } from './prepare-process.ts';

const MEMORY_MB = 3_072;
/** A file that keeps the process busy for longer is given up. */
const TIMEOUT_MS = 15 * 60_000;
const SAID_LAST = 2_000;

/** `prepareBoundaries` in a process of its own, with bounded time and memory; `onStart` is given the process, to end it early. */
export function prepareAside(
  task: BoundaryTask,
  {
    onProgress = () => undefined,
    onStart = () => undefined,
  }: { onProgress?: (percent: number) => void; onStart?: (child: ChildProcess) => void } = {},
): Promise<PreparedBoundaries> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./prepare-process.ts', import.meta.url), {
      execArgv: [`--max-old-space-size=${MEMORY_MB}`, '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    onStart(child);
    let said = '';
    let isLate = false;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LAST);
    });
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, TIMEOUT_MS);
    child.on('message', (news: PrepareNews) => {
      switch (news.kind) {
        case 'progress':
          onProgress(news.percent);
          return;
        case 'prepared':
          resolve(news.prepared);
          return;
        case 'problem':
          reject(new ProblemError(news.problem.kind, news.problem.detail, { fields: news.problem.fields }));
      }
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (isLate) reject(new ProblemError('too-large', 'the file takes too long to read'));
      else if (/heap out of memory|allocation failed/i.test(said)) {
        reject(new ProblemError('too-large', 'the file takes too much memory to read'));
      } else reject(new Error(`the process that reads boundaries ended with ${code ?? signal}: ${said}`));
    });
    child.send(task, (error) => {
      if (error) reject(error);
    });
  });
}
