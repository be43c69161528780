/**
 * Letters drawn as lines, for scale and north: a machine without fonts draws them too. Each is a list of lines of `x, y, …` on
 * a grid of 4 by 6, y downwards.
 */
const GLYPHS: Readonly<Record<string, readonly (readonly number[])[]>> = {
  '0': [[0, 0, 4, 0, 4, 6, 0, 6, 0, 0]],
  '1': [
    [1, 1, 2, 0, 2, 6],
    [1, 6, 3, 6],
  ],
  '2': [[0, 0, 4, 0, 4, 3, 0, 3, 0, 6, 4, 6]],
  '3': [
    [0, 0, 4, 0, 4, 6, 0, 6],
    [1, 3, 4, 3],
  ],
  '4': [
    [0, 0, 0, 3, 4, 3],
    [3, 0, 3, 6],
  ],
  '5': [[4, 0, 0, 0, 0, 3, 4, 3, 4, 6, 0, 6]],
  '6': [[4, 0, 0, 0, 0, 6, 4, 6, 4, 3, 0, 3]],
  '7': [[0, 0, 4, 0, 2, 6]],
  '8': [
    [0, 0, 4, 0, 4, 6, 0, 6, 0, 0],
    [0, 3, 4, 3],
  ],
  '9': [[4, 3, 0, 3, 0, 0, 4, 0, 4, 6, 0, 6]],
  N: [[0, 6, 0, 0, 4, 6, 4, 0]],
  f: [
    [4, 0, 2, 0, 2, 6],
    [1, 3, 4, 3],
  ],
  i: [
    [2, 2, 2, 6],
    [2, 0, 2, 0.6],
  ],
  k: [
    [0, 0, 0, 6],
    [3, 2, 0, 4, 3, 6],
  ],
  m: [
    [0, 6, 0, 2, 2, 2, 2, 6],
    [2, 2, 4, 2, 4, 6],
  ],
  t: [
    [2, 0, 2, 6, 4, 6],
    [1, 2, 4, 2],
  ],
};

const GRID_WIDTH = 4;
const GRID_HEIGHT = 6;
const GAP = 2;

/** Lines of a text in pixels, its upper left corner at 0, 0; letters that are not there are left out as spaces. */
export function strokeText(text: string, heightPixels: number): { lines: number[][]; widthPixels: number } {
  const scale = heightPixels / GRID_HEIGHT;
  const lines: number[][] = [];
  let left = 0;
  for (const letter of text) {
    for (const line of GLYPHS[letter] ?? []) {
      lines.push(line.map((value, index) => (index % 2 === 0 ? left + value : value) * scale));
    }
    left += GRID_WIDTH + GAP;
  }
  return { lines, widthPixels: Math.max(0, left - GAP) * scale };
}
