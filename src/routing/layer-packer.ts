import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
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

/** Reads and packs layers: small ones at once, large ones in a process that ends with the work and gives its memory back. */
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
/** At the lowest priority beside a core that calls keep busy it may take minutes. */
const TIMEOUT_MS = 15 * 60_000;
const SAID_LAST = 2_000;

/** The process reads for itself where it can connect to the database: the bytes then never pass through this thread. */
export function createLayerPacker({ db, url }: Pick<Database, 'db' | 'url'>): LayerPacker {
  const children = new Set<ChildProcess>();
  const endings = new Set<Promise<void>>();
  let stopped = false;

  function requireGoingOn(): void {
    if (stopped) throw new Error('layers are no longer packed: the platform ends');
  }

  function start(): ChildProcess {
    const child = fork(new URL('./pack-process.ts', import.meta.url), {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    children.add(child);
    const ending = new Promise<void>((resolve) => {
      child.once('close', () => {
        children.delete(child);
        endings.delete(ending);
        resolve();
      });
    });
    endings.add(ending);
    return child;
  }

  async function packAside(wanted: readonly WantedOutline[], path: string): Promise<void> {
    const child = start();
    try {
      const news = newsOf(child);
      // Its failure ends the telling too.
      await Promise.race([news, tell(child, wanted, path)]);
      if ((await news).kind === 'outlines-changed') throw new OutlinesChangedError();
    } finally {
      if (child.exitCode === null) child.kill('SIGKILL');
    }
  }

  async function tell(child: ChildProcess, wanted: readonly WantedOutline[], path: string): Promise<void> {
    const breathe = createBreather();
    for (let start = 0; start < wanted.length; start += PAGE_ROWS) {
      await send(child, { kind: 'wanted', page: wanted.slice(start, start + PAGE_ROWS) });
      await breathe();
    }
    if (url === undefined) {
      for await (const pieces of selectOutlines(db, wanted)) {
        requireGoingOn();
        for (const piece of pieces) await send(child, { kind: 'piece', piece });
      }
    }
    await send(child, { kind: 'pack', url, path });
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
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(endings);
    },
  };
}

function send(child: ChildProcess, order: PackOrder): Promise<void> {
  return new Promise((resolve, reject) => {
    child.send(order, (error) => (error ? reject(error) : resolve()));
  });
}

/** What the process tells in the end; rejects when it ends, or takes too long, without a word. */
function newsOf(child: ChildProcess): Promise<PackNews> {
  const news = new Promise<PackNews>((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_LAST);
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.once('message', resolve);
    child.once('error', reject);
    child.once('close', (code, endedBy) => {
      clearTimeout(timer);
      reject(new Error(`the process that packs boundaries ended with ${code ?? endedBy}: ${said}`));
    });
  });
  // Heard in time or not: whoever waits for it hears it too.
  news.catch(() => undefined);
  return news;
}
