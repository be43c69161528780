import { readCSeq } from './cseq.ts';
import { headerValue, headerValues, type SipRequest } from './message.ts';
import { readNameAddr } from './name-addr.ts';
import { readUri } from './uri.ts';
import { readVia } from './via.ts';

/** Why a request cannot be processed, and the status that says so. */
export type RequestFault = { readonly status: number; readonly detail: string };

/** Fields that RFC 3261 §20 allows once only; two of them leave it open which one is meant. */
const ONCE_ONLY: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards']);

/**
 * The "reasonable syntax" check of RFC 3261 §16.3 (1) and §8.1.1: the fields that a proxy must understand are there, once,
 * and readable. Everything else is left alone. Undefined when the request can be processed.
 */
export function findRequestFault(request: SipRequest): RequestFault | undefined {
  const seen = new Set<string>();
  for (const { name } of request.headers) {
    if (!ONCE_ONLY.has(name)) continue;
    if (seen.has(name)) return { status: 400, detail: `More than one ${name}` };
    seen.add(name);
  }
  const vias = headerValues(request, 'Via');
  if (vias.length === 0 || !vias.every((via) => readVia(via))) return { status: 400, detail: 'Bad or missing Via' };
  const from = headerValue(request, 'From');
  if (from === undefined || !readNameAddr(from)) return { status: 400, detail: 'Bad or missing From' };
  const to = headerValue(request, 'To');
  if (to === undefined || !readNameAddr(to)) return { status: 400, detail: 'Bad or missing To' };
  if (!headerValue(request, 'Call-ID')) return { status: 400, detail: 'Bad or missing Call-ID' };
  const cseqText = headerValue(request, 'CSeq');
  const cseq = cseqText === undefined ? undefined : readCSeq(cseqText);
  if (!cseq) return { status: 400, detail: 'Bad or missing CSeq' };
  if (cseq.method !== request.method) return { status: 400, detail: 'CSeq method does not match' };
  const maxForwards = headerValue(request, 'Max-Forwards');
  if (maxForwards !== undefined && !/^[0-9]{1,10}$/.test(maxForwards))
    return { status: 400, detail: 'Bad Max-Forwards' };
  if (!readUri(request.uri)) return { status: 400, detail: 'Bad Request-URI' };
  return undefined;
}
