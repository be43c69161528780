/**
 * A `;name=value` parameter. `value` is as on the wire, quotes included; undefined when there is no `=`.
 */
export type Param = { readonly name: string; readonly value: string | undefined };

export const NO_PARAMS: readonly Param[] = Object.freeze([]);

/**
 * Reads `;name=value;name…` (with or without the first semicolon). Spaces around names and `=` and empty parameters are
 * tolerated (RFC 3261 §25.1 SEMI and EQUAL allow them).
 */
export function readParams(text: string): readonly Param[] {
  if (text === '') return NO_PARAMS;
  const params: Param[] = [];
  for (let start = 0; start < text.length; ) {
    // To the next `;` outside quotes; the first `=` may stand inside them.
    let equals = -1;
    let isQuoted = false;
    let end = start;
    for (; end < text.length; end++) {
      const isEscape = isQuoted && text.charCodeAt(end) === 0x5c;
      if (isEscape) end++;
      const code = text.charCodeAt(end);
      if (code === 0x3d && equals === -1) equals = end;
      else if (isEscape) continue;
      else if (code === 0x22) isQuoted = !isQuoted;
      else if (code === 0x3b && !isQuoted) break;
    }
    const name = text.slice(start, equals === -1 ? end : equals).trim();
    if (name !== '') params.push({ name, value: equals === -1 ? undefined : text.slice(equals + 1, end).trim() });
    start = end + 1;
  }
  return params;
}

function findParam(params: readonly Param[], name: string): Param | undefined {
  for (const param of params) {
    if (param.name === name || (param.name.length === name.length && param.name.toLowerCase() === name)) return param;
  }
  return undefined;
}

/** The value of a parameter, unquoted; `''` when it has none; undefined when it is absent. `name` in lower case. */
export function paramValue(params: readonly Param[], name: string): string | undefined {
  const param = findParam(params, name);
  return param && (param.value === undefined ? '' : unquote(param.value));
}

/** Whether the parameter is there at all. `name` in lower case. */
export function hasParam(params: readonly Param[], name: string): boolean {
  return findParam(params, name) !== undefined;
}

/** The list with this parameter set, in its old place or at the end. `name` in lower case, `value` as on the wire. */
export function withParam(params: readonly Param[], name: string, value: string | undefined): readonly Param[] {
  const old = findParam(params, name);
  if (!old) return [...params, { name, value }];
  return params.map((param) => (param === old ? { name: param.name, value } : param));
}

/** `;a=1;b`. */
export function formatParams(params: readonly Param[]): string {
  let text = '';
  for (const { name, value } of params) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The text of a quoted-string without quotes and backslashes (RFC 3261 §25.1); other text comes back as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  const inner = text.slice(1, -1);
  return inner.includes('\\') ? inner.replace(/\\([\s\S])/g, '$1') : inner;
}

/** A quoted-string (RFC 3261 §25.1). Line breaks, which no header may carry, become spaces. */
export function quote(text: string): string {
  return `"${text.replace(/[\r\n]+/g, ' ').replace(/["\\]/g, '\\$&')}"`;
}
