import { type Param, readParams } from './params.ts';

/** A Content-Type (RFC 3261 §20.15): `type` and `subtype` in lower case. */
export type MediaType = { readonly type: string; readonly subtype: string; readonly params: readonly Param[] };

const TOKEN = /^[a-z0-9.!%*_+`'~#$&^|{}-]+$/;

/** Reads `multipart/mixed;boundary="x"`; undefined when there is no type and subtype. */
export function readMediaType(value: string): MediaType | undefined {
  const semicolon = value.indexOf(';');
  const [type = '', subtype = '', ...rest] = (semicolon === -1 ? value : value.slice(0, semicolon))
    .split('/')
    .map((part) => part.trim().toLowerCase());
  if (rest.length > 0 || !TOKEN.test(type) || !TOKEN.test(subtype)) return undefined;
  return { type, subtype, params: semicolon === -1 ? [] : readParams(value.slice(semicolon + 1)) };
}
