import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { damaged } from './layer.ts';

/** Reads a file of any size in order, through a buffer; `take` gives bytes that hold until the next call. */
export type FileWindow = {
  readonly size: number;
  /** Where the next `take` begins. */
  position(): number;
  seek(position: number): void;
  take(length: number): Buffer;
  close(): void;
};

const BUFFER_BYTES = 1024 * 1024;

export function openFileWindow(path: string, what: string): FileWindow {
  const file = openSync(path, 'r');
  const { size } = fstatSync(file);
  let buffer = Buffer.alloc(Math.min(BUFFER_BYTES, Math.max(1, size)));
  /** What `buffer` holds: `length` bytes from `start` on. */
  let start = 0;
  let length = 0;
  let at = 0;
  return {
    size,
    position: () => at,
    seek(position) {
      at = position;
    },
    take(wanted) {
      if (at + wanted > size) throw damaged(`${what} ends early`);
      if (at < start || at + wanted > start + length) {
        if (wanted > buffer.length) buffer = Buffer.alloc(wanted);
        start = at;
        length = 0;
        while (length < wanted) {
          const read = readSync(file, buffer, length, buffer.length - length, start + length);
          if (read === 0) throw damaged(`${what} ends early`);
          length += read;
        }
      }
      const found = buffer.subarray(at - start, at - start + wanted);
      at += wanted;
      return found;
    },
    close: () => closeSync(file),
  };
}
