import { Buffer } from 'node:buffer';
import type { SortOrder } from '../support/sort-order.ts';

/** Elements of one kind in the order of the wire map: ids of 32 hexadecimal digits each, and what is searched, one a line. */
export type SearchPage = { kind: string; count: number; ids: string; lines: string };

/** What is searched of a wire map, packed: 50 bytes an element, looked through as fast as memory is read. */
export type SearchTexts = {
  append(page: SearchPage): void;
  /**
   * Ids of the first elements whose text holds the needle, at most `limit`; of one kind, where told. By value: the first of each kind,
   * among which the first of all are.
   */
  find(needle: string, kind: string | undefined, limit: number, order: SearchOrder): string[];
  readonly count: number;
};

export type SearchOrder = SortOrder<'kind' | 'value'>;

const ID_BYTES = 16;
const FIRST_BYTES = 1 << 20;
const FIRST_COUNT = 1 << 15;

type Section = { kind: string; fromByte: number; toByte: number };

type Bytes = ReturnType<typeof Buffer.allocUnsafe>;

function roomFor(buffer: Bytes, length: number): Bytes {
  if (length <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(Math.max(length, buffer.length * 2));
  buffer.copy(larger);
  return larger;
}

/** The last place whose end lies at or before a byte, plus one: the line that the byte stands in. */
function lineAt(ends: Uint32Array, count: number, byte: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) <= byte) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createSearchTexts(): SearchTexts {
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let ids = Buffer.allocUnsafe(FIRST_COUNT * ID_BYTES);
  // Behind the line break of each line.
  let ends = new Uint32Array(FIRST_COUNT);
  let used = 0;
  let count = 0;
  const sections: Section[] = [];
  return {
    get count() {
      return count;
    },
    append(page) {
      const text = Buffer.from(`${page.lines}\n`, 'utf8');
      bytes = roomFor(bytes, used + text.length);
      ids = roomFor(ids, (count + page.count) * ID_BYTES);
      if (count + page.count > ends.length) {
        const longer = new Uint32Array((count + page.count) * 2);
        longer.set(ends);
        ends = longer;
      }
      text.copy(bytes, used);
      ids.write(page.ids, count * ID_BYTES, 'hex');
      const section = sections.at(-1);
      if (section?.kind === page.kind) section.toByte = used + text.length;
      else sections.push({ kind: page.kind, fromByte: used, toByte: used + text.length });
      for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) {
        ends[count] = used + at + 1;
        count += 1;
      }
      used += text.length;
    },
    find(needle, kind, limit, { by, isDescending }) {
      const wanted = Buffer.from(needle, 'utf8');
      const found: string[] = [];
      const isFull = (most: number): boolean => found.length >= most;
      const take = (line: number): number => found.push(ids.toString('hex', line * ID_BYTES, (line + 1) * ID_BYTES));
      const upwards = ({ fromByte, toByte }: Section, most: number): void => {
        const part = bytes.subarray(fromByte, toByte);
        for (let at = part.indexOf(wanted); at >= 0 && !isFull(most); ) {
          const line = lineAt(ends, count, fromByte + at);
          take(line);
          at = part.indexOf(wanted, (ends[line] ?? toByte) - fromByte);
        }
      };
      const downwards = ({ fromByte, toByte }: Section, most: number): void => {
        const part = bytes.subarray(fromByte, toByte);
        for (let at = part.lastIndexOf(wanted); at >= 0 && !isFull(most); ) {
          const line = lineAt(ends, count, fromByte + at);
          take(line);
          // What begins at the line break before it or later is none of an earlier line; below 0 is counted from the end.
          const before = (ends[line - 1] ?? 0) - 1 - fromByte;
          at = before < 0 ? -1 : part.lastIndexOf(wanted, before);
        }
      };
      const looked = sections.filter((section) => kind === undefined || kind === section.kind);
      for (const section of isDescending ? looked.reverse() : looked) {
        const most = by === 'value' ? found.length + limit : limit;
        if (isDescending) downwards(section, most);
        else upwards(section, most);
      }
      return found;
    },
  };
}
