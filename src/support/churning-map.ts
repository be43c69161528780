/**
 * A map for what comes and goes all the time, like calls. The engine makes the table of a `Map` anew after so many additions and
 * removals; the old table keeps the entries that it had, and leads to the new one. Once one table was moved among old objects, each
 * later one is taken for alive by the collections of what is young, with all that it ever held, until the whole heap is collected.
 * So values stand beside the table here, in slots that are cleared; what an old table keeps is keys and numbers.
 * Iterates in the order in which the keys were added.
 */
export class ChurningMap<Key extends string | number, Value> {
  readonly #slots = new Map<Key, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  has(key: Key): boolean {
    return this.#slots.has(key);
  }

  set(key: Key, value: Value): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length;
      this.#slots.set(key, slot);
    }
    this.#values[slot] = value;
  }

  delete(key: Key): boolean {
    const slot = this.#slots.get(key);
    if (slot === undefined) return false;
    this.#slots.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  clear(): void {
    this.#slots.clear();
    this.#values.length = 0;
    this.#free.length = 0;
  }

  keys(): MapIterator<Key> {
    return this.#slots.keys();
  }

  *values(): Generator<Value> {
    for (const slot of this.#slots.values()) yield this.#values[slot] as Value;
  }

  *[Symbol.iterator](): Generator<[Key, Value]> {
    for (const [key, slot] of this.#slots) yield [key, this.#values[slot] as Value];
  }
}
