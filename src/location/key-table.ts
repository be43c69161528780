/**
 * Tables from keys to targets, packed into 32-bit words: nothing for the garbage collector to walk, the same bytes in memory,
 * in another thread and on disk. A key is found in one step of a hash table, however many there are.
 */

/** Texts one after the other as UTF-16, each with a number; grows as needed. */
export type KeyColumn = { units: Uint16Array; ends: Uint32Array; targets: Uint32Array; count: number };

export function createKeyColumn(): KeyColumn {
  return { units: new Uint16Array(64), ends: new Uint32Array(8), targets: new Uint32Array(8), count: 0 };
}

function grown(from: Uint32Array, least: number): Uint32Array {
  const larger = new Uint32Array(Math.max(least, Math.ceil(from.length * 1.5)));
  larger.set(from);
  return larger;
}

export function appendKey(column: KeyColumn, text: string, target: number): void {
  const start = column.count === 0 ? 0 : (column.ends[column.count - 1] ?? 0);
  const end = start + text.length;
  if (end > column.units.length) {
    const larger = new Uint16Array(Math.max(end, Math.ceil(column.units.length * 1.5)));
    larger.set(column.units);
    column.units = larger;
  }
  if (column.count === column.ends.length) {
    column.ends = grown(column.ends, 8);
    column.targets = grown(column.targets, 8);
  }
  for (let at = 0; at < text.length; at += 1) column.units[start + at] = text.charCodeAt(at);
  column.ends[column.count] = end;
  column.targets[column.count] = target;
  column.count += 1;
}

/** Numbers below 2^64 in two words, each with a target; grows as needed. */
export type NumberColumn = { highs: Uint32Array; lows: Uint32Array; targets: Uint32Array; count: number };

export function createNumberColumn(): NumberColumn {
  return { highs: new Uint32Array(8), lows: new Uint32Array(8), targets: new Uint32Array(8), count: 0 };
}

export function appendNumber(column: NumberColumn, high: number, low: number, target: number): void {
  if (column.count === column.highs.length) {
    column.highs = grown(column.highs, 8);
    column.lows = grown(column.lows, 8);
    column.targets = grown(column.targets, 8);
  }
  column.highs[column.count] = high;
  column.lows[column.count] = low;
  column.targets[column.count] = target;
  column.count += 1;
}

const LONGEST_CHUNK = 4_096;

function textOf(units: Uint16Array, start: number, end: number): string {
  if (end - start <= LONGEST_CHUNK) return String.fromCharCode(...units.subarray(start, end));
  return textOf(units, start, start + LONGEST_CHUNK) + textOf(units, start + LONGEST_CHUNK, end);
}

export function keyAt(column: KeyColumn, place: number): string {
  return textOf(column.units, place === 0 ? 0 : (column.ends[place - 1] ?? 0), column.ends[place] ?? 0);
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hashNumber(high: number, low: number, seed: number): number {
  return finish(Math.imul(low ^ seed, 0x9e3779b1) ^ Math.imul(high + seed, 0x85ebca77));
}

function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  return finish(hash);
}

function hashUnits(units: Uint16Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ (units[at] ?? 0), 16_777_619);
  return finish(hash);
}

/** Slots of a hash table for so many keys: at most three in four are taken. */
function slotsFor(count: number): number {
  let slots = 1;
  while (slots * 3 < count * 4) slots *= 2;
  return slots;
}

const HEAD = 2;

/** Words of a packed table of so many numbers. */
export function numbersLength({ count }: NumberColumn): number {
  return HEAD + slotsFor(count) + 3 * count;
}

/** Layout: count, slots, then the slots (place + 1; 0 = free), then high, low, target of every key; into empty words. */
export function packNumbers({ highs, lows, targets, count }: NumberColumn, words: Uint32Array, seed: number): void {
  const slots = slotsFor(count);
  words[0] = count;
  words[1] = slots;
  for (let place = 0, at = HEAD + slots; place < count; place += 1, at += 3) {
    const high = highs[place] ?? 0;
    const low = lows[place] ?? 0;
    let slot = hashNumber(high, low, seed) & (slots - 1);
    while (words[HEAD + slot] !== 0) slot = (slot + 1) & (slots - 1);
    words[HEAD + slot] = place + 1;
    words[at] = high;
    words[at + 1] = low;
    words[at + 2] = targets[place] ?? 0;
  }
}

/** Place of the number `high` * 2^32 + `low` in the table at `at`; -1 when it is not there. */
export function findNumber(words: Uint32Array, at: number, high: number, low: number, seed: number): number {
  const count = words[at] ?? 0;
  if (count === 0) return -1;
  const slots = words[at + 1] ?? 1;
  const keys = at + HEAD + slots;
  for (let slot = hashNumber(high, low, seed) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
    const place = (words[at + HEAD + slot] ?? 0) - 1;
    if (place < 0) return -1;
    if (words[keys + 3 * place + 1] === low && words[keys + 3 * place] === high) return place;
  }
}

export function numberCount(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}

/** One word of an entry: 0 = high, 1 = low, 2 = target. */
export function numberWord(words: Uint32Array, at: number, place: number, word: 0 | 1 | 2): number {
  return words[at + HEAD + (words[at + 1] ?? 1) + 3 * place + word] ?? 0;
}

function unitsOf({ count, ends }: KeyColumn): number {
  return count === 0 ? 0 : (ends[count - 1] ?? 0);
}

/** Words of a packed table of these texts. */
export function textsLength(column: KeyColumn): number {
  return HEAD + slotsFor(column.count) + 2 * column.count + Math.ceil(unitsOf(column) / 2);
}

/** Layout: count, slots, then the slots, then the end of every text in units, the targets, the units two to a word. */
export function packTexts(column: KeyColumn, words: Uint32Array, seed: number): void {
  const { count } = column;
  const slots = slotsFor(count);
  const head = HEAD + slots + 2 * count;
  words[0] = count;
  words[1] = slots;
  words.set(column.ends.subarray(0, count), HEAD + slots);
  words.set(column.targets.subarray(0, count), HEAD + slots + count);
  const units = column.units.subarray(0, unitsOf(column));
  new Uint16Array(words.buffer, words.byteOffset + head * 4, units.length).set(units);
  for (let place = 0, start = 0; place < count; place += 1) {
    const end = column.ends[place] ?? 0;
    let slot = hashUnits(column.units, start, end, seed) & (slots - 1);
    while (words[HEAD + slot] !== 0) slot = (slot + 1) & (slots - 1);
    words[HEAD + slot] = place + 1;
    start = end;
  }
}

/** Place of the text in the table at `at`; `units` are the same bytes as `words`. */
export function findText(words: Uint32Array, units: Uint16Array, at: number, text: string, seed: number): number {
  const count = words[at] ?? 0;
  if (count === 0) return -1;
  const slots = words[at + 1] ?? 1;
  const ends = at + HEAD + slots;
  const firstUnit = (ends + 2 * count) * 2;
  for (let slot = hashText(text, seed) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
    const place = (words[at + HEAD + slot] ?? 0) - 1;
    if (place < 0) return -1;
    const start = place === 0 ? 0 : (words[ends + place - 1] ?? 0);
    if ((words[ends + place] ?? 0) - start !== text.length) continue;
    let same = 0;
    while (same < text.length && units[firstUnit + start + same] === text.charCodeAt(same)) same += 1;
    if (same === text.length) return place;
  }
}

export function textCount(words: Uint32Array, at: number): number {
  return words[at] ?? 0;
}

export function textAt(words: Uint32Array, units: Uint16Array, at: number, place: number): string {
  const count = words[at] ?? 0;
  const ends = at + HEAD + (words[at + 1] ?? 1);
  const firstUnit = (ends + 2 * count) * 2;
  const start = place === 0 ? 0 : (words[ends + place - 1] ?? 0);
  return textOf(units, firstUnit + start, firstUnit + (words[ends + place] ?? 0));
}

export function textTarget(words: Uint32Array, at: number, place: number): number {
  const count = words[at] ?? 0;
  return words[at + HEAD + (words[at + 1] ?? 1) + count + place] ?? 0;
}
