import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLORS = 256;
const PALETTE_TYPE = 3;

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** `#rrggbb` as a pixel has it. */
function pixelOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = Buffer.from(color.slice(1), 'hex');
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** The colours seen most, those of `meant` before others, and for every colour which of them is nearest. */
function choosePalette(
  pixels: Uint32Array,
  { colors, meant }: PngColors,
): { palette: number[]; indexOf: Map<number, number> } {
  const seen = new Map<number, number>();
  let last = -1;
  let run = 0;
  for (const pixel of pixels) {
    if (pixel !== last) {
      if (run > 0) seen.set(last, (seen.get(last) ?? 0) + run);
      last = pixel;
      run = 0;
    }
    run += 1;
  }
  seen.set(last, (seen.get(last) ?? 0) + run);
  const first = new Set(meant.map(pixelOf));
  const byCount = [...seen]
    .sort(([one, a], [other, b]) => Number(first.has(other)) - Number(first.has(one)) || b - a)
    .map(([color]) => color);
  const palette = byCount.slice(0, colors);
  const indexOf = new Map(palette.map((color, index) => [color, index]));
  for (const color of byCount.slice(colors)) {
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (const [index, other] of palette.entries()) {
      const red = (color & 255) - (other & 255);
      const green = ((color >> 8) & 255) - ((other >> 8) & 255);
      const blue = ((color >> 16) & 255) - ((other >> 16) & 255);
      const distance = red * red + green * green + blue * blue;
      if (distance < least) {
        least = distance;
        nearest = index;
      }
    }
    indexOf.set(color, nearest);
  }
  return { palette, indexOf };
}

/** How many colours a picture has at most, and which of them it keeps however little of them is seen, as `#rrggbb`. */
export type PngColors = { colors: number; meant: readonly string[] };

/**
 * Writes an opaque picture as PNG with a palette (ISO/IEC 15948 §11.2): a map has few colours, and so takes a fraction of what one with all
 * of them takes. `rgba` holds 4 bytes for each pixel, row by row.
 */
export function encodePng(
  rgba: Uint8Array,
  width: number,
  height: number,
  wanted: PngColors = { colors: MAX_COLORS, meant: [] },
): Uint8Array {
  const pixels = new Uint32Array(rgba.buffer, rgba.byteOffset, width * height);
  const { indexOf, palette } = choosePalette(pixels, wanted);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, PALETTE_TYPE, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [color & 255, (color >> 8) & 255, (color >> 16) & 255]));
  // Each row begins with its filter: none, which suits pictures of few colours.
  const rows = new Uint8Array((width + 1) * height);
  let lastPixel = -1;
  let lastIndex = 0;
  for (let y = 0, at = 0, pixel = 0; y < height; y += 1) {
    at += 1;
    for (let x = 0; x < width; x += 1) {
      const color = pixels[pixel++] as number;
      if (color !== lastPixel) {
        lastPixel = color;
        lastIndex = indexOf.get(color) ?? 0;
      }
      rows[at++] = lastIndex;
    }
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colors),
    chunk('IDAT', deflateSync(rows, { level: 7, memLevel: 9 })),
    chunk('IEND', new Uint8Array()),
  ]);
}
