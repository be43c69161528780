/**
 * Ranges of IP addresses in 32-bit words, searched by halves.
 *
 * Of several ranges that hold an address the one that starts last wins, of those that start together the one that ends
 * first. CIDR blocks are nested or apart, so for them this is the longest prefix, compared as numbers.
 *
 * Layout: count, leaves, the first and the last addresses of the ranges in order, their targets, then the inner nodes of a
 * tree over the ranges that leads to the one with the greatest end: so the ranges that ended before the address are passed
 * over without looking at each, and no choice of ranges makes a search long.
 */
import { type IpVersion, WORDS_OF } from './ip-words.ts';

const HEAD = 2;

/** Less than, equal to or greater than 0, as numbers compare. */
export function compareAddresses(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, width: number): number {
  for (let word = 0; word < width; word += 1) {
    const difference = (a[aAt + word] ?? 0) - (b[bAt + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `firsts` and `lasts` hold the ends of each range, inclusive, WORDS_OF[version] words each. */
export function packRanges(
  version: IpVersion,
  firsts: Uint32Array,
  lasts: Uint32Array,
  targets: ArrayLike<number>,
): Uint32Array {
  const width = WORDS_OF[version];
  const count = firsts.length / width;
  let leaves = 1;
  while (leaves < count) leaves *= 2;
  const firstsAt = HEAD;
  const lastsAt = firstsAt + count * width;
  const targetsAt = lastsAt + count * width;
  const treeAt = targetsAt + count;
  const words = new Uint32Array(treeAt + leaves);
  words[0] = count;
  words[1] = leaves;
  const order = Uint32Array.from({ length: count }, (_, place) => place).sort(
    (a, b) =>
      compareAddresses(firsts, a * width, firsts, b * width, width) ||
      compareAddresses(lasts, b * width, lasts, a * width, width),
  );
  for (const [at, place] of order.entries()) {
    words.set(firsts.subarray(place * width, (place + 1) * width), firstsAt + at * width);
    words.set(lasts.subarray(place * width, (place + 1) * width), lastsAt + at * width);
    words[targetsAt + at] = targets[place] ?? 0;
  }
  /** The range with the greatest end below a node, + 1; 0 = none. */
  const greatest = (node: number): number => {
    if (node >= leaves) return node - leaves < count ? node - leaves + 1 : 0;
    return words[treeAt + node] ?? 0;
  };
  for (let node = leaves - 1; node > 0; node -= 1) {
    const left = greatest(2 * node);
    const right = greatest(2 * node + 1);
    const rightWins =
      right > 0 &&
      (left === 0 ||
        compareAddresses(words, lastsAt + (right - 1) * width, words, lastsAt + (left - 1) * width, width) >= 0);
    words[treeAt + node] = rightWins ? right : left;
  }
  return words;
}

/** A packed table that stands at `at` in `words`; ranges are known by their place in its order. */
export type PackedRanges = {
  readonly count: number;
  /** The winner for an address, or the next one below the range `below`; -1 when there is none. */
  findLast(address: Uint32Array, below?: number): number;
  target(place: number): number;
  first(place: number): Uint32Array;
  last(place: number): Uint32Array;
};

export function openRanges(version: IpVersion, words: Uint32Array, at = 0): PackedRanges {
  const width = WORDS_OF[version];
  const count = words[at] ?? 0;
  const leaves = words[at + 1] ?? 1;
  const firstsAt = at + HEAD;
  const lastsAt = firstsAt + count * width;
  const targetsAt = lastsAt + count * width;
  const treeAt = targetsAt + count;

  function reaches(node: number, address: Uint32Array): boolean {
    const range = node >= leaves ? node - leaves : (words[treeAt + node] ?? 0) - 1;
    return range >= 0 && range < count && compareAddresses(words, lastsAt + range * width, address, 0, width) >= 0;
  }

  function lastStarted(address: Uint32Array, below: number): number {
    let low = 0;
    let high = below - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (compareAddresses(words, firstsAt + middle * width, address, 0, width) <= 0) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  return {
    count,
    findLast(address, below = count) {
      const started = lastStarted(address, below);
      if (started < 0) return -1;
      let node = leaves + started;
      while (!reaches(node, address)) {
        // Up and to the left, to the nearest ranges that started earlier.
        while (node > 1 && node % 2 === 0) node >>= 1;
        if (node <= 1) return -1;
        node -= 1;
      }
      while (node < leaves) node = reaches(2 * node + 1, address) ? 2 * node + 1 : 2 * node;
      return node - leaves;
    },
    target: (place) => words[targetsAt + place] ?? 0,
    first: (place) => words.subarray(firstsAt + place * width, firstsAt + (place + 1) * width),
    last: (place) => words.subarray(lastsAt + place * width, lastsAt + (place + 1) * width),
  };
}
