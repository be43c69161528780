import { type IpVersion, WORDS_OF } from './ip-words.ts';

/**
 * Ranges of IP addresses, searched by binary search over disjoint segments that were worked out when the table was built.
 *
 * Of several ranges that hold an address the one that starts last wins, of those that start together the one that ends
 * first. CIDR blocks are nested or apart, so for them this is the longest prefix, compared as numbers.
 */
export type RangeTable = {
  /** Place in the list given to the builder, of the winner for the address in `words`; -1 when no range holds it. */
  find(words: Uint32Array): number;
  /** The range that would win were the winner not there; -1 when there is none. */
  findRunnerUp(words: Uint32Array): number;
  readonly size: number;
};

function compare(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, width: number): number {
  for (let word = 0; word < width; word += 1) {
    const difference = (a[aAt + word] ?? 0) - (b[bAt + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Writes the address after `from` to `to`; false when `from` is the last address there is. */
function successor(from: Uint32Array, fromAt: number, to: Uint32Array, width: number): boolean {
  let carry = 1;
  for (let word = width - 1; word >= 0; word -= 1) {
    const sum = (from[fromAt + word] ?? 0) + carry;
    to[word] = sum;
    carry = sum > 0xffffffff ? 1 : 0;
  }
  return carry === 0;
}

/** `firsts` and `lasts` hold the ends of each range, inclusive, WORDS_OF[version] words each. */
export function buildRangeTable(version: IpVersion, firsts: Uint32Array, lasts: Uint32Array): RangeTable {
  const width = WORDS_OF[version];
  const size = firsts.length / width;
  const starts = new Uint32Array((2 * size + 1) * width);
  const winners = new Int32Array(2 * size + 1);
  const runnersUp = new Int32Array(2 * size + 1);
  let segments = 0;

  const order = Array.from({ length: size }, (_, place) => place).sort(
    (a, b) =>
      compare(firsts, a * width, firsts, b * width, width) || compare(lasts, b * width, lasts, a * width, width),
  );
  // The open ranges, the one that started last on top; ranges that ended below the top are dropped when they surface.
  const open: number[] = [];
  const boundary = new Uint32Array(width);

  function emit(at: Uint32Array, atOffset: number): void {
    if (segments > 0 && compare(starts, (segments - 1) * width, at, atOffset, width) === 0) segments -= 1;
    for (let word = 0; word < width; word += 1) starts[segments * width + word] = at[atOffset + word] ?? 0;
    winners[segments] = open.at(-1) ?? -1;
    let below = open.length - 2;
    while (below >= 0 && compare(lasts, (open[below] ?? 0) * width, at, atOffset, width) < 0) below -= 1;
    runnersUp[segments] = below < 0 ? -1 : (open[below] ?? -1);
    segments += 1;
  }

  /** Ends the open ranges that end before `next` (all of them without), telling what holds after each. */
  function closeBefore(next: number | undefined): void {
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      if (next !== undefined && compare(lasts, top * width, firsts, next * width, width) >= 0) return;
      open.pop();
      if (!successor(lasts, top * width, boundary, width)) {
        open.length = 0;
        return;
      }
      for (let below = open.at(-1); below !== undefined; below = open.at(-1)) {
        if (compare(lasts, below * width, boundary, 0, width) >= 0) break;
        open.pop();
      }
      emit(boundary, 0);
    }
  }

  for (const range of order) {
    closeBefore(range);
    open.push(range);
    emit(firsts, range * width);
  }
  closeBefore(undefined);

  function segmentOf(words: Uint32Array): number {
    let low = 0;
    let high = segments - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (compare(starts, middle * width, words, 0, width) <= 0) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  return {
    size,
    find(words) {
      return winners[segmentOf(words)] ?? -1;
    },
    findRunnerUp(words) {
      const range = runnersUp[segmentOf(words)] ?? -1;
      // It may have ended inside the segment.
      return range >= 0 && compare(lasts, range * width, words, 0, width) >= 0 ? range : -1;
    },
  };
}
