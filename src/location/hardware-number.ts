const COLON = 58;

/** A MAC address in canonical text (`aa:bb:cc:dd:ee:ff`) as a whole number below 2^48; -1 for anything else. */
export function hardwareNumber(text: string): number {
  if (text.length !== 17) return -1;
  let value = 0;
  for (let at = 0; at < 17; at += 1) {
    const code = text.charCodeAt(at);
    if (at % 3 === 2) {
      if (code !== COLON) return -1;
      continue;
    }
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
