import { ChurningMap } from './churning-map.ts';

/** A map that forgets its oldest entry when it is full: caches keyed by what strangers send. */
export class BoundedMap<Key extends string | number, Value> {
  readonly #entries = new ChurningMap<Key, Value>();
  readonly #capacity: number;
  /**
   * Stands before the oldest entry while every new one displaces another: an iterator made anew would pass all that was
   * deleted since the engine last tidied the map. Not kept otherwise, for it would keep what the engine tidied away.
   */
  #oldest: MapIterator<Key> | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#capacity) this.#forgetOldest();
    else this.#oldest = undefined;
  }

  #forgetOldest(): void {
    this.#oldest ??= this.#entries.keys();
    const oldest = this.#oldest.next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  clear(): void {
    this.#oldest = undefined;
    this.#entries.clear();
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }
}
