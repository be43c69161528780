import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Database } from '../storage/database.ts';
import { createBreather } from '../support/breather.ts';
import { readBlockFile } from './block-file.ts';
import type { BoundaryBlock } from './boundary-block.ts';
import { packLayer } from './pack-layer.ts';
import type { PackNews, PackOrder } from './pack-process.ts';
import { outlineMemory, readOutlines, type WantedOutline } from './read-outlines.ts';
import { OutlinesChangedError, selectOutlines } from './routing-records.ts';

/** Reads and packs layers: small ones at once, large ones in a process that is started for the first of them. */
export type LayerPacker = {
  /**
   * Leaves the packed layer at `path` too, where that is given and the layer is large. Rejects with OutlinesChangedError when a
   * boundary is no longer there in the version that is wanted.
   */
  pack(wanted: readonly WantedOutline[], path: string | undefined): Promise<BoundaryBlock>;
  stop(): Promise<void>;
};

/** Bytes of outlines that are packed in some milliseconds. */
const FEW_BYTES = 8 * 1024;
const PAGE_ROWS = 250;
/** At its low priority, beside cores that calls keep busy, it may take a minute. */
const TIMEOUT_MS = 15 * 60_000;
const SAID_LAST = 2_000;

/** The process reads for itself where it can connect to the database: the bytes then never pass through this thread. */
export function createLayerPacker({ db, url }: Pick<Database, 'db' | 'url'>): LayerPacker {
  let child: ChildProcess | undefined;
  let ending: Promise<void> = Promise.resolve();
  let stopped = false;

  function requireGoingOn(): void {
    if (stopped) throw new Error('layers are no longer packed: the platform ends');
  }

  /**
   * Kept for the next layer: starting a process stops this one while its tables of memory are copied, for 20 ms when it is large.
   * One thread: each more would be one more that may run on until the kernel's next tick.
   */
  function start(): ChildProcess {
    const started = fork(new URL('./pack-process.ts', import.meta.url), {
      execArgv: [...process.execArgv, '--expose-gc', '--single-threaded'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    ending = new Promise((resolve) => {
      const end = (): void => {
        if (child === started) child = undefined;
        resolve();
      };
      started.once('close', end);
      // What has not started does not close either; whoever waits for news is told why.
      started.on('error', () => {
        if (started.pid === undefined) end();
      });
    });
    return started;
  }

  async function packAside(wanted: readonly WantedOutline[], path: string): Promise<void> {
    // The platform may have ended while the folder was made.
    requireGoingOn();
    const packing = (child ??= start());
    const isOver = new AbortController();
    keepsAlive(packing, true);
    try {
      const news = newsOf(packing, isOver.signal);
      // Its failure ends the telling too.
      await Promise.race([news, tell(packing, wanted, path)]);
      if ((await news).kind === 'outlines-changed') throw new OutlinesChangedError();
    } finally {
      isOver.abort();
      keepsAlive(packing, false);
    }
  }

  async function tell(packing: ChildProcess, wanted: readonly WantedOutline[], path: string): Promise<void> {
    const breathe = createBreather();
    await send(packing, { kind: 'begin' });
    for (let start = 0; start < wanted.length; start += PAGE_ROWS) {
      const page = wanted.slice(start, start + PAGE_ROWS);
      await send(packing, {
        kind: 'wanted',
        page: page.map(({ outlineBytes, sourceId, version }) => ({ sourceId, version, outlineBytes })),
      });
      await breathe();
    }
    if (url === undefined) {
      for await (const pieces of selectOutlines(db, wanted)) {
        requireGoingOn();
        for (const piece of pieces) await send(packing, { kind: 'piece', piece });
      }
    }
    await send(packing, { kind: 'pack', url, path });
  }

  return {
    async pack(wanted, path) {
      requireGoingOn();
      if (wanted.reduce((sum, { outlineBytes }) => sum + outlineBytes, 0) <= FEW_BYTES) {
        const outlines = outlineMemory(wanted);
        await readOutlines(db, wanted, outlines);
        return packLayer(outlines);
      }
      if (path !== undefined) {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await removeUnfinished(dirname(path));
        await packAside(wanted, path);
        return readBlockFile(path);
      }
      const folder = await mkdtemp(join(tmpdir(), 'waymark-layer-'));
      try {
        await packAside(wanted, join(folder, 'block'));
        return await readBlockFile(join(folder, 'block'));
      } finally {
        await rm(folder, { recursive: true });
      }
    },
    async stop() {
      stopped = true;
      if (child) {
        keepsAlive(child, true);
        child.kill('SIGKILL');
      }
      await ending;
    },
  };
}

function send(child: ChildProcess, order: PackOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(order, (error) => (error ? reject(error) : resolve()));
  });
}

/** What an event loop can wait for or not; a pipe is, though its type does not say so. */
type Waited = { ref(): unknown; unref(): unknown };

/** What a process left half written that was killed: layers are packed one after the other, so it is nobody's. */
async function removeUnfinished(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const [, pid] = /\.block\.(\d+)\.tmp$/.exec(file) ?? [];
    // The platform itself may be saving another layer.
    if (pid !== undefined && Number(pid) !== process.pid) await rm(join(folder, file), { force: true });
  }
}

/** Whether the platform waits for the process when it has nothing else to do. */
function keepsAlive(child: ChildProcess, isWorking: boolean): void {
  for (const one of [child, child.channel, child.stderr as Waited | null]) {
    if (isWorking) one?.ref();
    else one?.unref();
  }
}

/** What the process tells of the next layer, until `isOver`; rejects when it ends, or takes too long, without a word. */
function newsOf(child: ChildProcess, isOver: AbortSignal): Promise<PackNews> {
  const news = new Promise<PackNews>((resolve, reject) => {
    let said = '';
    const listen = (text: Buffer): void => {
      said = (said + text.toString()).slice(-SAID_LAST);
    };
    const end = (code: number | null, endedBy: string | null): void =>
      reject(new Error(`the process that packs boundaries ended with ${code ?? endedBy}: ${said}`));
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.stderr?.on('data', listen);
    child.once('message', resolve);
    child.once('error', reject);
    child.once('close', end);
    isOver.addEventListener('abort', () => {
      clearTimeout(timer);
      child.stderr?.off('data', listen);
      child.off('message', resolve).off('error', reject).off('close', end);
    });
  });
  // Heard in time or not: whoever waits for it hears it too.
  news.catch(() => undefined);
  return news;
}
