import { Worker } from 'node:worker_threads';
import { ProblemError } from '../../domain/problem.ts';
import { type Clock, systemClock } from '../../support/clock.ts';
import { errorText } from '../../support/error-text.ts';
import type { Logger } from '../../support/logger.ts';
import type { SpeechReply, SpeechRequest } from './speech-worker.ts';

/** Text to speech, warm and off the event loop. */
export type Speech = {
  /**
   * Speaks English text; 16-bit linear, 8 kHz, mono, sentence after sentence. Throws ProblemError `too-large` (over 6000
   * characters), `too-many-requests` (queue full), `upstream-timeout` (deadline) or `unavailable` (synthesizer down).
   */
  speak(text: string, manner?: SpeakingManner): Promise<Int16Array>;
  /** Resolves once the synthesizer is loaded; speak may be called before. */
  ready: Promise<void>;
  close(): Promise<void>;
};

export type SpeakingManner = {
  isSlow?: boolean;
  /** What is needed later waits for what is needed sooner: the place in the announcement, 0 first. */
  order?: number;
  /** How long this may take in all; that of the synthesizer unless told. */
  deadlineMs?: number;
};

export type SpeechOptions = {
  logger: Pick<Logger, 'info' | 'warn'>;
  clock?: Clock;
  /** How long speak may take in all. */
  deadlineMs?: number;
  /** Sentences that may wait. */
  maxQueue?: number;
  /** Starts the thread; a test passes one that fails. */
  startWorker?: () => Worker;
};

const MAX_TEXT_LENGTH = 6000;
const MAX_SENTENCE_LENGTH = 400;
const MAX_CACHED_SAMPLES = 8_000_000;
const FIRST_RESTART_MS = 100;
const LAST_RESTART_MS = 10_000;

/** A sentence to be spoken, once for all who wait for it. */
type Job = SpeechRequest & {
  order: number;
  waiters: number;
  lostThreads: number;
  spoken: Promise<Int16Array>;
  resolve(pcm: Int16Array): void;
  reject(problem: ProblemError): void;
};

/**
 * Starts the speech thread. A thread that dies or hangs is replaced, and the sentence it had is tried once more: a sentence
 * that brings it down twice fails alone.
 */
export function createSpeech({
  logger,
  clock = systemClock,
  deadlineMs: usualDeadlineMs = 3000,
  maxQueue = 2000,
  startWorker = startSpeechWorker,
}: SpeechOptions): Speech {
  const cache = createSampleCache(MAX_CACHED_SAMPLES);
  const queue: Job[] = [];
  const unsettled = new Map<string, Job>();
  let worker: Worker | undefined;
  let idle = false;
  let current: Job | undefined;
  let nextId = 1;
  let restartMs = FIRST_RESTART_MS;
  let cancelWatchdog: (() => void) | undefined;
  let cancelRestart: (() => void) | undefined;
  let closed = false;
  let markReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    markReady = resolve;
  });

  function start(): void {
    const started = startWorker();
    worker = started;
    started.on('message', (reply: SpeechReply) => onReply(started, reply));
    started.on('error', (error: unknown) => onLost(started, errorText(error)));
    started.on('exit', (code) => onLost(started, `exit ${code}`));
    keepAliveWhileBusy();
  }

  /** A thread that loads or speaks keeps the process alive, an idle one does not. */
  function keepAliveWhileBusy(): void {
    if (idle && queue.length === 0) worker?.unref();
    else worker?.ref();
  }

  function onReply(from: Worker, reply: SpeechReply): void {
    if (from !== worker) return;
    if (reply.kind === 'ready') {
      logger.info({ loadMs: Math.round(reply.loadMs) }, 'speech ready');
      markReady();
    } else if (reply.id === current?.id) {
      restartMs = FIRST_RESTART_MS;
      const job = current;
      current = undefined;
      cancelWatchdog?.();
      if (reply.kind === 'spoken') job.resolve(reply.pcm);
      else job.reject(new ProblemError('unavailable', `speech failed: ${reply.reason}`));
    }
    idle = true;
    sendNext();
  }

  function onLost(from: Worker, reason: string): void {
    if (from !== worker || closed) return;
    logger.warn({ reason, restartMs }, 'speech thread lost');
    worker = undefined;
    idle = false;
    cancelWatchdog?.();
    const job = current;
    current = undefined;
    if (job && ++job.lostThreads === 1 && job.waiters > 0) queue.unshift(job);
    else job?.reject(new ProblemError('unavailable', `speech thread lost: ${reason}`));
    cancelRestart = clock.after(restartMs, start);
    restartMs = Math.min(2 * restartMs, LAST_RESTART_MS);
  }

  function sendNext(): void {
    const job = idle && worker ? queue.shift() : undefined;
    if (job && worker) {
      const asked = worker;
      current = job;
      idle = false;
      const request: SpeechRequest = { id: job.id, text: job.text, isSlow: job.isSlow };
      asked.postMessage(request);
      cancelWatchdog = clock.after(usualDeadlineMs, () => {
        onLost(asked, 'hangs');
        void asked.terminate();
      });
    }
    keepAliveWhileBusy();
  }

  /** One who waited goes; sentences that nobody waits for any more leave the queue. */
  function leave(jobs: readonly Job[]): void {
    for (const job of jobs) {
      job.waiters -= 1;
      const place = job.waiters === 0 ? queue.indexOf(job) : -1;
      if (place < 0) continue;
      queue.splice(place, 1);
      unsettled.delete(keyOf(job));
    }
    keepAliveWhileBusy();
  }

  function createJob(wanted: { text: string; isSlow: boolean; order: number }): Job {
    const { promise, resolve, reject } = Promise.withResolvers<Int16Array>();
    const job: Job = { ...wanted, id: nextId++, waiters: 0, lostThreads: 0, spoken: promise, resolve, reject };
    const key = keyOf(job);
    unsettled.set(key, job);
    promise.then(
      (pcm) => {
        unsettled.delete(key);
        cache.set(key, pcm);
      },
      // Those who wait hear of it themselves.
      () => unsettled.delete(key),
    );
    const later = queue.findIndex(({ order }) => order > job.order);
    queue.splice(later < 0 ? queue.length : later, 0, job);
    return job;
  }

  start();
  return {
    ready,
    async speak(text, { isSlow = false, order = 0, deadlineMs = usualDeadlineMs } = {}) {
      if (closed) throw new ProblemError('unavailable', 'speech is closing down');
      if (text.length > MAX_TEXT_LENGTH) throw new ProblemError('too-large', 'text to speak is over 6000 characters');
      const sentences = splitSentences(foldToAscii(text));
      if (queue.length + sentences.length > maxQueue) {
        throw new ProblemError('too-many-requests', 'too many sentences wait to be spoken');
      }
      const jobs: Job[] = [];
      const parts = sentences.map((sentence) => {
        const key = keyOf({ text: sentence, isSlow });
        const known = cache.get(key);
        if (known) return Promise.resolve(known);
        const job = unsettled.get(key) ?? createJob({ text: sentence, isSlow, order });
        job.waiters += 1;
        jobs.push(job);
        return job.spoken;
      });
      sendNext();
      const deadline = Promise.withResolvers<never>();
      const cancelDeadline = clock.after(deadlineMs, () => {
        deadline.reject(new ProblemError('upstream-timeout', `speech not ready within ${deadlineMs} ms`));
      });
      try {
        return join(await Promise.race([Promise.all(parts), deadline.promise]));
      } finally {
        cancelDeadline();
        leave(jobs);
      }
    },
    async close() {
      closed = true;
      cancelRestart?.();
      cancelWatchdog?.();
      markReady();
      const problem = new ProblemError('unavailable', 'speech is closing down');
      for (const job of [...queue.splice(0), ...(current ? [current] : [])]) job.reject(problem);
      current = undefined;
      await worker?.terminate();
    },
  };
}

/** What tells one piece of speech from another. */
function keyOf({ text, isSlow }: { text: string; isSlow: boolean }): string {
  return isSlow ? `slow ${text}` : text;
}

function startSpeechWorker(): Worker {
  // Packed, the sources are JavaScript.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`./speech-worker.${extension}`, import.meta.url), { name: 'speech' });
}

/** The synthesizer reads ASCII: accents go, typographic signs become plain, what has no Latin form is left out. */
function foldToAscii(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[øØ]/g, 'o')
    .replace(/[łŁ]/g, 'l')
    .replace(/ß/g, 'ss')
    .replace(/[‘’ʻ]/g, "'")
    .replace(/ *[–—] */g, ', ')
    .replace(/[\s]+/g, ' ')
    .replace(/[^ -~]/g, '');
}

function splitSentences(text: string): string[] {
  const sentences: string[] = [];
  for (let sentence of text.split(/(?<=[.!?]) +/)) {
    while (sentence.length > MAX_SENTENCE_LENGTH) {
      const space = sentence.lastIndexOf(' ', MAX_SENTENCE_LENGTH);
      const end = space > 0 ? space : MAX_SENTENCE_LENGTH;
      sentences.push(sentence.slice(0, end));
      sentence = sentence.slice(end);
    }
    sentences.push(sentence);
  }
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => /[a-z0-9]/i.test(sentence));
}

function join(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Sentences already spoken, bounded by the samples they hold; the longest unused goes first. */
function createSampleCache(capacity: number) {
  const entries = new Map<string, Int16Array>();
  let samples = 0;
  return {
    get(sentence: string): Int16Array | undefined {
      const pcm = entries.get(sentence);
      if (pcm) {
        entries.delete(sentence);
        entries.set(sentence, pcm);
      }
      return pcm;
    },
    set(sentence: string, pcm: Int16Array): void {
      if (entries.has(sentence) || pcm.length > capacity) return;
      entries.set(sentence, pcm);
      samples += pcm.length;
      for (const [oldest, { length }] of entries) {
        if (samples <= capacity) break;
        entries.delete(oldest);
        samples -= length;
      }
    },
  };
}
