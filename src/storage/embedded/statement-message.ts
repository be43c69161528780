/** Kept for the next statement unless it has grown beyond this. */
const KEPT_BYTES = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
const TEXT_FORMAT = 0;
const BINARY_FORMAT = 1;
const NULL_LENGTH = -1;

/** A parameter as PostgreSQL reads it: text, bytes as they are, or null. */
type Written = string | Uint8Array | null;

/** As node-postgres writes it, so that a statement means the same on either engine. */
function written(value: unknown): Written {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return arrayLiteral(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return JSON.stringify(value);
}

/** PostgreSQL's text of an array: `{"a",NULL,{"b"}}`. */
function arrayLiteral(values: readonly unknown[]): string {
  const elements = values.map((value) => {
    if (Array.isArray(value)) return arrayLiteral(value);
    const element = written(value);
    if (element === null) return 'NULL';
    if (typeof element !== 'string') return `"\\\\x${Buffer.from(element).toString('hex')}"`;
    return `"${element.replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return `{${elements.join(',')}}`;
}

/**
 * Writes a statement with its parameters as one message of PostgreSQL's protocol: Parse, Bind, Describe, Execute and Sync in a row.
 * PGlite's own way sends each by itself and copies a parameter five times; all that memory outside of the heap makes the engine's
 * collector run several times a second while calls are recorded. The bytes are good until the next statement is written.
 */
export function createStatementWriter(): (sql: string, parameters: readonly unknown[]) => Uint8Array {
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let used = 0;

  function makeRoom(count: number): void {
    if (used + count <= bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, used + count));
    bytes.copy(larger, 0, 0, used);
    bytes = larger;
  }

  function int16(value: number): void {
    makeRoom(2);
    used = bytes.writeUInt16BE(value, used);
  }

  function int32(value: number): void {
    makeRoom(4);
    used = bytes.writeInt32BE(value, used);
  }

  /** Gives its length. */
  function text(value: string): number {
    makeRoom(Buffer.byteLength(value, 'utf8'));
    const length = bytes.write(value, used, 'utf8');
    used += length;
    return length;
  }

  function zeroEnded(value: string): void {
    text(value);
    makeRoom(1);
    bytes[used++] = 0;
  }

  /** A message begins with its kind and its length, which is known at its end and counts itself. */
  function message(kind: string, writeBody: () => void): void {
    text(kind);
    const start = used;
    int32(0);
    writeBody();
    bytes.writeInt32BE(used - start, start);
  }

  function parameter(value: Written): void {
    if (value === null) return int32(NULL_LENGTH);
    const start = used;
    int32(0);
    if (typeof value === 'string') text(value);
    else {
      makeRoom(value.length);
      bytes.set(value, used);
      used += value.length;
    }
    bytes.writeInt32BE(used - start - 4, start);
  }

  return (sql, parameters) => {
    if (bytes.length > KEPT_BYTES) bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    used = 0;
    const values = parameters.map(written);
    message('P', () => {
      zeroEnded('');
      zeroEnded(sql);
      int16(0);
    });
    message('B', () => {
      zeroEnded('');
      zeroEnded('');
      int16(values.length);
      for (const value of values) int16(value instanceof Uint8Array ? BINARY_FORMAT : TEXT_FORMAT);
      int16(values.length);
      for (const value of values) parameter(value);
      int16(0);
    });
    message('D', () => zeroEnded('P'));
    message('E', () => {
      zeroEnded('');
      int32(0);
    });
    message('S', () => undefined);
    return bytes.subarray(0, used);
  };
}
