const SAMPLES_PER_SECOND = 8000;
const AMPLITUDE = 8000;
/** Rising, so that nobody takes it for ringing, busy or a dial tone; three times. */
const TONES_HZ = [480, 620, 950] as const;
const TONE_MS = 330;
const PAUSE_MS = 1000;
const REPEATS = 3;

/** What a caller hears when speech fails: proof that the call was answered, that audio passes, and that words are missing. */
export function composeFallbackTones(): Int16Array {
  const toneSamples = (TONE_MS * SAMPLES_PER_SECOND) / 1000;
  const roundSamples = TONES_HZ.length * toneSamples + (PAUSE_MS * SAMPLES_PER_SECOND) / 1000;
  const pcm = new Int16Array(REPEATS * roundSamples);
  for (let round = 0; round < REPEATS; round++) {
    for (const [place, hertz] of TONES_HZ.entries()) {
      const start = round * roundSamples + place * toneSamples;
      for (let index = 0; index < toneSamples; index++) {
        const phase = (2 * Math.PI * hertz * index) / SAMPLES_PER_SECOND;
        pcm[start + index] = Math.round(AMPLITUDE * Math.sin(phase));
      }
    }
  }
  return pcm;
}
