import { NO_BODY, type SipHeader, type SipRequest, type SipResponse } from './message.ts';
import { readNameAddr } from './name-addr.ts';
import { hasParam } from './params.ts';

/** Reason phrases of RFC 3261 §21 and the IANA registry of response codes. */
const REASON_PHRASES: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  199: 'Early Dialog Terminated',
  200: 'OK',
  202: 'Accepted',
  204: 'No Notification',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  305: 'Use Proxy',
  380: 'Alternative Service',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  410: 'Gone',
  412: 'Conditional Request Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  417: 'Unknown Resource-Priority',
  420: 'Bad Extension',
  421: 'Extension Required',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  424: 'Bad Location Information',
  428: 'Use Identity Header',
  429: 'Provide Referrer Identity',
  430: 'Flow Failed',
  433: 'Anonymity Disallowed',
  437: 'Unsupported Credential',
  438: 'Invalid Identity Header',
  439: 'First Hop Lacks Outbound Support',
  440: 'Max-Breadth Exceeded',
  469: 'Bad Info Package',
  470: 'Consent Needed',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  484: 'Address Incomplete',
  485: 'Ambiguous',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  493: 'Undecipherable',
  494: 'Security Agreement Required',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  505: 'Version Not Supported',
  513: 'Message Too Large',
  555: 'Push Notification Service Not Supported',
  580: 'Precondition Failure',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  606: 'Not Acceptable',
  607: 'Unwanted',
  608: 'Rejected',
};

/** The registered phrase of a status code; a bland one by class for unregistered codes. */
export function reasonPhrase(status: number): string {
  return REASON_PHRASES[status] ?? (status < 200 ? 'Progress' : status < 300 ? 'OK' : 'Failure');
}

/** Copied into every response, in this order (RFC 3261 §8.2.6.2); Timestamp only into a 100 (§8.2.6.1). */
const COPIED_HEADERS: ReadonlySet<string> = new Set(['Via', 'From', 'Call-ID', 'CSeq']);

/** The request with nothing but what its answers need. */
export function withAnswerHeaders(request: SipRequest): SipRequest {
  const headers = request.headers.filter(
    ({ name }) => COPIED_HEADERS.has(name) || name === 'To' || name === 'Record-Route',
  );
  return { ...request, headers, body: NO_BODY };
}

/** 101 to 299 tell the caller the route set of the dialog (RFC 3261 §12.1.1). */
function carriesRecordRoute(status: number): boolean {
  return status > 100 && status < 300;
}

/**
 * A response to `request` by RFC 3261 §8.2.6: Via, From, To, Call-ID, CSeq are copied, Record-Route when the response
 * makes a dialog. `toTag` is added to To unless the request had one (never to a 100). `headers` come last.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  reason: string = reasonPhrase(status),
  extras: { toTag?: string; headers?: readonly SipHeader[]; body?: Buffer } = {},
): SipResponse {
  const headers: SipHeader[] = [];
  for (const header of request.headers) {
    if (COPIED_HEADERS.has(header.name)) headers.push(header);
    else if (header.name === 'To') headers.push(withTag(header, status === 100 ? undefined : extras.toTag));
    else if (header.name === 'Record-Route' && carriesRecordRoute(status)) headers.push(header);
    else if (header.name === 'Timestamp' && status === 100) headers.push(header);
  }
  if (extras.headers) headers.push(...extras.headers);
  return { kind: 'response', status, reason, headers, body: extras.body ?? NO_BODY };
}

function withTag(to: SipHeader, toTag: string | undefined): SipHeader {
  if (toTag === undefined) return to;
  const nameAddr = readNameAddr(to.value);
  if (nameAddr && hasParam(nameAddr.params, 'tag')) return to;
  return { name: to.name, value: `${to.value};tag=${toTag}` };
}
