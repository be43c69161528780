import { readCSeq } from './cseq.ts';
import { readDigits } from './digits.ts';
import { headerValue, headerValues, type SipHeader, type SipRequest } from './message.ts';
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
function isOnceOnly(name: string): boolean {
  return name === 'From' || name === 'To' || name === 'Call-ID' || name === 'CSeq' || name === 'Max-Forwards';
}

function findRepeated(headers: readonly SipHeader[]): RequestFault | undefined {
  let found: RequestFault | undefined;
  for (let at = 1; at < headers.length; at++) {
    const name = headers[at]?.name ?? '';
    if (!isOnceOnly(name) || headers.findIndex((header) => header.name === name) === at) continue;
    if (name !== 'Max-Forwards') return fatal(`More than one ${name}`);
    found = forgivable(`More than one ${name}`);
  }
  return found;
}

function isForwardCount(text: string): boolean {
  return text.length <= 10 && readDigits(text, 0, text.length) !== undefined;
}

/**
 * The "reasonable syntax" check of RFC 3261 §16.3 (1) and §8.1.1: the fields that a proxy must understand are there, once,
 * and readable. Everything else is left alone. Undefined when the request can be processed; a fault that is not forgivable wins.
 */
export function findRequestFault(request: SipRequest): RequestFault | undefined {
  let found = findRepeated(request.headers);
  if (found && !found.isForgivable) return found;
  const vias = headerValues(request, 'Via');
  if (vias[0] === undefined || !readVia(vias[0])) return fatal('Bad or missing Via');
  if (!vias.every((via) => readVia(via))) found ??= forgivable('Bad or missing Via');
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
  if (maxForwards !== undefined && !isForwardCount(maxForwards)) found ??= forgivable('Bad Max-Forwards');
  if (!readUri(request.uri)) return fatal('Bad Request-URI');
  return found;
}
