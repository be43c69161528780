import { Readable, Transform } from 'node:stream';

/**
 * A mail of which every byte is as it leaves: lines ended by CRLF, none of them beginning with a dot (RFC 5321 §4.5.2).
 * nodemailer pipes a mail through a stream that looks at every byte of it for line ends and dots; what needs none of that is
 * put behind it, and only the end of the mail is written by it.
 */
export class PreparedMail extends Readable {
  readonly #pieces: readonly Buffer[];

  constructor(pieces: readonly Buffer[]) {
    super({ objectMode: true });
    this.#pieces = pieces;
  }

  override _read(): void {
    for (const piece of this.#pieces) this.push(piece);
    this.push(null);
  }

  override pipe<Target extends NodeJS.WritableStream>(target: Target, options?: { end?: boolean }): Target {
    if (!(target instanceof Transform)) return super.pipe(target, options);
    for (let piece: unknown = this.read(); piece !== null; piece = this.read()) target.push(piece);
    target.end();
    return target;
  }
}
