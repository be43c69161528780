// The sound of the alert desk: made by the browser itself, so that there is no file to load and nothing to be missing.

const PATTERNS = {
  // Two falling tones three times: heard through speech, told from telephones and fire alarms.
  emergency: { tones: [960, 720, 960, 720, 960, 720], toneSeconds: 0.22, pauseSeconds: 0.9, volume: 0.9 },
  critical: { tones: [660, 880], toneSeconds: 0.18, pauseSeconds: 3, volume: 0.6 },
  single: { tones: [880], toneSeconds: 0.25, pauseSeconds: 0, volume: 0.5 },
};

/**
 * `onChange` is told when the browser lets it sound or no longer does. Browsers want a click or a key before a page may make a
 * sound: until then `isOn()` is false.
 */
export function createDeskSound(onChange) {
  let context = null;
  let playing = null;
  let timer = null;

  function play(name) {
    const { tones, toneSeconds, volume } = PATTERNS[name];
    let at = context.currentTime + 0.02;
    for (const frequency of tones) {
      const tone = context.createOscillator();
      const loudness = context.createGain();
      tone.type = 'square';
      tone.frequency.value = frequency;
      loudness.gain.setValueAtTime(0, at);
      loudness.gain.linearRampToValueAtTime(volume * 0.4, at + 0.01);
      loudness.gain.setValueAtTime(volume * 0.4, at + toneSeconds - 0.02);
      loudness.gain.linearRampToValueAtTime(0, at + toneSeconds);
      tone.connect(loudness).connect(context.destination);
      tone.start(at);
      tone.stop(at + toneSeconds);
      at += toneSeconds;
    }
    return tones.length * toneSeconds;
  }

  function again() {
    clearTimeout(timer);
    timer = null;
    if (!playing || context?.state !== 'running') return;
    const seconds = play(playing);
    timer = setTimeout(again, (seconds + PATTERNS[playing].pauseSeconds) * 1000);
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
    },
    /** `emergency`, `critical`, or null for silence; goes on until told otherwise. */
    set(alarm) {
      if (alarm === playing) return;
      playing = alarm;
      again();
    },
    once() {
      if (context?.state === 'running') play('single');
    },
  };
}
