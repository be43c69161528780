/** SIP for decoders and for a running server: the torture messages and whole calls, changed at random. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

/** The messages of RFC 4475 and RFC 5118. */
export const TORTURE_MESSAGES: readonly Buffer[] = ['rfc4475', 'rfc5118'].flatMap((folder) => {
  const directory = join(import.meta.dirname, '../../conformance/sip', folder);
  return readdirSync(directory)
    .filter((name) => name.endsWith('.dat'))
    .sort()
    .map((name) => readFileSync(join(directory, name)));
});

/** Pieces that mean something to SIP, so that mutations hit its grammar. */
export const sipPiece: fc.Arbitrary<Buffer> = fc
  .constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    ';',
    ',',
    '"',
    '\\',
    '<',
    '>',
    '@',
    '[',
    ']',
    '%',
    '%41',
    '=',
    'SIP/2.0',
    'SIP/',
    'INVITE ',
    'Via: ',
    'v:',
    'Content-Length: ',
    'l: -1',
    'l: 99999999999',
    '\0',
    'é',
    '\u{1F600}',
    ';branch=',
    ';rport',
    ';received=',
    'boundary=',
    '--',
    'sip:',
    'tel:',
    'cid:',
    '2001:db8::1',
    ':99999',
    '4294967296',
  )
  .map((text) => Buffer.from(text));

const insertion = fc.oneof(
  sipPiece,
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);

/** One of `messages` with up to six places of its bytes changed. */
export function mutatedSip(messages: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .record({
      message: fc.constantFrom(...messages),
      edits: fc.array(fc.record({ at: fc.nat(), remove: fc.nat({ max: 12 }), insert: insertion }), { maxLength: 6 }),
    })
    .map(({ message, edits }) =>
      edits.reduce((bytes, { at, remove, insert }) => {
        const place = at % (bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, place), insert, bytes.subarray(place + remove)]);
      }, message),
    );
}
