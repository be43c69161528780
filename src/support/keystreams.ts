import { createCipheriv, randomFillSync } from 'node:crypto';

/** AES-256 in counter mode for short messages on hot paths, each under a random nonce that stands in the message. */
export type Keystreams = {
  /** Puts a new nonce at `nonceAt` and hides the bytes from `plainAt` to `end`. */
  hide(message: Buffer, at: MessageLayout): void;
  /** Shows those bytes again. */
  show(message: Buffer, at: MessageLayout): void;
};

export type MessageLayout = { nonceAt: number; plainAt: number; end: number };

const BLOCK_BYTES = 16;
/** Keystreams made at once: one call of the cipher for all of them costs little more than one for each. */
const STREAMS_AHEAD = 128;

/**
 * `nonceBytes` (at most 16) begin each counter block, whose last bits number the blocks of a message of at most `maxBytes`. Hides
 * and does not authenticate: whoever uses it adds a tag over the whole message.
 */
export function createKeystreams(
  key: Uint8Array,
  { nonceBytes, maxBytes }: { nonceBytes: number; maxBytes: number },
): Keystreams {
  const blocksPerStream = Math.ceil(maxBytes / BLOCK_BYTES);
  const streamBytes = blocksPerStream * BLOCK_BYTES;
  const numberBits = 2 ** Math.ceil(Math.log2(blocksPerStream)) - 1;
  // Blocks are enciphered one by one, whatever stood before them: the cipher is made once and never finished.
  const cipher = createCipheriv('aes-256-ecb', key, null);
  const nonces = Buffer.alloc(STREAMS_AHEAD * nonceBytes);
  let streams: Buffer = Buffer.alloc(0);
  let next = STREAMS_AHEAD;

  function streamsOf(list: Buffer): Buffer {
    const blocks = Buffer.alloc((list.length / nonceBytes) * streamBytes);
    for (let at = 0; at < list.length; at += nonceBytes) {
      for (let block = 0; block < blocksPerStream; block += 1) {
        const target = (at / nonceBytes) * streamBytes + block * BLOCK_BYTES;
        for (let byte = 0; byte < nonceBytes; byte += 1) blocks[target + byte] = list[at + byte] ?? 0;
        const last = target + BLOCK_BYTES - 1;
        blocks[last] = ((blocks[last] ?? 0) & ~numberBits) | block;
      }
    }
    return cipher.update(blocks);
  }

  function hideOrShow(message: Buffer, { plainAt, end }: MessageLayout, stream: Buffer, from: number): void {
    if (end - plainAt > streamBytes) throw new RangeError(`a message of more than ${maxBytes} bytes`);
    for (let at = plainAt; at < end; at += 1) {
      message[at] = (message[at] ?? 0) ^ (stream[from + at - plainAt] ?? 0);
    }
  }

  return {
    hide(message, layout) {
      if (next === STREAMS_AHEAD) {
        randomFillSync(nonces);
        streams = streamsOf(nonces);
        next = 0;
      }
      nonces.copy(message, layout.nonceAt, next * nonceBytes, (next + 1) * nonceBytes);
      hideOrShow(message, layout, streams, next * streamBytes);
      next += 1;
    },
    show(message, layout) {
      hideOrShow(message, layout, streamsOf(message.subarray(layout.nonceAt, layout.nonceAt + nonceBytes)), 0);
    },
  };
}
