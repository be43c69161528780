import { fork } from 'node:child_process';
import { fromProblemMessage, ProblemError } from '../../domain/problem.ts';
import type { BoundaryTask, PrepareBoundaries, PreparedBoundaries, PrepareOptions } from './prepare-boundaries.ts';
import type { PrepareNews } from './prepare-process.ts';

const MEMORY_MB = 3_072;
/** A file that keeps the process busy for longer is given up. */
const TIMEOUT_MS = 15 * 60_000;
const SAID_LAST = 2_000;

/** `prepareBoundaries` in a process of its own, with bounded time and memory, that knows no more of the environment than it is given. */
export function createPrepareAside(env: Readonly<Record<string, string>>): PrepareBoundaries {
  return (task, options) => prepareAside(env, task, options);
}

function prepareAside(
  env: Readonly<Record<string, string>>,
  task: BoundaryTask,
  { onProgress = () => undefined, signal }: PrepareOptions = {},
): Promise<PreparedBoundaries> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./prepare-process.ts', import.meta.url), {
      execArgv: [`--max-old-space-size=${MEMORY_MB}`, '--disable-warning=ExperimentalWarning'],
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      detached: true,
    });
    /** With whatever it has started. */
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    };
    signal?.addEventListener('abort', end, { once: true });
    let said = '';
    let isLate = false;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LAST);
    });
    const timer = setTimeout(() => {
      isLate = true;
      end();
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
          reject(fromProblemMessage(news.problem));
      }
    });
    child.once('error', reject);
    child.once('close', (code, endedBy) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(new ProblemError('unavailable', 'the platform ends'));
      else if (isLate) reject(new ProblemError('too-large', 'the file takes too long to read'));
      else if (/heap out of memory|allocation failed/i.test(said)) {
        reject(new ProblemError('too-large', 'the file takes too much memory to read'));
      } else reject(new Error(`the process that reads boundaries ended with ${code ?? endedBy}: ${said}`));
    });
    child.send(task, (error) => {
      if (error) reject(error);
    });
  });
}
