import { type JobWithMetadata, PgBoss } from 'pg-boss';
import { ProblemError } from '../../domain/problem.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { Clock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import { newId } from '../../support/ids.ts';
import type { Logger } from '../../support/logger.ts';
import type { AlertMessage } from '../alert-message.ts';
import { JOB_SCHEMA, jobStatementsIn, selectActiveJobIds } from './job-records.ts';

/** Alerts stand in a queue of their own, so that no other mail is before them. */
export const MESSAGE_QUEUES = ['call-alerts', 'mails'] as const;
export type MessageQueueName = (typeof MESSAGE_QUEUES)[number];

/** One attempt at a mail; `isLast` when no other will follow it. */
export type MessageAttempt = { id: string; retryCount: number; mail: AlertMessage; isLast: boolean };

export type RetryPolicy = { retries: number; firstDelaySeconds: number; maxDelaySeconds: number };

/** About two hours of attempts: seconds apart at first, five minutes apart at the end. */
const RETRY_POLICY: RetryPolicy = { retries: 30, firstDelaySeconds: 2, maxDelaySeconds: 300 };

// Longer than any attempt can take: after it, a job whose process died is given to another.
const ATTEMPT_EXPIRES_SECONDS = 30;
// Finished jobs are of no further use: receipts tell what was sent. A mail may hold a one-time link.
const FORGET_FINISHED_SECONDS = 3_600;
const SUPERVISE_SECONDS = 5;
const RESTART_DELAY_MS = 1_000;
const STOP_TIMEOUT_MS = 5_000;

/** Durable mail jobs (pg-boss) on either database engine. */
export type MessageQueue = {
  /** Starts as soon as the database answers and goes on trying until then. `onReady` runs once. */
  start(onReady: () => void): void;
  ready(): boolean;
  /** Adds jobs in the caller's transaction. Problem `unavailable` before the queue is ready. */
  enqueue(
    tx: Transaction,
    queue: MessageQueueName,
    mails: readonly AlertMessage[],
    delaySeconds?: number,
  ): Promise<void>;
  take(queue: MessageQueueName, max: number): Promise<MessageAttempt[]>;
  complete(queue: MessageQueueName, attempt: MessageAttempt): Promise<void>;
  fail(queue: MessageQueueName, attempt: MessageAttempt, message: string): Promise<void>;
  stop(): Promise<void>;
};

export function createMessageQueue(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  retryPolicy?: RetryPolicy;
}): MessageQueue {
  const { database, clock, logger } = deps;
  const retryPolicy = deps.retryPolicy ?? RETRY_POLICY;
  let boss: PgBoss | undefined;
  let stopped = false;
  let cancelRestart: (() => void) | undefined;
  let starting: Promise<void> | undefined;
  let complained = false;

  function createBoss(): PgBoss {
    const next = new PgBoss({
      db: { executeSql: (text, values) => database.executeSql(text, values) },
      backend: database.engine === 'embedded' ? 'pglite' : 'postgres',
      schema: JOB_SCHEMA,
      schedule: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
      maintenanceIntervalSeconds: 600,
      flowIntervalSeconds: 3_600,
      // Rebuilding concurrently needs a second session, which the embedded engine has not.
      reindex: database.engine === 'postgres',
      monitorVacuum: database.engine === 'postgres',
    });
    next.on('error', (error) => logger.debug({ err: errorText(error) }, 'mail queue upkeep failed'));
    next.on('warning', (warning) => logger.warn({ data: warning.data }, `mail queue: ${warning.message}`));
    return next;
  }

  async function prepare(next: PgBoss): Promise<void> {
    await next.start();
    for (const queue of MESSAGE_QUEUES) {
      const options = {
        retryLimit: retryPolicy.retries,
        retryDelay: retryPolicy.firstDelaySeconds,
        retryBackoff: true,
        retryDelayMax: retryPolicy.maxDelaySeconds,
        expireInSeconds: ATTEMPT_EXPIRES_SECONDS,
        deleteAfterSeconds: FORGET_FINISHED_SECONDS,
      };
      await next.createQueue(queue, options);
      await next.updateQueue(queue, options);
      // pg-boss asks once what it knows of a queue; inside a transaction that question would wait for the only session.
      await next.findJobs(queue, { id: newId() });
      if (database.engine === 'embedded') await takeBackActive(next, queue);
    }
  }

  /** Nobody else uses an embedded database: what is active at start belonged to a process that died. */
  async function takeBackActive(next: PgBoss, queue: MessageQueueName): Promise<void> {
    const ids = await selectActiveJobIds(database, queue);
    if (ids.length === 0) return;
    await next.fail(queue, ids, { message: 'the process ended during this attempt' });
    logger.info({ queue, jobs: ids.length }, 'mail jobs of an earlier process are taken up again');
  }

  async function startOnce(onReady: () => void): Promise<void> {
    const next = createBoss();
    try {
      await prepare(next);
    } catch (error) {
      if (!complained) logger.warn({ err: errorText(error) }, 'the mail queue waits for the database');
      complained = true;
      await next.stop({ graceful: false }).catch((stopError: unknown) => {
        logger.debug({ err: errorText(stopError) }, 'ending a mail queue that did not start');
      });
      if (!stopped) cancelRestart = clock.after(RESTART_DELAY_MS, () => start(onReady));
      return;
    }
    if (stopped) {
      await next.stop({ graceful: false });
      return;
    }
    boss = next;
    logger.info('mail queue ready');
    onReady();
  }

  function start(onReady: () => void): void {
    starting = startOnce(onReady).catch((error: unknown) => {
      logger.error({ err: errorText(error) }, 'the mail queue could not be started');
    });
  }

  function running(): PgBoss {
    if (!boss) {
      throw new ProblemError('unavailable', 'mail jobs cannot be stored yet: the queue is starting', {
        retryAfterSeconds: 1,
      });
    }
    return boss;
  }

  return {
    start,
    ready: () => boss !== undefined,
    async enqueue(tx, queue, mails, delaySeconds = 0) {
      if (mails.length === 0) return;
      const startAfter = delaySeconds > 0 ? { startAfter: new Date(clock.nowMs() + delaySeconds * 1_000) } : {};
      await running().insert(
        queue,
        mails.map((mail) => ({ data: mail, ...startAfter })),
        { db: jobStatementsIn(tx) },
      );
    },
    async take(queue, max) {
      const jobs: JobWithMetadata<AlertMessage>[] = await running().fetch<AlertMessage>(queue, {
        batchSize: max,
        includeMetadata: true,
      });
      return jobs.map((job) => ({
        id: job.id,
        retryCount: job.retryCount,
        mail: job.data,
        isLast: job.retryCount >= job.retryLimit,
      }));
    },
    async complete(queue, { id, retryCount }) {
      await running().complete(queue, { id, retryCount });
    },
    async fail(queue, { id, retryCount }, message) {
      await running().fail(queue, { id, retryCount }, { message });
    },
    async stop() {
      stopped = true;
      cancelRestart?.();
      await starting;
      await boss?.stop({ graceful: false, timeout: STOP_TIMEOUT_MS });
      boss = undefined;
    },
  };
}
