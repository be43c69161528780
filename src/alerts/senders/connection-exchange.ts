import { ProblemError } from '../../domain/problem.ts';
import { errorText } from '../../support/error-text.ts';
import type { OutgoingHttp } from '../../transport/outgoing-http.ts';
import { type SendAcceptance, SendError } from './alert-sender.ts';

/** What is sent to a connection's server. */
type ConnectionRequest = {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
  timeoutSeconds: number;
  /** Texts that no answer of the server may bring into a receipt. */
  secrets: readonly string[];
};

/** What came back, other than a redirection. */
export type ConnectionAnswer = {
  status: number;
  retryAfter: string | undefined;
  /** At most 64 KiB of it, as text. */
  body: string;
  /** The body is not whole: longer, broken off, or not there in time. */
  isCut: boolean;
  /** Status and the beginning of the body in one line, for receipts. */
  words: string;
};

const MAX_BYTES = 64 * 1024;
const MAX_WORDS = 200;
const USER_AGENT = 'Waymark';
const LONGEST_RETRY_AFTER_SECONDS = 3_600;
/** Shorter ones would hide ordinary words. */
const SHORTEST_SECRET = 8;
/** Only these may say when to come back (RFC 6585 §4, RFC 9110 §15.6.4). */
const BUSY = [429, 503];

/**
 * One request to the server of a connection and its answer; the status says enough, so that an answer of any length or speed ends.
 * Rejects with `SendError`: for good where nothing may be sent there and where it redirects, else for this attempt.
 */
export async function exchangeWithConnection(
  http: OutgoingHttp,
  request: ConnectionRequest,
  signal: AbortSignal,
): Promise<ConnectionAnswer> {
  const url = URL.parse(request.url);
  if (url === null) throw new SendError('the URL is none', { isPermanent: true });
  const { method, body, timeoutSeconds } = request;
  const headers = { 'user-agent': USER_AGENT, accept: '*/*', ...request.headers };
  const late = AbortSignal.timeout(timeoutSeconds * 1_000);
  const both = AbortSignal.any([signal, late]);
  try {
    const answer = await http.exchange({
      method,
      url,
      headers,
      body,
      signal: both,
      maxBytes: MAX_BYTES,
      excess: 'cut',
    });
    const text = answer.body.toString('utf8');
    // Hidden before anything is cut, so that no part of a secret is left over.
    const shown = oneLine(withoutSecrets(text, request.secrets));
    const words = `HTTP ${answer.status} ${shown}`.trim().slice(0, MAX_WORDS);
    if (answer.status >= 300 && answer.status < 400) {
      throw new SendError(`${url.host} redirects (HTTP ${answer.status}), which is not followed: change the URL`, {
        isPermanent: true,
      });
    }
    return { status: answer.status, retryAfter: answer.headers['retry-after'], body: text, isCut: answer.isCut, words };
  } catch (error) {
    if (error instanceof SendError) throw error;
    if (late.aborted) throw new SendError(`no answer of ${url.host} within ${timeoutSeconds} s`, { cause: error });
    if (signal.aborted) throw new SendError(`${url.host} was not waited for any longer`, { cause: error });
    const isForbidden = error instanceof ProblemError && error.kind === 'forbidden';
    throw new SendError(withoutSecrets(describe(error, url), request.secrets).slice(0, MAX_WORDS), {
      isPermanent: isForbidden,
      isUnreached: isConnectFailure(error),
      cause: error,
    });
  }
}

/** Of one address, or of every address of the host. */
function isConnectFailure(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectFailure);
  return error instanceof Error && 'syscall' in error && error.syscall === 'connect';
}

/** The failure that a status tells. */
export function refusalOf(
  answer: ConnectionAnswer,
  nowMs: number,
  options: { isPermanent?: boolean; isOfMessage?: boolean } = {},
): SendError {
  const retryAfterSeconds = BUSY.includes(answer.status) ? readRetryAfter(answer.retryAfter, nowMs) : undefined;
  return new SendError(answer.words, { ...options, retryAfterSeconds });
}

export function acceptanceOf(answer: ConnectionAnswer): SendAcceptance {
  return { response: answer.words };
}

/** RFC 9110 §10.2.3: seconds or a date; at most an hour, since an alert is not put off for a day. */
function readRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = /^\d{1,10}$/.test(value.trim())
    ? Number(value)
    : /^[A-Z][a-z]{2}, /.test(value)
      ? Math.ceil((Date.parse(value) - nowMs) / 1_000)
      : Number.NaN;
  return Number.isNaN(seconds) ? undefined : Math.min(LONGEST_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}

function describe(error: unknown, url: URL): string {
  const code = (error as { code?: unknown } | null)?.code;
  const text = errorText(error);
  if (error instanceof ProblemError || typeof code !== 'string') return `${url.host}: ${text}`;
  return `${url.host}: ${text.includes(code) ? text : `${code}: ${text}`}`;
}

function oneLine(text: string): string {
  return text
    .slice(0, 4 * MAX_WORDS)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
}
