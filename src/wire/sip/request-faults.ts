import { readCSeq } from './cseq.ts';
import { headerValue, headerValues, type SipRequest } from './message.ts';
import { readNameAddr } from './name-addr.ts';
import { readUri } from './uri.ts';
import { readVia } from './via.ts';

/** Why a request cannot be processed, and the status that says so. */
export type RequestFault = {
  readonly status: number;
  readonly detail: string;
  /** The request can be forwarded and answered all the same, if it must not be refused. */
  readonly isForgivable: boolean;
};

function fatal(detail: string): RequestFault {
  return { status: 400, detail, isForgivable: false };
}

function forgivable(detail: string): RequestFault {
  return { status: 400, detail, isForgivable: true };
}

/** Fields that RFC 3261 §20 allows once only; two of them leave it open which one is meant. */
const ONCE_ONLY: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards']);

/**
 * The "reasonable syntax" check of RFC 3261 §16.3 (1) and §8.1.1: the fields that a proxy must understand are there, once,
 * and readable. Everything else is left alone. Undefined when the request can be processed; a fault that is not forgivable wins.
 */
export function findRequestFault(request: SipRequest): RequestFault | undefined {
  const seen = new Set<string>();
  let found: RequestFault | undefined;
  for (const { name } of request.headers) {
    if (!ONCE_ONLY.has(name)) continue;
    if (seen.has(name)) {
      const detail = `More than one ${name}`;
      if (name !== 'Max-Forwards') return fatal(detail);
      found ??= forgivable(detail);
    }
    seen.add(name);
  }
  const [topVia, ...lowerVias] = headerValues(request, 'Via');
  if (topVia === undefined || !readVia(topVia)) return fatal('Bad or missing Via');
  if (!lowerVias.every((via) => readVia(via))) found ??= forgivable('Bad or missing Via');
  for (const name of ['From', 'To'] as const) {
    const value = headerValue(request, name);
    if (value === undefined) return fatal(`Bad or missing ${name}`);
    if (!readNameAddr(value)) found ??= forgivable(`Bad or missing ${name}`);
  }
  if (!headerValue(request, 'Call-ID')) return fatal('Bad or missing Call-ID');
  const cseqText = headerValue(request, 'CSeq');
  const cseq = cseqText === undefined ? undefined : readCSeq(cseqText);
  if (!cseq) return fatal('Bad or missing CSeq');
  if (cseq.method !== request.method) return fatal('CSeq method does not match');
  const maxForwards = headerValue(request, 'Max-Forwards');
  if (maxForwards !== undefined && !/^[0-9]{1,10}$/.test(maxForwards)) found ??= forgivable('Bad Max-Forwards');
  if (!readUri(request.uri)) return fatal('Bad Request-URI');
  return found;
}
