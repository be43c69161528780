import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { ProblemError } from '../domain/problem.ts';
import { errorText } from '../support/error-text.ts';
import { type FileWindow, openFileWindow } from './file-window.ts';
import { damaged } from './layer.ts';

type Entry = { name: string; method: number; checksum: number; packed: number; unpacked: number; header: number };

const MOST_ENTRIES = 4_000;
const END_BYTES = 22;
const MOST_COMMENT = 65_535;
const IN_64 = 0xffff_ffff;

/** Unpacks an archive into `folder` and gives the names of its files. Nothing is written outside, and no more than `maxBytes`. */
export async function unpackZip(path: string, folder: string, maxBytes: number): Promise<string[]> {
  const file = openFileWindow(path, 'the archive');
  let entries: Entry[];
  try {
    entries = readDirectory(file);
  } finally {
    file.close();
  }
  const stated = entries.reduce((sum, { unpacked }) => sum + unpacked, 0);
  if (stated > maxBytes) throw tooLarge(maxBytes);
  let left = maxBytes;
  for (const entry of entries) {
    left -= await unpackEntry(path, entry, join(folder, entry.name), left, maxBytes);
  }
  return entries.map(({ name }) => name);
}

const tooLarge = (maxBytes: number): ProblemError =>
  new ProblemError('too-large', `the archive holds more than ${maxBytes} bytes`);

/** The directory at the end of an archive (APPNOTE 6.3 §4.3.12), also of the form for large files. */
function readDirectory(file: FileWindow): Entry[] {
  const tailLength = Math.min(file.size, END_BYTES + MOST_COMMENT);
  file.seek(file.size - tailLength);
  const tail = Buffer.from(file.take(tailLength));
  const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + END_BYTES > tail.length) throw damaged('the archive has no directory: it was cut off');
  let count = tail.readUInt16LE(end + 10);
  let start = tail.readUInt32LE(end + 16);
  if (count === 0xffff || start === IN_64) {
    const locator = end - 20;
    if (locator < 0 || tail.readUInt32LE(locator) !== 0x07064b50) throw damaged('the archive has no directory');
    file.seek(Number(tail.readBigUInt64LE(locator + 8)));
    const record = file.take(56);
    if (record.readUInt32LE(0) !== 0x06064b50) throw damaged('the archive has no directory');
    count = Number(record.readBigUInt64LE(32));
    start = Number(record.readBigUInt64LE(48));
  }
  if (count > MOST_ENTRIES) throw new ProblemError('too-large', `the archive holds more than ${MOST_ENTRIES} files`);
  file.seek(start);
  return Array.from({ length: count }, () => readEntry(file)).filter(({ name }) => isWanted(name));
}

function readEntry(file: FileWindow): Entry {
  const head = Buffer.from(file.take(46));
  if (head.readUInt32LE(0) !== 0x02014b50) throw damaged('the directory of the archive is not readable');
  const flags = head.readUInt16LE(8);
  const name = file.take(head.readUInt16LE(28)).toString((flags & 0x800) === 0 ? 'latin1' : 'utf8');
  const extra = Buffer.from(file.take(head.readUInt16LE(30)));
  file.take(head.readUInt16LE(32));
  const entry: Entry = {
    name,
    method: head.readUInt16LE(10),
    checksum: head.readUInt32LE(16),
    packed: head.readUInt32LE(20),
    unpacked: head.readUInt32LE(24),
    header: head.readUInt32LE(42),
  };
  widen(entry, extra);
  if ((flags & 1) !== 0) throw new ProblemError('invalid', 'the archive is encrypted');
  return entry;
}

/** Sizes beyond 32 bits stand in an extra field (APPNOTE 6.3 §4.5.3). */
function widen(entry: Entry, extra: Buffer): void {
  for (let at = 0; at + 4 <= extra.length; ) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) {
      let from = at + 4;
      for (const field of ['unpacked', 'packed', 'header'] as const) {
        if (entry[field] !== IN_64 || from + 8 > extra.length) continue;
        entry[field] = Number(extra.readBigUInt64LE(from));
        from += 8;
      }
    }
    at += 4 + length;
  }
}

/** Files, not folders; and none that would be written elsewhere. */
function isWanted(name: string): boolean {
  if (name.endsWith('/') || name.startsWith('__MACOSX/')) return false;
  const parts = name.split(/[/\\]/);
  if (/^[/\\]|^[A-Za-z]:|\0/.test(name) || parts.some((part) => part === '..' || part === '')) {
    throw damaged('the archive names a file outside of itself');
  }
  return true;
}

async function unpackEntry(
  path: string,
  entry: Entry,
  target: string,
  left: number,
  maxBytes: number,
): Promise<number> {
  const file = openFileWindow(path, 'the archive');
  let start: number;
  try {
    file.seek(entry.header);
    const head = file.take(30);
    if (head.readUInt32LE(0) !== 0x04034b50) throw damaged(`${entry.name} is not where the archive says`);
    start = entry.header + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
    if (start + entry.packed > file.size) throw damaged(`${entry.name} ends early`);
  } finally {
    file.close();
  }
  if (entry.method !== 0 && entry.method !== 8) {
    throw new ProblemError('invalid', `${entry.name} is packed by method ${entry.method}; use an ordinary zip`);
  }
  let bytes = 0;
  let checksum = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      checksum = crc32(chunk, checksum);
      if (bytes > left) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
  });
  try {
    mkdirSync(dirname(target), { recursive: true });
    const sink = createWriteStream(target, { flags: 'wx', mode: 0o600 });
    const source =
      entry.packed === 0 ? Readable.from([]) : createReadStream(path, { start, end: start + entry.packed - 1 });
    if (entry.method === 0 || entry.packed === 0) await pipeline(source, counter, sink);
    else await pipeline(source, createInflateRaw(), counter, sink);
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    throw damaged(`${entry.name} cannot be unpacked (${errorText(error)})`, error);
  }
  if (bytes !== entry.unpacked || checksum !== entry.checksum) throw damaged(`${entry.name} is not what was packed`);
  return bytes;
}
