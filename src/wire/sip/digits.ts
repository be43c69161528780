/** The number that stands between two places of a text; undefined when there is anything but digits, or nothing. */
export function readDigits(text: string, start: number, end: number): number | undefined {
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    // Beyond the end there is no digit either: NaN.
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  return end > start ? value : undefined;
}
