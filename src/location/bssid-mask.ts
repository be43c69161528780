import { hardwareNumber } from './hardware-number.ts';

/**
 * Masks of BSSIDs: an access point answers under many BSSIDs that differ in their last digits, so `aa:bb:cc:dd:ee:f*` stands
 * for 16 of them and `aa:bb:cc:dd:ee:**` for 256.
 */
const MASK = /^([0-9a-f]{2}(?:[:-]?[0-9a-f]{2}){4})[:-]?(?:([0-9a-f])\*|\*{1,2})$/i;

/** The mask in canonical text; undefined when it is none. One `*` in place of the whole last octet is both digits. */
export function readBssidMask(text: string): string | undefined {
  const [, octets, digit] = MASK.exec(text.replaceAll('.', '')) ?? [];
  if (octets === undefined) return undefined;
  const digits = octets.replaceAll(/[:-]/g, '').toLowerCase();
  return `${digits.replaceAll(/../g, '$&:')}${digit?.toLowerCase() ?? '*'}*`;
}

/** How many digits of a canonical hardware address are left open: 0, 1 or 2. */
export function openDigits(text: string): 0 | 1 | 2 {
  if (text.charCodeAt(text.length - 1) !== 42) return 0;
  return text.charCodeAt(text.length - 2) === 42 ? 2 : 1;
}

const LEVEL = 0x1_0000;

/** A hardware address or a mask as two words that no other has; undefined when it is neither. */
export function hardwareWords(text: string): { high: number; low: number } | undefined {
  const open = openDigits(text);
  const value = hardwareNumber(open === 0 ? text : text.slice(0, text.length - open) + '0'.repeat(open));
  return value < 0 ? undefined : maskWords(value, open);
}

/** The words of the mask with so many open digits that holds the address. */
export function maskWords(value: number, open: 0 | 1 | 2): { high: number; low: number } {
  const kept = Math.floor(value / 16 ** open);
  return { high: Math.floor(kept / 0x1_0000_0000) + open * LEVEL, low: kept >>> 0 };
}

/** The text of such words. */
export function hardwareText(high: number, low: number): string {
  const open = Math.floor(high / LEVEL);
  const kept = (high % LEVEL) * 0x1_0000_0000 + low;
  const digits = kept.toString(16).padStart(12 - open, '0') + '*'.repeat(open);
  return digits.replaceAll(/..(?!$)/g, '$&:');
}
