export type MadeShape = { fields: Record<string, Buffer | string>; rings: number[][][] | null };

const FIELD_BYTES = 40;

/** The .shp and .dbf of polygons; text is written as its bytes are. */
export function makeShapefile(shapes: readonly MadeShape[]): { shp: Buffer; dbf: Buffer } {
  const records = shapes.map(({ rings }, i) => {
    const content = rings === null ? Buffer.alloc(4) : polygonContent(rings);
    const head = Buffer.alloc(8);
    head.writeInt32BE(i + 1, 0);
    head.writeInt32BE(content.length / 2, 4);
    return Buffer.concat([head, content]);
  });
  const body = Buffer.concat(records);
  const head = Buffer.alloc(100);
  head.writeInt32BE(9994, 0);
  head.writeInt32BE((100 + body.length) / 2, 24);
  head.writeInt32LE(1000, 28);
  head.writeInt32LE(5, 32);
  return { shp: Buffer.concat([head, body]), dbf: makeTable(shapes) };
}

function polygonContent(rings: number[][][]): Buffer {
  const points = rings.flat();
  const content = Buffer.alloc(44 + rings.length * 4 + points.length * 16);
  content.writeInt32LE(5, 0);
  content.writeInt32LE(rings.length, 36);
  content.writeInt32LE(points.length, 40);
  let start = 0;
  for (const [i, ring] of rings.entries()) {
    content.writeInt32LE(start, 44 + i * 4);
    start += ring.length;
  }
  for (const [i, [x = 0, y = 0]] of points.entries()) {
    content.writeDoubleLE(x, 44 + rings.length * 4 + i * 16);
    content.writeDoubleLE(y, 52 + rings.length * 4 + i * 16);
  }
  return content;
}

function makeTable(shapes: readonly MadeShape[]): Buffer {
  const names = [...new Set(shapes.flatMap(({ fields }) => Object.keys(fields)))];
  const head = Buffer.alloc(33 + names.length * 32);
  head[0] = 3;
  head.writeUInt32LE(shapes.length, 4);
  head.writeUInt16LE(head.length, 8);
  head.writeUInt16LE(1 + names.length * FIELD_BYTES, 10);
  for (const [i, name] of names.entries()) {
    head.write(name, 32 + i * 32, 'latin1');
    head.write('C', 43 + i * 32, 'latin1');
    head[48 + i * 32] = FIELD_BYTES;
  }
  head[head.length - 1] = 0x0d;
  const rows = shapes.map(({ fields }) => {
    const row = Buffer.alloc(1 + names.length * FIELD_BYTES, ' ');
    for (const [i, name] of names.entries()) Buffer.from(fields[name] ?? '').copy(row, 1 + i * FIELD_BYTES);
    return row;
  });
  return Buffer.concat([head, ...rows, Buffer.of(0x1a)]);
}
