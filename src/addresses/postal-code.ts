/** A postal code in its usual form, and whether digits and letters had to be told apart to read it. */
export type ReadPostalCode = {
  /** `77002`, `77002-1234` or `M5H 2N2`; four digits where the leading zero is missing. */
  readonly code: string;
  readonly guessed: boolean;
};

/** Letters that Canada Post uses; W and Z never come first. */
const CANADIAN = /^[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]\d[ABCEGHJ-NPRSTV-Z]\d$/;
const ZIP = /^\d{5}(?:\d{4})?$/;

const DIGIT_LIKE: Readonly<Record<string, string>> = { O: '0', Q: '0', D: '0', I: '1', L: '1', S: '5', Z: '2', B: '8' };
const LETTER_LIKE: Readonly<Record<string, string>> = { '1': 'L', '5': 'S', '8': 'B', '2': 'Z' };

function bare(text: string): string {
  return text.toUpperCase().replace(/[\s.·-]+/g, '');
}

function asDigits(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => DIGIT_LIKE[letter] ?? letter);
}

/** The postal code that `text` is in that country, written with or without space or hyphen; undefined when it is none. */
export function readPostalCode(country: 'US' | 'CA', text: string): ReadPostalCode | undefined {
  const plain = bare(text);
  if (country === 'CA') {
    if (CANADIAN.test(plain)) return { code: `${plain.slice(0, 3)} ${plain.slice(3)}`, guessed: false };
    if (plain.length !== 6) return undefined;
    const read = Array.from(plain, (sign, place) =>
      place % 2 === 1 ? (DIGIT_LIKE[sign] ?? sign) : (LETTER_LIKE[sign] ?? sign),
    ).join('');
    // Only digits would be a ZIP code with one too many; it must have looked Canadian before.
    const looksCanadian = /\p{L}/u.test(plain) && CANADIAN.test(read);
    return looksCanadian ? { code: `${read.slice(0, 3)} ${read.slice(3)}`, guessed: true } : undefined;
  }
  if (/^\d{4}$/.test(plain)) return { code: plain, guessed: true };
  const digits = asDigits(plain);
  // At least three true digits: a word is no ZIP code.
  const isGuess = digits !== plain;
  if (!ZIP.test(digits) || (isGuess && plain.replace(/\D/g, '').length < 3)) return undefined;
  return { code: digits.length === 9 ? `${digits.slice(0, 5)}-${digits.slice(5)}` : digits, guessed: isGuess };
}

const PROVINCES: Readonly<Record<string, readonly string[]>> = {
  A: ['NL'],
  B: ['NS'],
  C: ['PE'],
  E: ['NB'],
  G: ['QC'],
  H: ['QC'],
  J: ['QC'],
  K: ['ON'],
  L: ['ON'],
  M: ['ON'],
  N: ['ON'],
  P: ['ON'],
  R: ['MB'],
  S: ['SK'],
  T: ['AB'],
  V: ['BC'],
  Y: ['YT'],
};

/** The provinces of a Canadian postal code: its first letter; X is shared by two territories. */
export function provinceOfPostalCode(code: string): readonly string[] {
  if (code.startsWith('X')) return [/^X0[ABC]/.test(code) ? 'NU' : 'NT'];
  return PROVINCES[code.slice(0, 1)] ?? [];
}
