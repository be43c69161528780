import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Queryable } from '../storage/database.ts';
import { insertPiece, readPieces } from './address-layer-records.ts';

/** Small enough that the thread that answers calls is done with one in a few milliseconds. */
const PIECE_BYTES = 512 * 1024;

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** Stores a file piece by piece. */
export async function storeFile(
  db: Queryable,
  versionId: string,
  part: 'block' | 'digest',
  path: string,
  onPiece: () => void = () => undefined,
): Promise<void> {
  let number = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    await insertPiece(db, { versionId, part, number, bytes: await deflate(chunk as Buffer, { level: 1 }) });
    number += 1;
    onPiece();
  }
}

/** Writes what is stored to a file. */
export async function writeStored(
  db: Queryable,
  versionId: string,
  part: 'block' | 'digest',
  path: string,
): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    for await (const piece of readPieces(db, versionId, part)) await file.write(await inflate(piece));
  } finally {
    await file.close();
  }
}

/** Reads a stored block into memory; throws where it is not whole. */
export async function readStoredBlock(
  db: Queryable,
  versionId: string,
  { bytes, sha256 }: { bytes: number; sha256: string },
): Promise<Uint8Array> {
  const block = new Uint8Array(bytes);
  const hash = createHash('sha256');
  let at = 0;
  for await (const piece of readPieces(db, versionId, 'block')) {
    const plain = await inflate(piece);
    if (at + plain.length > bytes) break;
    block.set(plain, at);
    hash.update(plain);
    at += plain.length;
  }
  if (at !== bytes || hash.digest('hex') !== sha256)
    throw new Error(`address layer version ${versionId} is not whole in the database`);
  return block;
}
