/**
 * Takes numbers one by one into memory that grows, and gives them as one shared section. All of it is shared memory: the engine
 * does not count that as its own, and does not collect its heap again and again because much of it is at work.
 */
export class GrowingWords {
  words = sharedInt32(1_024);
  length = 0;

  push(value: number): void {
    if (this.length === this.words.length) this.grow(this.length * 2);
    this.words[this.length++] = value;
  }

  /** Makes room and gives its place. */
  reserve(count: number): number {
    const place = this.length;
    this.length += count;
    while (this.length > this.words.length) this.grow(this.words.length * 2);
    return place;
  }

  grow(length: number): void {
    const larger = sharedInt32(length);
    larger.set(this.words);
    this.words = larger;
  }

  uint32(): Uint32Array {
    const section = sharedUint32(this.length);
    section.set(this.words.subarray(0, this.length));
    return section;
  }

  int32(): Int32Array {
    const section = sharedInt32(this.length);
    section.set(this.words.subarray(0, this.length));
    return section;
  }
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

export function sharedUint32(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}
