/**
 * An address layer as one block of bytes: columns of 32-bit words over interned texts. It is packed once, in a thread of its
 * own, stored and kept on disk as it is, and read where it lies: opening one of a million points takes no time.
 */

/** Columns in the order in which they stand in the block; those of one table have one length. */
export const BLOCK_COLUMNS = [
  'textEnds',
  // places: postal codes and folded names of cities within a state
  'placeKey',
  'placeStreetStart',
  'placeStreets',
  'placeHash',
  // areas: every combination of names under which addresses lie
  'areaA1',
  'areaA2',
  'areaA3',
  'areaA4',
  'areaPC',
  'areaPCN',
  'areaMSAG',
  'areaESN',
  'areaPlaceStart',
  'areaPlaces',
  // streets, in the order of their bare names
  'streetPRM',
  'streetPRD',
  'streetSTP',
  'streetRD',
  'streetSTS',
  'streetPOD',
  'streetPOM',
  'streetKey',
  'streetBare',
  'streetLetters',
  'streetPointStart',
  'streetRangeStart',
  'streetHash',
  'bareHash',
  // points, street by street in the order of their numbers
  'pointNumber',
  'pointAffix',
  'pointIndoor',
  'pointArea',
  'pointLatitude',
  'pointLongitude',
  // sides of road segments, street by street
  'rangeFrom',
  'rangeTo',
  'rangeFlags',
  'rangePrefix',
  'rangeArea',
  'rangeLine',
  // lines of road segments
  'lineStart',
  'vertexLatitude',
  'vertexLongitude',
] as const;

export type BlockColumn = (typeof BLOCK_COLUMNS)[number];

export type LayerBlock = Readonly<Record<BlockColumn, Uint32Array>> & {
  readonly bytes: Uint8Array;
  /** A text by its number; 0 is the empty one. */
  text(id: number): string;
  readonly states: readonly string[];
  readonly source: string;
  readonly points: number;
  readonly ranges: number;
  readonly streets: number;
};

export type BlockHeader = {
  format: 'waymark-address-layer/1';
  states: string[];
  source: string;
  textBytes: number;
  /** Words of each column. */
  lengths: Record<BlockColumn, number>;
};

export const DEGREE_UNITS = 1e7;
/** Stands for a coordinate that is not known. */
export const NO_COORDINATE = 0x7f_ff_ff_ff;
export const SIDE_RIGHT = 4;
export const PARITY_BITS = { B: 0, O: 1, E: 2 } as const;

/** FNV-1a over UTF-16 units, scrambled at the end: close keys must not stand side by side. */
export function hashText(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c_1b_3c_6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Slots of a hash table for `count` entries: a power of two, at most half full. */
export function slotsFor(count: number): number {
  let slots = 4;
  while (slots < count * 2) slots *= 2;
  return slots;
}

const MAX_HEADER_BYTES = 1_000_000;

export function writeBlock(
  header: Omit<BlockHeader, 'format' | 'lengths' | 'textBytes'>,
  texts: Uint8Array,
  columns: Record<BlockColumn, Uint32Array>,
): Uint8Array {
  const lengths = Object.fromEntries(BLOCK_COLUMNS.map((name) => [name, columns[name].length])) as Record<
    BlockColumn,
    number
  >;
  const full: BlockHeader = { format: 'waymark-address-layer/1', ...header, textBytes: texts.length, lengths };
  const head = Buffer.from(JSON.stringify(full), 'utf8');
  const start = 4 + Math.ceil(head.length / 4) * 4;
  const words = BLOCK_COLUMNS.reduce((sum, name) => sum + columns[name].length, 0);
  const bytes = new Uint8Array(start + words * 4 + texts.length);
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  let at = start;
  for (const name of BLOCK_COLUMNS) {
    const column = columns[name];
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  bytes.set(texts, at);
  return bytes;
}

/** Opens a block; throws when the bytes are none. */
export function openBlock(bytes: Uint8Array): LayerBlock {
  // Columns are read in place: they must begin at a whole word.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
  const view = new DataView(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  const headBytes = aligned.byteLength >= 4 ? view.getUint32(0, true) : 0;
  if (headBytes === 0 || headBytes > MAX_HEADER_BYTES || headBytes + 4 > aligned.byteLength)
    throw new Error('no address layer');
  const head = Buffer.from(aligned.buffer, aligned.byteOffset + 4, headBytes).toString('utf8');
  const header = JSON.parse(head) as BlockHeader;
  if (header.format !== 'waymark-address-layer/1') throw new Error('an address layer of another format');
  let at = 4 + Math.ceil(headBytes / 4) * 4;
  const columns: Partial<Record<BlockColumn, Uint32Array>> = {};
  for (const name of BLOCK_COLUMNS) {
    const length = header.lengths[name];
    if (at + length * 4 > aligned.byteLength) throw new Error('a torn address layer');
    columns[name] = new Uint32Array(aligned.buffer, aligned.byteOffset + at, length);
    at += length * 4;
  }
  if (at + header.textBytes !== aligned.byteLength) throw new Error('a torn address layer');
  const texts = Buffer.from(aligned.buffer, aligned.byteOffset + at, header.textBytes);
  const complete = columns as Record<BlockColumn, Uint32Array>;
  const ends = complete.textEnds;
  return {
    ...complete,
    bytes: aligned,
    text: (id) => (id === 0 ? '' : texts.toString('utf8', ends[id - 1] ?? 0, ends[id] ?? 0)),
    states: header.states,
    source: header.source,
    points: complete.pointNumber.length,
    ranges: complete.rangeFrom.length,
    streets: complete.streetKey.length,
  };
}

/** The entry of a hash table whose key is `key`; -1 where there is none. */
export function findSlot(
  block: LayerBlock,
  table: 'placeHash' | 'streetHash' | 'bareHash',
  keys: 'placeKey' | 'streetKey' | 'streetBare',
  key: string,
): number {
  const slots = block[table];
  const mask = slots.length - 1;
  for (let at = hashText(key) & mask, tried = 0; tried <= mask; at = (at + 1) & mask, tried += 1) {
    const entry = (slots[at] ?? 0) - 1;
    if (entry < 0) return -1;
    if (block.text(block[keys][entry] ?? 0) === key) return entry;
  }
  return -1;
}

/** One bit for each letter that occurs: streets whose letters differ by more are spelt differently by more. */
export function letterBits(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    bits |= code >= 97 && code <= 122 ? 1 << (code - 97) : code >= 48 && code <= 57 ? 1 << 26 : 0;
  }
  return bits >>> 0;
}
