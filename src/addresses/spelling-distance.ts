/** Rows of the table, used by one call after the other: a search for a misspelt street asks a thousand times. */
let before = new Uint16Array(64);
let last = new Uint16Array(64);
let row = new Uint16Array(64);

/**
 * How many letters were missed, doubled, swapped with their neighbour or mistaken (optimal string alignment), or
 * `limit + 1` as soon as that is certain to be more than `limit`.
 */
export function spellingDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  if (b.length >= row.length) {
    before = new Uint16Array(b.length + 1);
    last = new Uint16Array(b.length + 1);
    row = new Uint16Array(b.length + 1);
  }
  for (let j = 0; j <= b.length; j += 1) last[j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    row[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const letter = a.charCodeAt(i - 1);
      const cost = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + (letter === b.charCodeAt(j - 1) ? 0 : 1),
        i > 1 && j > 1 && letter === b.charCodeAt(j - 2) && a.charCodeAt(i - 2) === b.charCodeAt(j - 1)
          ? (before[j - 2] ?? 0) + 1
          : Number.POSITIVE_INFINITY,
      );
      row[j] = cost;
      if (cost < least) least = cost;
    }
    if (least > limit) return limit + 1;
    const free = before;
    before = last;
    last = row;
    row = free;
  }
  return Math.min(last[b.length] ?? 0, limit + 1);
}
