const FULL_SCALE = 32_768;

/** Root mean square level of 16-bit PCM in dBov: 0 is a full-scale square wave, -Infinity is digital silence. */
export function pcmLevelDbov(pcm: Int16Array): number {
  let sum = 0;
  for (const sample of pcm) sum += sample * sample;
  return pcm.length === 0 ? Number.NEGATIVE_INFINITY : 20 * Math.log10(Math.sqrt(sum / pcm.length) / FULL_SCALE);
}
