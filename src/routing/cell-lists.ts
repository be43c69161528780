import { GrowingWords } from './growing-words.ts';

/** Short lists of numbers, each kept once: its length, then the numbers. Found again without a text for each. */
export class CellLists {
  /** Place 0 stands for "too much to list". */
  readonly words = new GrowingWords();
  /** Places of the lists by their hashes, each in the first free slot from there on; 0 is a free slot. */
  #slots = new Int32Array(1_024);
  #count = 0;

  constructor() {
    this.words.push(0);
  }

  /** The place of the list of the first `count` numbers of `entries`; 0 when it is not kept. */
  find(entries: Int32Array, count: number): number {
    return this.#slots[this.#slotOf(entries, 0, count)] as number;
  }

  /** Keeps a list that is not kept yet, and gives its place. */
  add(entries: Int32Array, count: number): number {
    const place = this.words.reserve(count + 1);
    const { words } = this.words;
    words[place] = count;
    for (let i = 0; i < count; i++) words[place + 1 + i] = entries[i] as number;
    this.#slots[this.#slotOf(entries, 0, count)] = place;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#widen();
    return place;
  }

  /** The slot of a list, or the free one where it belongs. */
  #slotOf(entries: Int32Array, from: number, count: number): number {
    const slots = this.#slots;
    const { words } = this.words;
    let hash = count;
    for (let i = from; i < from + count; i++) {
      hash = Math.imul(hash ^ (entries[i] as number), 0x9e37_79b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & (slots.length - 1); ; slot = (slot + 1) & (slots.length - 1)) {
      const place = slots[slot] as number;
      if (place === 0) return slot;
      if (words[place] !== count) continue;
      let i = 0;
      while (i < count && words[place + 1 + i] === entries[from + i]) i++;
      if (i === count) return slot;
    }
  }

  #widen(): void {
    const former = this.#slots;
    this.#slots = new Int32Array(former.length * 2);
    for (const place of former) {
      if (place === 0) continue;
      const { words } = this.words;
      this.#slots[this.#slotOf(words, place + 1, words[place] as number)] = place;
    }
  }
}
