/** GSM 03.38 (3GPP TS 23.038 §6.2.1): the basic alphabet, one septet each. */
const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Its extension, two septets each (§6.2.1.1). */
const EXTENDED = new Set('\f^{}\\[~]|€');

/** What a text costs on its way: characters of one SMS, and of each part of several (3GPP TS 23.040 §9.2.3.24.1). */
const LIMITS = { gsm: { single: 160, part: 153 }, ucs2: { single: 70, part: 67 } } as const;

/** Signs of typography for which the basic alphabet has another: one of them would more than double the parts. */
const PLAIN: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '‚': ',',
  '“': '"',
  '”': '"',
  '„': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '‑': '-',
  '…': '...',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\t': ' ',
};
const ELLIPSIS = '...';
/** Far more than the most parts hold. */
const LONGEST_TEXT = 8_000;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

type SmsText = { text: string; alphabet: 'gsm' | 'ucs2'; segments: number; isCut: boolean };

/**
 * A text as it goes into at most `maxSegments` parts: signs of typography made plain, control characters left out; in the
 * alphabet of GSM where it can be said in that, else in UCS-2; what is beyond is cut off, never within a character.
 */
export function toSmsText(given: string, maxSegments: number): SmsText {
  const text = given
    .slice(0, LONGEST_TEXT)
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[‘’‚“”„«»–—‑…\u00a0\u202f\t]/g, (sign) => PLAIN[sign] ?? sign)
    // Controls, and those that turn the direction of whatever follows.
    .replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, (sign) => (sign === '\n' ? sign : ''));
  const alphabet = isGsm(text) ? 'gsm' : 'ucs2';
  const segments = countSegments(text, alphabet);
  if (segments <= maxSegments) return { text, alphabet, segments, isCut: false };
  const kept: string[] = [];
  const used = createMeter(alphabet);
  const reserved = ELLIPSIS.length;
  const limit = maxSegments === 1 ? LIMITS[alphabet].single : LIMITS[alphabet].part * maxSegments;
  for (const { segment } of graphemes.segment(text)) {
    const after = used.add(segment, maxSegments === 1 ? limit : LIMITS[alphabet].part);
    if (after > limit - reserved) break;
    kept.push(segment);
  }
  const cut = `${kept.join('').trimEnd()}${ELLIPSIS}`;
  return { text: cut, alphabet, segments: countSegments(cut, alphabet), isCut: true };
}

function isGsm(text: string): boolean {
  for (const character of text) if (!BASIC.has(character) && !EXTENDED.has(character)) return false;
  return true;
}

/** How many parts a text takes. */
export function countSegments(text: string, alphabet: SmsText['alphabet']): number {
  const { single, part } = LIMITS[alphabet];
  const whole = createMeter(alphabet).add(text, Number.POSITIVE_INFINITY);
  if (whole <= single) return 1;
  return Math.ceil(createMeter(alphabet).add(text, part) / part);
}

/** Adds up units; a character of two of them never stands on both sides of the end of a part, but leaves one free there. */
function createMeter(alphabet: SmsText['alphabet']): { add(text: string, partLength: number): number } {
  let units = 0;
  return {
    add(text, partLength) {
      for (const character of text) {
        const width = alphabet === 'ucs2' ? character.length : EXTENDED.has(character) ? 2 : 1;
        if (width === 2 && units % partLength === partLength - 1) units++;
        units += width;
      }
      return units;
    },
  };
}
