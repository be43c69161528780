import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { NO_REST, type Rest } from '../support/rest.ts';
import { BLOCK_SECTIONS, type BoundaryBlock } from './boundary-block.ts';

type FileHandle = Awaited<ReturnType<typeof open>>;

/**
 * A packed layer as a file: magic, length of each section in bytes, the sections as they are in memory (of a machine that
 * writes numbers low bytes first), CRC-32 of all before it. Read and written piece by piece, between answers.
 */
const MAGIC = 0x424d_5731;
const NAMES = Object.keys(BLOCK_SECTIONS) as (keyof BoundaryBlock)[];
const HEAD_BYTES = 4 + NAMES.length * 8;
const PIECE_BYTES = 256 * 1024;
/** More than any layer takes; a length beyond it is damage. */
const MOST_BYTES = 2 ** 32;

function bytesOf(section: BoundaryBlock[keyof BoundaryBlock]): Uint8Array {
  return new Uint8Array(section.buffer, section.byteOffset, section.byteLength);
}

/** The block as pieces of a file. */
export function* blockPieces(block: BoundaryBlock, rest: Rest = NO_REST): Generator<Uint8Array> {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  for (const [place, name] of NAMES.entries()) head.writeDoubleLE(block[name].byteLength, 4 + place * 8);
  let checksum = crc32(head);
  yield head;
  const piece = Buffer.alloc(PIECE_BYTES);
  for (const name of NAMES) {
    const bytes = bytesOf(block[name]);
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      // Files are written from memory that is not shared.
      const length = Math.min(PIECE_BYTES, bytes.length - at);
      piece.set(bytes.subarray(at, at + length));
      checksum = crc32(piece.subarray(0, length), checksum);
      yield piece.subarray(0, length);
      rest();
    }
  }
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(checksum);
  yield tail;
}

function sectionOver(name: keyof BoundaryBlock, memory: SharedArrayBuffer): BoundaryBlock[keyof BoundaryBlock] {
  const Section: new (memory: SharedArrayBuffer) => BoundaryBlock[keyof BoundaryBlock] = BLOCK_SECTIONS[name];
  return new Section(memory);
}

async function readExactly(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at);
    if (bytesRead === 0) throw new Error('the file of a packed layer ends too early');
    at += bytesRead;
  }
}

/** Reads what `blockPieces` wrote. Throws when the file is damaged, or of another layout. */
export async function readBlockFile(path: string): Promise<BoundaryBlock> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    await readExactly(file, head);
    if (head.readUInt32LE(0) !== MAGIC) throw new Error('the file is no packed layer of this version');
    const lengths = NAMES.map((_, place) => head.readDoubleLE(4 + place * 8));
    const total = lengths.reduce((sum, length) => sum + length, HEAD_BYTES + 4);
    // Before any memory is taken: a damaged length may be anything.
    if (!(total <= MOST_BYTES) || total !== (await file.stat()).size) {
      throw new Error('the file of a packed layer is damaged: its lengths are not those of its sections');
    }
    let checksum = crc32(head);
    const piece = Buffer.alloc(PIECE_BYTES);
    const sections: Partial<Record<keyof BoundaryBlock, unknown>> = {};
    for (const [place, name] of NAMES.entries()) {
      const length = lengths[place] as number;
      const memory = new SharedArrayBuffer(length);
      const bytes = new Uint8Array(memory);
      for (let at = 0; at < length; at += PIECE_BYTES) {
        const part = piece.subarray(0, Math.min(PIECE_BYTES, length - at));
        await readExactly(file, part);
        checksum = crc32(part, checksum);
        bytes.set(part, at);
      }
      sections[name] = sectionOver(name, memory);
    }
    const tail = Buffer.alloc(4);
    await readExactly(file, tail);
    if (tail.readUInt32LE() !== checksum)
      throw new Error('the file of a packed layer is damaged: its checksum differs');
    return sections as BoundaryBlock;
  } finally {
    await file.close();
  }
}
