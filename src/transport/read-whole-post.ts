/** A POST that arrived as a whole: what node:http would make of the same bytes. */
export type WholePost = {
  path: string;
  /** By lower-case name; none stands twice. */
  headers: Readonly<Record<string, string>>;
  body: Buffer;
};

const MAX_HEAD = 4_096;
const HEAD_END = '\r\n\r\n';
/** No query, no other host, and characters that mean the same to everybody. */
const REQUEST_LINE = /^POST (\/[\w./~%:@-]*) HTTP\/1\.1\r\n/;
/** RFC 9112 §5, without what is allowed and unusual: tabs, letters beyond ASCII, names of other tokens than these. */
const FIELD = /([A-Za-z0-9-]+):([ -~]*)\r\n/y;
const LENGTH = /^\d{1,7}$/;
/** What changes where a message ends or how its connection goes on (RFC 9110 §10.1.1, RFC 9112 §6.1), or is no plain text. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
  'upgrade',
  'http2-settings',
  'proxy-connection',
  'keep-alive',
  'set-cookie',
]);

/** Undefined where anything in it is out of the ordinary, so that nobody has to know here what it would mean. */
function readFields(head: string, start: number): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  FIELD.lastIndex = start;
  for (let at = start; at < head.length; at = FIELD.lastIndex) {
    const field = FIELD.exec(head);
    if (field === null) return undefined;
    const [, written = '', value = ''] = field;
    const name = written.toLowerCase();
    if (NOT_HERE.has(name) || Object.hasOwn(headers, name)) return undefined;
    headers[name] = value.trim();
  }
  return headers;
}

/**
 * The request that these bytes are, if they are all of it and nothing else, and there is nothing unusual about it: one line
 * `POST` with HTTP/1.1, fields of plain ASCII that each stand once, Host and Content-Length among them (RFC 9112 §3.2, §6.2),
 * and the whole body. Undefined for everything else: that is for a real parser to read, or to refuse.
 */
export function readWholePost(bytes: Buffer): WholePost | undefined {
  const text = bytes.toString('latin1', 0, Math.min(bytes.length, MAX_HEAD));
  const end = text.indexOf(HEAD_END);
  const line = end === -1 ? null : REQUEST_LINE.exec(text);
  if (line === null) return undefined;
  const headers = readFields(text.slice(0, end + 2), line[0].length);
  const contentLength = headers?.['content-length'];
  if (headers?.['host'] === undefined || contentLength === undefined || !LENGTH.test(contentLength)) return undefined;
  if (headers['connection'] !== undefined && headers['connection'].toLowerCase() !== 'keep-alive') return undefined;
  const bodyStart = end + HEAD_END.length;
  if (bodyStart + Number(contentLength) !== bytes.length) return undefined;
  return { path: line[1] ?? '', headers, body: bytes.subarray(bodyStart) };
}
