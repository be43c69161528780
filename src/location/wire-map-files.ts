import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../support/atomic-file.ts';
import { type ElementChange, isWireMapBlock } from './wire-map-block.ts';
import type { FoundRange } from './wire-map-index.ts';

/** Which revision of an organization's wire map something is of. */
export type RevisionName = { revision: number; revisionId: string };

/** A block as it is kept on disk, and the revision it is of. */
export type SavedBlock = RevisionName & { block: Uint32Array; ranges: readonly FoundRange[] };

/** What was laid over the block of `base` up to a later revision. */
export type SavedChanges = RevisionName & {
  base: RevisionName;
  changes: readonly ElementChange[];
  ranges: readonly FoundRange[];
};

/**
 * Wire maps on disk: one file of blocks, read straight into memory, and one of what changed since they were made. The
 * second names the blocks it belongs to; where they do not fit, the blocks count.
 */
export type WireMapFiles = {
  readBlocks(): Promise<Map<string, SavedBlock>>;
  readChanges(): Promise<Map<string, SavedChanges>>;
  writeBlocks(blocks: ReadonlyMap<string, SavedBlock>): Promise<void>;
  writeChanges(changes: ReadonlyMap<string, SavedChanges>): Promise<void>;
};

type Entry = RevisionName & { organizationId: string; ranges: readonly FoundRange[]; words: number };

const VERSION = 1;
const MAGIC = 0x574d_4631;
const HEAD_BYTES = 12;
const LARGEST_HEAD = 256 * 1024 * 1024;
const VIEWS_AT_ONCE = 256;

async function readExactly(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at);
    if (bytesRead === 0) throw new Error('the file ends too early');
    at += bytesRead;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

export function createWireMapFiles(folder: string): WireMapFiles {
  const blocksPath = join(folder, 'wire-map.bin');
  const changesPath = join(folder, 'wire-map-changes.json');

  async function readAll(file: Awaited<ReturnType<typeof open>>): Promise<Map<string, SavedBlock>> {
    const blocks = new Map<string, SavedBlock>();
    const head = Buffer.alloc(HEAD_BYTES);
    await readExactly(file, head);
    const length = head.readUInt32LE(8);
    if (head.readUInt32LE(0) !== MAGIC || head.readUInt32LE(4) !== VERSION || length > LARGEST_HEAD) return blocks;
    const text = Buffer.alloc(length);
    await readExactly(file, text);
    const { size } = await file.stat();
    let left = size - HEAD_BYTES - length;
    for (const { organizationId, words, ...entry } of JSON.parse(text.toString('utf8')) as Entry[]) {
      left -= words * 4;
      if (!(words >= 0) || left < 0) throw new Error('the file is shorter than it says');
      const block = new Uint32Array(new SharedArrayBuffer(words * 4));
      await readExactly(file, new Uint8Array(block.buffer));
      if (!isWireMapBlock(block)) throw new Error('a block of the file is damaged');
      blocks.set(organizationId, { ...entry, block });
    }
    return blocks;
  }

  return {
    async readBlocks() {
      try {
        const file = await open(blocksPath, 'r');
        try {
          return await readAll(file);
        } finally {
          await file.close();
        }
      } catch (error) {
        if (isMissing(error)) return new Map();
        throw error;
      }
    },
    async readChanges() {
      try {
        const saved = JSON.parse(await readFile(changesPath, 'utf8')) as {
          version: number;
          organizations: [string, SavedChanges][];
        };
        return new Map(saved.version === VERSION ? saved.organizations : []);
      } catch (error) {
        if (isMissing(error)) return new Map();
        throw error;
      }
    },
    async writeBlocks(blocks) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const entries: Entry[] = [];
      for (const [organizationId, { block, ranges, revision, revisionId }] of blocks) {
        entries.push({ organizationId, revision, revisionId, ranges, words: block.length });
      }
      const text = Buffer.from(JSON.stringify(entries));
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32LE(MAGIC, 0);
      head.writeUInt32LE(VERSION, 4);
      head.writeUInt32LE(text.length, 8);
      const temporary = `${blocksPath}.${process.pid}.tmp`;
      const file = await open(temporary, 'w', 0o600);
      try {
        let views: Uint8Array[] = [head, text];
        for (const { block } of blocks.values()) {
          views.push(new Uint8Array(block.buffer, block.byteOffset, block.byteLength));
          if (views.length < VIEWS_AT_ONCE) continue;
          await file.writev(views);
          views = [];
        }
        if (views.length > 0) await file.writev(views);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, blocksPath);
    },
    async writeChanges(changes) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFileAtomically(changesPath, JSON.stringify({ version: VERSION, organizations: [...changes] }));
    },
  };
}
