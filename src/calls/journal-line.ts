import { crc32 } from 'node:zlib';
import type { CallRecord } from '../domain/call-record.ts';

/** What a line of the journal says beside records: the database has this version; the essential alert went out. */
export type Mark = { kind: 'committed'; id: string; version: number } | { kind: 'alerted'; id: string };
export type Entry = { kind: 'call'; record: CallRecord } | Mark;

/** One line: CRC-32 of the JSON in eight hex digits, a space, the JSON. */
export function encodeLine(json: string): string {
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

/** undefined: torn by a crash, or changed since it was written. */
export function decodeLine(line: string): Entry | undefined {
  const json = line.slice(9);
  if (line.length < 11 || line[8] !== ' ' || Number.parseInt(line.slice(0, 8), 16) !== crc32(json)) return undefined;
  try {
    return JSON.parse(json) as Entry;
  } catch {
    return undefined;
  }
}
