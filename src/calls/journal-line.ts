import { crc32 } from 'node:zlib';
import type { CallRecord } from '../domain/call-record.ts';

/** What a line of the journal says beside records: the database has this version; the essential alert went out. */
export type Mark = { kind: 'committed'; id: string; version: number } | { kind: 'alerted'; id: string };
export type Entry = { kind: 'call'; record: CallRecord } | Mark;

/**
 * One line: CRC-32 of its JSON in eight hex digits, a space, the JSON. In pieces, because the JSON of a record is large and stands in
 * the middle of that of its line: it is copied once, to where it is written from.
 */
export type JournalLine = {
  readonly head: string;
  readonly json: string;
  readonly tail: string;
  /** In bytes of UTF-8. */
  readonly bytes: number;
};

const RECORD_HEAD = '{"kind":"call","record":';
const RECORD_TAIL = '}';
const RECORD_HEAD_CRC = crc32(RECORD_HEAD);
const CRC_DIGITS = 8;

function line(crc: number, jsonHead: string, json: string, jsonTail: string): JournalLine {
  const head = `${crc.toString(16).padStart(CRC_DIGITS, '0')} ${jsonHead}`;
  const tail = `${jsonTail}\n`;
  // Both are ASCII.
  return { head, json, tail, bytes: head.length + Buffer.byteLength(json, 'utf8') + tail.length };
}

/** The line of a record, which is given as JSON. */
export function recordLine(json: string): JournalLine {
  const crc = crc32(RECORD_TAIL, crc32(json, RECORD_HEAD_CRC));
  return line(crc, RECORD_HEAD, json, RECORD_TAIL);
}

export function markLine(mark: Mark): JournalLine {
  const json = JSON.stringify(mark);
  return line(crc32(json), '', json, '');
}

/** The lines one after the other, as they are written. */
export function encodeLines(lines: readonly JournalLine[]): Buffer {
  const bytes = Buffer.allocUnsafe(lines.reduce((sum, one) => sum + one.bytes, 0));
  let at = 0;
  for (const { head, json, tail } of lines) {
    at += bytes.write(head, at, 'latin1');
    at += bytes.write(json, at, 'utf8');
    at += bytes.write(tail, at, 'latin1');
  }
  return bytes.subarray(0, at);
}

/** undefined: torn by a crash, or changed since it was written. */
export function decodeLine(text: string): Entry | undefined {
  const json = text.slice(CRC_DIGITS + 1);
  if (text.length < 11 || text[CRC_DIGITS] !== ' ' || Number.parseInt(text.slice(0, CRC_DIGITS), 16) !== crc32(json)) {
    return undefined;
  }
  try {
    return JSON.parse(json) as Entry;
  } catch {
    return undefined;
  }
}
