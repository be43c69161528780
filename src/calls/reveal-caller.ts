import { headerValues, removeHeader, type SipRequest, setHeader } from '../wire/sip/message.ts';

/** What would have an element behind us hide the caller, or refuse the call because it cannot (RFC 3323 §4.2, RFC 3325 §9.3, RFC 7044 §10.1). */
const HIDING = new Set(['header', 'session', 'user', 'id', 'history', 'critical']);

/**
 * The call without its wish to be anonymous (decision 60): a PSAP is told who calls (RFC 6881 SP-33.4), and no element on the
 * way may take that out again. What else Privacy says stays.
 */
export function revealCaller(request: SipRequest, notes: string[]): SipRequest {
  const values = headerValues(request, 'Privacy');
  if (values.length === 0) return request;
  const asked = values.flatMap((value) => value.split(/[;,]/)).map((value) => value.trim());
  const kept = asked.filter((value) => value !== '' && !HIDING.has(value.toLowerCase()));
  if (kept.length === asked.length) return request;
  notes.push('Privacy does not hide an emergency caller and was taken off');
  return kept.length === 0 ? removeHeader(request, 'Privacy') : setHeader(request, 'Privacy', kept.join(';'));
}
