import type { AudioCodec } from '../sdp/session-description.ts';

const MU_LAW_BIAS = 132;
const MU_LAW_CLIP = 32_635;
/** ITU-T G.711 inverts every even bit of A-law before transmission. */
const A_LAW_TOGGLE = 0x55;

/** G.711 companding (ITU-T G.711): 16-bit linear PCM at 8 kHz to one byte per sample. */
export function encodeG711(codec: AudioCodec, pcm: Int16Array): Uint8Array {
  const bytes = new Uint8Array(pcm.length);
  const encode = codec === 'PCMU' ? muLawByte : aLawByte;
  for (let index = 0; index < pcm.length; index++) bytes[index] = encode(pcm[index] ?? 0);
  return bytes;
}

/** The inverse of encodeG711, up to quantization. */
export function decodeG711(codec: AudioCodec, bytes: Uint8Array): Int16Array {
  const pcm = new Int16Array(bytes.length);
  const decode = codec === 'PCMU' ? muLawSample : aLawSample;
  for (let index = 0; index < bytes.length; index++) pcm[index] = decode(bytes[index] ?? 0);
  return pcm;
}

function muLawByte(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MU_LAW_CLIP) + MU_LAW_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  return ~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 0x0f)) & 0xff;
}

function muLawSample(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + MU_LAW_BIAS) << ((bits >> 4) & 0x07)) - MU_LAW_BIAS;
  return bits & 0x80 ? -magnitude : magnitude;
}

function aLawByte(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  // -1 and 0 are the two innermost steps: negative values count from -1.
  const magnitude = sample < 0 ? -sample - 1 : sample;
  const segment = magnitude < 256 ? 0 : 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return (sign | (segment << 4) | step) ^ A_LAW_TOGGLE;
}

function aLawSample(byte: number): number {
  const bits = byte ^ A_LAW_TOGGLE;
  const segment = (bits >> 4) & 0x07;
  const middle = ((bits & 0x0f) << 4) + 8;
  const magnitude = segment === 0 ? middle : (middle + 256) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
