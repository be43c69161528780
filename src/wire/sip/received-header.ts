import type { SipHeader } from './message.ts';

/** The head of a message as text. */
export type ReceivedHead = { readonly text: string };

/**
 * A header field as it came: a place in the head, whose value is cut out when it is first asked for. Most fields of a message
 * that passes by are never asked for, and whoever sends the message on copies their lines as they stand.
 */
export class ReceivedHeader implements SipHeader {
  readonly name: string;
  readonly head: ReceivedHead;
  /** Where its line begins, and where the next one does. */
  readonly start: number;
  readonly end: number;
  /** Whether the line stands as we would write it: `Name: value` and CRLF, the name in its canonical spelling. */
  readonly isAsWritten: boolean;
  readonly #valueStart: number;
  readonly #valueEnd: number;
  /** Whether the value is folded, holds a bare carriage return, or begins or ends with what may be a space beyond ASCII. */
  readonly #isRough: boolean;
  #value: string | undefined;

  constructor(
    name: string,
    head: ReceivedHead,
    place: { start: number; end: number; valueStart: number; valueEnd: number },
    isAsWritten: boolean,
    isRough: boolean,
  ) {
    this.name = name;
    this.head = head;
    this.start = place.start;
    this.end = place.end;
    this.isAsWritten = isAsWritten;
    this.#valueStart = place.valueStart;
    this.#valueEnd = place.valueEnd;
    this.#isRough = isRough;
  }

  get value(): string {
    this.#value ??= this.#read();
    return this.#value;
  }

  #read(): string {
    const raw = this.head.text.slice(this.#valueStart, this.#valueEnd);
    if (!this.#isRough) return raw;
    // A bare carriage return is read as the end of a line by some: it must not reach them.
    return raw
      .replace(/[ \t]*\r*\n[ \t]+/g, ' ')
      .replace(/\r+/g, ' ')
      .trim();
  }
}
