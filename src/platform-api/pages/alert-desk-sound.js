// The sound of the alert desk: made by the browser itself, so that there is no file to load and nothing to be missing.

const PATTERNS = {
  // Two falling tones three times: heard through speech, told from telephones and fire alarms.
  emergency: { tones: [960, 720, 960, 720, 960, 720], toneSeconds: 0.22, pauseSeconds: 0.9, volume: 0.36 },
  critical: { tones: [660, 880], toneSeconds: 0.18, pauseSeconds: 3, volume: 0.24 },
  single: { tones: [880], toneSeconds: 0.25, pauseSeconds: 0, volume: 0.2 },
};
const RAMP_SECONDS = 0.01;

/**
 * `onChange` is told when the browser lets it sound or no longer does. Browsers want a click or a key before a page may make a
 * sound: until then `isOn()` is false.
 */
export function createDeskSound(onChange) {
  let context = null;
  let playing = null;
  /** What sounds or waits to sound of the alarm; the last of them is the pause. */
  let scheduled = [];

  function tone(frequency, volume, from, seconds) {
    const source = context.createOscillator();
    const loudness = context.createGain();
    source.type = 'square';
    source.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(volume, from + RAMP_SECONDS);
    loudness.gain.setValueAtTime(volume, from + seconds - RAMP_SECONDS);
    loudness.gain.linearRampToValueAtTime(0, from + seconds);
    source.connect(loudness).connect(context.destination);
    source.start(from);
    source.stop(from + seconds);
    return source;
  }

  function play({ tones, toneSeconds, volume, pauseSeconds }) {
    const from = context.currentTime + 2 * RAMP_SECONDS;
    const sources = tones.map((frequency, at) => tone(frequency, volume, from + at * toneSeconds, toneSeconds));
    if (pauseSeconds > 0) sources.push(tone(440, 0, from + tones.length * toneSeconds, pauseSeconds));
    return sources;
  }

  /** Each round begins when the pause of the one before has ended: no timer, which a browser slows down in a page that is not seen. */
  function again() {
    if (!playing || scheduled.length > 0 || context?.state !== 'running') return;
    scheduled = play(PATTERNS[playing]);
    const round = scheduled;
    round.at(-1).addEventListener('ended', () => {
      if (scheduled !== round) return;
      scheduled = [];
      again();
    });
  }

  return {
    isOn: () => context?.state === 'running',
    /** After a click or a key. */
    async allow() {
      if (!context) {
        context = new AudioContext();
        context.addEventListener('statechange', () => {
          onChange();
          again();
        });
      }
      if (context.state !== 'running') await context.resume();
      onChange();
      again();
    },
    /** `emergency`, `critical`, or null for silence, at once; goes on until told otherwise. */
    set(alarm) {
      if (alarm === playing) return;
      playing = alarm;
      const before = scheduled;
      scheduled = [];
      for (const source of before) source.disconnect();
      again();
    },
    once() {
      if (context?.state === 'running') play(PATTERNS.single);
    },
  };
}
