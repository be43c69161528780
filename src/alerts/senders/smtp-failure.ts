import { errorText } from '../../support/error-text.ts';
import { cutText, oneLine } from '../content/one-line.ts';
import { SendError } from './alert-sender.ts';

/** What an attempt at one mail server came to. */
export type SmtpFailure = {
  error: SendError;
  /** The server did not get as far as this mail: the next mail fares no better there. */
  isOfServer: boolean;
};

/** What nodemailer says of a failed attempt. */
type Reported = {
  response?: unknown;
  responseCode?: unknown;
  command?: unknown;
  code?: unknown;
  syscall?: unknown;
  timeoutType?: unknown;
};

const WORDS_LENGTH = 200;
/** Replies that tell of the session or of our own set-up: to be mended there, while the mail is tried again. */
const SESSION_CODES: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 521, 530, 534, 535, 538]);
/** RFC 3463 §3.2, §3.3: of the address, of the mailbox, whatever the code before it. */
const ADDRESS_SUBJECTS = /^5\d\d[ -]5\.[12]\.\d/;
/** RFC 3463 §3: of the mail system, of the protocol, of policy (relaying refused, a blocked sender). */
const SESSION_SUBJECTS = /^5\d\d[ -]5\.[357]\.\d/;

/** Replies to these meet every mail alike. */
const BEFORE_THE_RECIPIENT = /^(?:EHLO|HELO|STARTTLS|AUTH|MAIL FROM)\b/;

/** How a server is silent before it has greeted us, TLS included: of no mail in particular. */
const SILENT_AT_FIRST: ReadonlySet<unknown> = new Set(['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT']);

/** Nobody answered, or whoever answered wanted no mail of ours at all. Silence later on may be about one mailbox. */
function wasUnreached({ code, syscall, command, timeoutType, responseCode }: Reported): boolean {
  if (syscall === 'connect' || code === 'EDNS' || SILENT_AT_FIRST.has(timeoutType)) return true;
  if (typeof responseCode !== 'number') return false;
  // What nodemailer calls a greeting that is none.
  return code === 'EPROTOCOL' || (typeof command === 'string' && BEFORE_THE_RECIPIENT.test(command));
}

/**
 * Reads why an attempt failed. Given up at once is only what RFC 5321 §4.2.1 forbids to repeat and what nobody can mend but
 * who chose the address: a refusal of the recipient or of the message itself with a 5yz reply. Everything else, also a 5yz reply to the
 * greeting, to the credentials or to the sender, is tried again. The server's words are kept with their codes (RFC 3463).
 */
export function readSmtpFailure(error: unknown, server: string): SmtpFailure {
  if (error instanceof SendError) return { error, isOfServer: false };
  const reported = (typeof error === 'object' && error !== null ? error : {}) as Reported;
  const { command, response, responseCode } = reported;
  const code = typeof responseCode === 'number' ? responseCode : 0;
  const reply = typeof response === 'string' ? response : '';
  const isOfMail = (command === 'RCPT TO' || command === 'DATA') && code !== 421 && code !== 0;
  const isFinal = ADDRESS_SUBJECTS.test(reply) || (!SESSION_CODES.has(code) && !SESSION_SUBJECTS.test(reply));
  const isPermanent = isOfMail && code >= 500 && isFinal;
  const stage = typeof command === 'string' && command !== 'CONN' ? ` (to ${command})` : '';
  const words = cutText(oneLine(`${server}: ${reply === '' ? errorText(error) : reply}${stage}`), WORDS_LENGTH);
  const isUnreached = wasUnreached(reported);
  return {
    error: new SendError(words, { isPermanent, isOfMessage: isOfMail, isUnreached, cause: error }),
    isOfServer: !isOfMail,
  };
}
