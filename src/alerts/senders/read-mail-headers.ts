const ENCODED_WORD = /=\?([\w-]+)\?([bq])\?([^?\s]*)\?=/gi;

function decodeWord(charset: string, encoding: string, text: string): string {
  const bytes =
    encoding.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64')
      : Buffer.from(
          text
            .replaceAll('_', ' ')
            .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
          'latin1',
        );
  return new TextDecoder(charset.toLowerCase() === 'utf-8' ? 'utf-8' : 'latin1').decode(bytes);
}

/** Reads a mail's header fields (RFC 5322 §2.2), lower-case names, encoded words (RFC 2047 §2) as text. */
export function readMailHeaders(mail: string): ReadonlyMap<string, string> {
  const end = mail.search(/\r?\n\r?\n/);
  const unfolded = (end < 0 ? mail : mail.slice(0, end)).replace(/\r?\n(?=[ \t])/g, '');
  const headers = new Map<string, string>();
  for (const line of unfolded.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line
      .slice(colon + 1)
      .trim()
      // White space between two encoded words separates nothing (RFC 2047 §6.2).
      .replace(/\?=[ \t]+=\?/g, '?==?')
      .replace(ENCODED_WORD, (_, charset: string, encoding: string, text: string) =>
        decodeWord(charset, encoding, text),
      );
    headers.set(line.slice(0, colon).toLowerCase(), value);
  }
  return headers;
}
