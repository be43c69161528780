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

/** The engine moves all of a long array when its first element is taken: so the taken ones stay until they are the most. */
const TIDY_FROM = 256;
/** An array that has been emptied and has had so many is not used again: of those that nobody needs there may be many. */
const EMPTIED_AT = 16;
/**
 * So many who have nothing in line are remembered, or as many as stand there: made anew for every item they would cost the garbage
 * collector more than the item. Of the parts of one it is fewer, because each of many may have them.
 */
const KEPT = { lines: 64, parts: 4 };

class Queue<Element> {
  #elements: (Element | undefined)[] = [];
  #first = 0;

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
    if (this.#first >= (this.length === 0 ? EMPTIED_AT : TIDY_FROM) && this.#first * 2 > this.#elements.length) {
      this.#elements = this.#elements.slice(this.#first);
      this.#first = 0;
    }
    return element;
  }
}

/** Members by name, and the order in which those that have something in line come to their turns. */
class Turns<Member extends { weight: number }> {
  readonly #members = new Map<string, Member>();
  readonly #order = new Queue<Member>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  get waiting(): number {
    return this.#order.length;
  }

  find(name: string): Member | undefined {
    return this.#members.get(name);
  }

  join(name: string, member: Member): Member {
    this.#members.set(name, member);
    return member;
  }

  putLast(member: Member): void {
    this.#order.push(member);
  }

  next(): Member | undefined {
    const member = this.#order.shift();
    const idle = this.#members.size - this.waiting;
    if (idle > Math.max(this.#kept, this.waiting)) this.#forgetIdle();
    return member;
  }

  #forgetIdle(): void {
    for (const [name, { weight }] of this.#members) if (weight === 0) this.#members.delete(name);
  }
}

/** What one of those in line has there, or a part of it. */
class Part<Item> {
  weight = 0;
  readonly entries = new Queue<Entry<Item>>();
}
class Line<Item> {
  weight = 0;
  readonly parts = new Turns<Part<Item>>(KEPT.parts);
}

export function createFairLines<Item>(limits?: LineLimits): FairLines<Item> {
  const lines = new Turns<Line<Item>>(KEPT.lines);
  let waiting = 0;
  let weightOfAll = 0;

  function isFull(weightOfLine: number, weightOfPart: number, weight: number): boolean {
    if (limits === undefined) return false;
    if (weightOfAll + weight > limits.ofAll || weightOfLine + weight > limits.ofOne) return true;
    return limits.ofPart !== undefined && weightOfPart + weight > limits.ofPart;
  }

  return {
    add(who, item, part = '', weight = 1) {
      const known = lines.find(who);
      const knownPart = known?.parts.find(part);
      if (isFull(known?.weight ?? 0, knownPart?.weight ?? 0, weight)) return false;
      const line = known ?? lines.join(who, new Line<Item>());
      const ofPart = knownPart ?? line.parts.join(part, new Part<Item>());
      if (line.parts.waiting === 0) lines.putLast(line);
      if (ofPart.entries.length === 0) line.parts.putLast(ofPart);
      ofPart.entries.push({ item, weight });
      waiting++;
      weightOfAll += weight;
      line.weight += weight;
      ofPart.weight += weight;
      return true;
    },
    take() {
      const line = lines.next();
      const ofPart = line?.parts.next();
      const entry = ofPart?.entries.shift();
      if (!line || !ofPart || !entry) return undefined;
      waiting--;
      weightOfAll -= entry.weight;
      line.weight -= entry.weight;
      ofPart.weight -= entry.weight;
      // At the end: whoever was served comes after those who were not.
      if (ofPart.entries.length > 0) line.parts.putLast(ofPart);
      if (line.parts.waiting > 0) lines.putLast(line);
      return entry.item;
    },
    get waiting() {
      return waiting;
    },
  };
}
