import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change } from '../storage/change-feed.ts';
import type { Database } from '../storage/database.ts';
import type { Snapshot } from '../storage/snapshot.ts';
import { writeFileAtomically } from '../support/atomic-file.ts';
import { errorText } from '../support/error-text.ts';
import type { Logger } from '../support/logger.ts';
import { selectActiveVersions } from './address-layer-records.ts';
import { type AddressLayers, createAddressLayers, prepareBlock } from './address-layers.ts';
import { type LayerBlock, openBlock } from './layer-block.ts';
import { readStoredBlock } from './layer-pieces.ts';
import type { LayerReport } from './read-address-layer.ts';

/** A layer in force: which version it is, and the bytes of its block by their hash. */
type InForce = { layer: string; versionId: string; sha256: string; bytes: number };

const INDEX = 'index.json';
const FORMAT = 1;
/** How long a change of layers may hold up what else changed. */
const PATIENCE_MS = 1_000;
const RETRY_MS = 2_000;

async function readBlockFile(path: string, { bytes, sha256 }: InForce): Promise<Uint8Array | undefined> {
  const block = new Uint8Array(bytes);
  const hash = createHash('sha256');
  let at = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      if (at + chunk.length > bytes) return undefined;
      block.set(chunk, at);
      hash.update(chunk);
      at += chunk.length;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return at === bytes && hash.digest('hex') === sha256 ? block : undefined;
}

/**
 * The address layers in memory (decision 17): blocks that are read where they lie, from files named by their hash. A change reads
 * only blocks that are not there yet; a switch puts all of them in place at once.
 */
export function createAddressLayerSnapshot(deps: {
  database: Database;
  logger: Logger;
  folder: string | undefined;
}): Snapshot<AddressLayers> {
  const { logger } = deps;
  const { db } = deps.database;
  const folder = deps.folder === undefined ? undefined : join(deps.folder, 'address-layers');
  const opened = new Map<string, LayerBlock>();
  const arriving = new Set<string>();
  let current = createAddressLayers([]);
  let inForce: InForce[] = [];
  let dirty = false;
  let isFromDatabase = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();

  const fileOf = (sha256: string): string => join(folder ?? '', `${sha256}.bin`);

  function use(next: InForce[], blocks: readonly LayerBlock[]): void {
    current = createAddressLayers(blocks);
    inForce = next;
    const used = new Set(next.map(({ sha256 }) => sha256));
    for (const sha256 of opened.keys()) if (!used.has(sha256)) opened.delete(sha256);
  }

  async function openOne(one: InForce): Promise<LayerBlock> {
    const known = opened.get(one.sha256);
    if (known) return known;
    const saved = folder === undefined ? undefined : await readBlockFile(fileOf(one.sha256), one);
    const bytes = saved ?? (await readStoredBlock(db, one.versionId, one));
    if (saved === undefined && folder !== undefined) {
      arriving.add(one.sha256);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(fileOf(one.sha256), bytes);
    }
    const block = openBlock(bytes);
    await prepareBlock(block);
    opened.set(one.sha256, block);
    arriving.delete(one.sha256);
    return block;
  }

  async function refresh(): Promise<void> {
    const rows = await selectActiveVersions(db);
    const next = rows.map(({ id, layer, report }): InForce => {
      const { sha256, bytes } = report as LayerReport;
      return { layer, versionId: id, sha256, bytes };
    });
    const blocks: LayerBlock[] = [];
    for (const one of next) {
      if (stopped) return;
      blocks.push(await openOne(one));
    }
    use(next, blocks);
    isFromDatabase = true;
    dirty = true;
  }

  /** Refreshing takes turns; what comes while one waits is done by the one that waits. */
  function refreshInTurn(): Promise<void> {
    turn = turn.then(refresh, refresh);
    return turn;
  }

  function retryLater(): void {
    if (retry !== undefined || stopped) return;
    retry = setTimeout(() => {
      retry = undefined;
      refreshInTurn().catch((error: unknown) => {
        logger.warn({ err: errorText(error) }, 'address layers could not be read; trying again');
        retryLater();
      });
    }, RETRY_MS);
    retry.unref();
  }

  return {
    name: 'address-layers',
    current: () => current,
    loadFromDatabase: refreshInTurn,
    async loadFromDisk() {
      if (folder === undefined) return false;
      try {
        const saved = JSON.parse(await readFile(join(folder, INDEX), 'utf8')) as { format: number; inForce: InForce[] };
        if (saved.format !== FORMAT) return false;
        const blocks: LayerBlock[] = [];
        for (const one of saved.inForce) {
          const bytes = await readBlockFile(fileOf(one.sha256), one);
          if (bytes === undefined) return false;
          const block = openBlock(bytes);
          await prepareBlock(block);
          blocks.push(block);
        }
        // A database that answered meanwhile knows better.
        if (isFromDatabase) return true;
        for (const [index, block] of blocks.entries()) opened.set(saved.inForce[index]?.sha256 ?? '', block);
        use(saved.inForce, blocks);
        return blocks.length > 0;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          logger.warn({ err: errorText(error) }, 'saved address layers cannot be used');
        }
        return false;
      }
    },
    async apply(changes: readonly Change[]) {
      if (!changes.some(({ kind }) => kind === 'address-layers')) return;
      const work = refreshInTurn();
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      work.catch((error: unknown) => {
        logger.warn({ err: errorText(error) }, 'address layers could not be read; trying again');
        retryLater();
      });
      try {
        await Promise.race([work, limit]);
      } finally {
        clearTimeout(timer);
      }
    },
    async save() {
      if (!dirty || folder === undefined) return;
      dirty = false;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const kept = inForce;
        await writeFileAtomically(join(folder, INDEX), JSON.stringify({ format: FORMAT, inForce: kept }));
        const names = new Set([INDEX, ...kept.map(({ sha256 }) => `${sha256}.bin`)]);
        for (const name of await readdir(folder)) {
          // What has just been written and is not in force yet stays.
          const sha256 = name.slice(0, 64);
          if (names.has(name) || opened.has(sha256) || arriving.has(sha256)) continue;
          await rm(join(folder, name), { force: true });
        }
      } catch (error) {
        dirty = true;
        throw error;
      }
    },
    stop() {
      stopped = true;
      clearTimeout(retry);
      return turn.catch((error: unknown) => logger.debug({ err: errorText(error) }, 'last read of address layers'));
    },
  };
}
