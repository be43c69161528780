const MAX_LINE = 76;
/** RFC 2045 §6.7: everything but printable ASCII, space and tab; `=` is taken before. */
const TO_BE_ENCODED = /[^\t\x20-\x7e]+/g;

function encodeBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase().replace(/../g, '=$&');
}

/**
 * Quoted-printable (RFC 2045 §6.7): lines of at most 76 characters, ended by CRLF. None begins with a dot, which SMTP would have
 * doubled (RFC 5321 §4.5.2, RFC 2049 §3). `end` stands at the end of the last line, which leaves room for it.
 */
export function encodeQuotedPrintable(text: string, end: '' | '=' = ''): string {
  const lines: string[] = [];
  const given = text.toWellFormed().split(/\r\n|\r|\n/);
  for (const [number, line] of given.entries()) {
    const reserved = number === given.length - 1 ? end.length : 0;
    let encoded = line.includes('=') ? line.replaceAll('=', '=3D') : line;
    encoded = encoded.replace(TO_BE_ENCODED, encodeBytes);
    if (encoded.endsWith(' ')) encoded = `${encoded.slice(0, -1)}=20`;
    else if (encoded.endsWith('\t')) encoded = `${encoded.slice(0, -1)}=09`;
    let from = 0;
    while (from === 0 || from < encoded.length) {
      const isDot = encoded[from] === '.';
      if (isDot) from += 1;
      const begin = isDot ? '=2E' : '';
      const room = MAX_LINE - begin.length;
      if (encoded.length - from <= room - reserved) {
        lines.push(begin + encoded.slice(from));
        break;
      }
      // The last place is that of the soft break, which never stands in the middle of an encoded byte.
      let to = from + room - 1;
      if (encoded[to - 1] === '=') to -= 1;
      else if (encoded[to - 2] === '=') to -= 2;
      lines.push(`${begin}${encoded.slice(from, to)}=`);
      from = to;
    }
  }
  return lines.join('\r\n') + end;
}

/** The header of a part whose text is quoted-printable, with the empty line after it. */
export function textPartHead(type: 'text/plain' | 'text/html'): string {
  return `Content-Type: ${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;
}

/** A picture that stands in the HTML under `cid` (RFC 2392); `name` and `cid` are of ours, ASCII only. */
export function picturePart(png: Uint8Array, name: string, cid: string): string {
  const base64 = Buffer.from(png.buffer, png.byteOffset, png.byteLength).toString('base64');
  const lines: string[] = [];
  for (let from = 0; from < base64.length; from += MAX_LINE) lines.push(base64.slice(from, from + MAX_LINE));
  const head =
    `Content-Type: image/png; name=${name}\r\nContent-ID: <${cid}>\r\nContent-Disposition: inline; filename=${name}\r\n` +
    'Content-Transfer-Encoding: base64\r\n\r\n';
  return head + lines.join('\r\n');
}
