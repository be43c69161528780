import { Worker } from 'node:worker_threads';
import type { Logger } from '../../support/logger.ts';
import type { MapScene } from './map-scene.ts';
import type { MapDrawn, MapOrder } from './map-worker.ts';

/** Draws maps beside everything else. */
export type MapThread = {
  /** Never rejects; undefined where the picture failed, took too long, or too many others wait. */
  draw(scene: MapScene): Promise<Uint8Array | undefined>;
  stop(): Promise<void>;
};

/** Some of 30 ms each: what waits behind more of them comes too late for its mail. */
const MAX_WAITING = 12;
/** A picture takes tens of milliseconds; what takes this long never ends. */
const HANGS_AFTER_MS = 5_000;
const MEMORY_MB = 96;

/** Packed, the sources are JavaScript. */
function workerScript(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./map-worker.${extension}`, import.meta.url);
}

type Waiting = { resolve: (png: Uint8Array | undefined) => void; timer: NodeJS.Timeout };

/** A thread that starts with the first picture; one that dies or hangs is replaced with the next. */
export function createMapThread(deps: { logger: Logger; script?: URL; hangsAfterMs?: number }): MapThread {
  const { logger, hangsAfterMs = HANGS_AFTER_MS, script = workerScript() } = deps;
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let isStopped = false;
  let number = 0;

  function settle(id: number, png: Uint8Array | undefined): void {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    clearTimeout(one.timer);
    one.resolve(png);
    // It holds up no end of the process while nobody waits for a picture.
    if (waiting.size === 0) worker?.unref();
  }

  function giveUp(lost: Worker, why: string): void {
    if (worker !== lost) return;
    worker = undefined;
    if (!isStopped) logger.warn({ why, waiting: waiting.size }, 'maps of mails are not drawn: mails go without');
    for (const id of waiting.keys()) settle(id, undefined);
    void lost.terminate();
  }

  function start(): Worker {
    // Nothing of the environment is needed to draw.
    const started = new Worker(script, {
      name: 'maps',
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    started.on('message', ({ id, png, fault }: MapDrawn) => {
      if (fault !== null) logger.warn({ err: fault }, 'a map of a mail could not be drawn');
      settle(id, png ?? undefined);
    });
    started.on('error', (error: Error) => giveUp(started, String(error)));
    started.on('exit', (code) => giveUp(started, `the thread ended with ${code}`));
    return started;
  }

  return {
    draw(scene) {
      if (isStopped || waiting.size >= MAX_WAITING) return Promise.resolve(undefined);
      worker ??= start();
      const used = worker;
      used.ref();
      const id = ++number;
      return new Promise((resolve) => {
        const timer = setTimeout(() => giveUp(used, `a picture took more than ${hangsAfterMs} ms`), hangsAfterMs);
        waiting.set(id, { resolve, timer });
        used.postMessage({ id, scene } satisfies MapOrder);
      });
    },
    async stop() {
      isStopped = true;
      const last = worker;
      worker = undefined;
      for (const id of waiting.keys()) settle(id, undefined);
      await last?.terminate();
    },
  };
}
