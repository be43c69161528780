import { types } from '@electric-sql/pglite';

/** Shorter texts gain nothing by it. */
const LONG_TEXT = 1_024;
const NOTHING = new Uint8Array(0);
/** Before the text of a jsonb in PostgreSQL's binary format. */
const JSONB_VERSION = new Uint8Array([1]);

/**
 * Long texts as bytes, in PostgreSQL's binary format: PGlite takes bytes as they are, but looks at each character of a text three
 * times. Its type for what a serializer gives knows texts alone.
 */
function asBytes(type: number, before: Uint8Array = NOTHING): (value: unknown) => string {
  const serialize = types.serializers[type] ?? String;
  return (value) => {
    const text = serialize(value);
    if (text.length < LONG_TEXT) return text;
    const bytes = Buffer.allocUnsafe(before.length + Buffer.byteLength(text, 'utf8'));
    bytes.set(before);
    bytes.write(text, before.length, 'utf8');
    return bytes as unknown as string;
  };
}

/** For the options of a query: those of the database serve the elements of arrays too, which have to be texts. */
export const textSerializers: Readonly<Record<number, (value: unknown) => string>> = {
  [types.TEXT]: asBytes(types.TEXT),
  [types.JSON]: asBytes(types.JSON),
  [types.JSONB]: asBytes(types.JSONB, JSONB_VERSION),
};
