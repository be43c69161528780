/** The basic character set of 3GPP TS 23.038 §6.2.1, without its control characters, and the characters of its extension (§6.2.1.1). */
const BASIC = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\n\r',
);
const EXTENDED = new Set('^{}\\[~]|€');

const SPELLED: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '«': '"',
  '»': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '·': '-',
  '½': '1/2',
  '¼': '1/4',
  '¾': '3/4',
  œ: 'oe',
  Œ: 'OE',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\t': ' ',
  '`': "'",
};

/** Spelled with the characters that cost one place in a text message, as far as that leaves it readable: `Montréal`, `ca` for `ça`. */
export function toGsmText(text: string): string {
  let spelled = '';
  for (const character of text) spelled += isGsm(character) ? character : (SPELLED[character] ?? plain(character));
  return spelled;
}

/** Without its accent where that is of the basic set, else as it is: other scripts are not spelled in Latin letters. */
function plain(character: string): string {
  const base = character.normalize('NFD').replace(/\p{M}/gu, '');
  return base !== '' && isGsmText(base) ? base : character;
}

const isGsm = (character: string): boolean => BASIC.has(character) || EXTENDED.has(character);

/** Places of a segment chain: 160 and 153 each (GSM 7 bit), 70 and 67 each (UCS-2); 3GPP TS 23.040 §9.2.3.24.1. */
export function smsSegments(text: string): number {
  let septets = 0;
  for (const character of text) {
    if (BASIC.has(character)) septets += 1;
    else if (EXTENDED.has(character)) septets += 2;
    else return text.length <= 70 ? 1 : Math.ceil(text.length / 67);
  }
  return septets <= 160 ? 1 : Math.ceil(septets / 153);
}

/** Whether every character is of the basic set or its extension. */
export function isGsmText(text: string): boolean {
  for (const character of text) if (!isGsm(character)) return false;
  return true;
}
