import { randomInt } from 'node:crypto';

/**
 * Which keys a file has named so far, on which line and with what. Of a key only 64 bits of two seeded hashes are kept, so
 * that a million of them take some 40 MB: two keys of one file look the same once in thirty million files of a million rows,
 * and then the second is told as an error, not lost.
 */
export type SeenKeys = {
  /** Where the key was named before, and whether with the same content; undefined when this is the first time. */
  add(key: string, content: string, line: number): { line: number; isSame: boolean } | undefined;
};

const SEEDS = 2 ** 32;
const WORDS = 4;

function hash(text: string, seed: number): number {
  let mixed = seed;
  for (let at = 0; at < text.length; at += 1) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x0100_0193);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export function createSeenKeys(): SeenKeys {
  const seeds = [randomInt(SEEDS), randomInt(SEEDS), randomInt(SEEDS)] as const;
  let slots = 1_024;
  // Two hashes of the key, one of the content, the line; a line of 0 is a free slot.
  let table = new Uint32Array(slots * WORDS);
  let count = 0;

  function place(into: Uint32Array, size: number, first: number, second: number): number {
    for (let slot = first & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      const at = slot * WORDS;
      if (into[at + 3] === 0 || (into[at] === first && into[at + 1] === second)) return at;
    }
  }

  function grow(): void {
    const larger = new Uint32Array(slots * 2 * WORDS);
    for (let at = 0; at < table.length; at += WORDS) {
      if (table[at + 3] === 0) continue;
      larger.set(table.subarray(at, at + WORDS), place(larger, slots * 2, table[at] ?? 0, table[at + 1] ?? 0));
    }
    table = larger;
    slots *= 2;
  }

  return {
    add(key, content, line) {
      const [first, second, third] = [hash(key, seeds[0]), hash(key, seeds[1]), hash(content, seeds[2])];
      const at = place(table, slots, first, second);
      const earlier = table[at + 3] ?? 0;
      if (earlier !== 0) return { line: earlier, isSame: table[at + 2] === third };
      table.set([first, second, third, line], at);
      count += 1;
      if (count * 4 > slots * 3) grow();
      return undefined;
    },
  };
}
