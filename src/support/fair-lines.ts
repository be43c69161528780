/** What many have standing in line, taken out in turns of whom it is of. */
export type FairLines<Item> = {
  /**
   * Puts it at the end of the line of `who`; whoever has several `parts` has one turn for all, and those have it one after the
   * other. False: there is no room.
   */
  add(who: string, item: Item, part?: string, weight?: number): boolean;
  /** The next one, of whoever waits longest for a turn; undefined when nobody stands in line. */
  take(): Item | undefined;
  /** Items in all lines. */
  readonly waiting: number;
};

/** Weights in line, of one part, of one and of all together; without `ofPart` a part may take all the room of its owner. */
export type LineLimits = { readonly ofPart?: number; readonly ofOne: number; readonly ofAll: number };

type Entry<Item> = { readonly item: Item; readonly weight: number };
type Line<Item> = { weight: number; readonly parts: Map<string, Queue<Entry<Item>>> };

/** The engine moves all of a long array when its first element is taken: so the taken ones stay until they are the most. */
const TIDY_FROM = 256;

class Queue<Element> {
  #elements: (Element | undefined)[] = [];
  #first = 0;
  weight = 0;

  get length(): number {
    return this.#elements.length - this.#first;
  }

  push(element: Element): void {
    this.#elements.push(element);
  }

  shift(): Element | undefined {
    if (this.length === 0) return undefined;
    const element = this.#elements[this.#first];
    this.#elements[this.#first++] = undefined;
    if (this.#first >= TIDY_FROM && this.#first * 2 > this.#elements.length) {
      this.#elements = this.#elements.slice(this.#first);
      this.#first = 0;
    }
    return element;
  }
}

export function createFairLines<Item>(limits?: LineLimits): FairLines<Item> {
  const lines = new Map<string, Line<Item>>();
  let waiting = 0;
  let weightOfAll = 0;
  /** Goes on where it stopped: an iterator made anew would pass all that was deleted since the engine last tidied the map. */
  let round: MapIterator<[string, Line<Item>]> | undefined;

  function isFull(line: Line<Item>, queue: Queue<Entry<Item>>, weight: number): boolean {
    if (limits === undefined) return false;
    if (weightOfAll + weight > limits.ofAll || line.weight + weight > limits.ofOne) return true;
    return limits.ofPart !== undefined && queue.weight + weight > limits.ofPart;
  }

  function next(): [string, Line<Item>] | undefined {
    for (let again = 0; again < 2; again++) {
      round ??= lines.entries();
      const { value, done } = round.next();
      if (!done) return value;
      round = undefined;
    }
    return undefined;
  }

  function takeFrom(line: Line<Item>): Item | undefined {
    for (const [part, queue] of line.parts) {
      const entry = queue.shift();
      line.parts.delete(part);
      if (queue.length > 0) line.parts.set(part, queue);
      if (entry === undefined) continue;
      queue.weight -= entry.weight;
      line.weight -= entry.weight;
      weightOfAll -= entry.weight;
      waiting--;
      return entry.item;
    }
    return undefined;
  }

  return {
    add(who, item, part = '', weight = 1) {
      const line = lines.get(who) ?? { weight: 0, parts: new Map<string, Queue<Entry<Item>>>() };
      const queue = line.parts.get(part) ?? new Queue<Entry<Item>>();
      if (isFull(line, queue, weight)) return false;
      waiting++;
      weightOfAll += weight;
      line.weight += weight;
      queue.weight += weight;
      if (queue.length === 0) line.parts.set(part, queue);
      queue.push({ item, weight });
      if (!lines.has(who)) lines.set(who, line);
      return true;
    },
    take() {
      const found = next();
      if (found === undefined) return undefined;
      const [who, line] = found;
      const item = takeFrom(line);
      // At the end: whoever was served comes after those who were not.
      lines.delete(who);
      if (line.parts.size > 0) lines.set(who, line);
      if (waiting === 0) round = undefined;
      return item;
    },
    get waiting() {
      return waiting;
    },
  };
}
