import { hardwareNumber } from './hardware-number.ts';

/**
 * Finds the place of a key in a list. MAC addresses, which are most keys, take twelve bytes each in two sorted arrays and
 * cost the garbage collector nothing; every other key stands in a map.
 */
export type KeyTable = {
  /** -1 when the key is not in the list. */
  find(key: string): number;
  readonly size: number;
};

export function buildKeyTable(keys: readonly string[]): KeyTable {
  const others = new Map<string, number>();
  const places: number[] = [];
  const values: number[] = [];
  let sorted = true;
  for (const [place, key] of keys.entries()) {
    const value = hardwareNumber(key);
    if (value < 0) {
      others.set(key, place);
      continue;
    }
    sorted &&= value > (values.at(-1) ?? -1);
    places.push(place);
    values.push(value);
  }
  let order: Int32Array = Int32Array.from(places);
  let numbers: Float64Array = Float64Array.from(values);
  if (!sorted) {
    const byNumber = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
    order = Int32Array.from(byNumber, (at) => places[at] ?? -1);
    numbers = Float64Array.from(byNumber, (at) => values[at] ?? 0);
  }

  function findNumber(value: number): number {
    let low = 0;
    let high = numbers.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = numbers[middle] ?? 0;
      if (found === value) return order[middle] ?? -1;
      if (found < value) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  return {
    size: keys.length,
    find(key) {
      const value = hardwareNumber(key);
      return value < 0 ? (others.get(key) ?? -1) : findNumber(value);
    },
  };
}
