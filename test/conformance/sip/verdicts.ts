/**
 * What becomes of a message: `process` reaches the proxy, a number is the status that answers it, `drop` is silence.
 */
export type Verdict = { outcome: 'process' | 'drop' | 400 | 505; why?: string };

const processed: Verdict = { outcome: 'process' };

function refused(outcome: 400 | 505, why: string): Verdict {
  return { outcome, why };
}

function lenient(why: string): Verdict {
  return { outcome: 'process', why: `lenient: ${why}` };
}

export const VERDICTS: Readonly<Record<string, Verdict>> = {
  // RFC 4475 §3.1.1: valid messages.
  'rfc4475/wsinv': processed,
  'rfc4475/intmeth': processed,
  'rfc4475/esc01': processed,
  'rfc4475/escnull': processed,
  'rfc4475/esc02': processed,
  'rfc4475/lwsdisp': processed,
  'rfc4475/longreq': processed,
  'rfc4475/dblreq': processed,
  'rfc4475/semiuri': processed,
  'rfc4475/transports': processed,
  'rfc4475/mpart01': processed,
  'rfc4475/unreason': processed,
  'rfc4475/noreason': processed,
  // RFC 4475 §3.1.2: invalid messages.
  'rfc4475/badinv01': refused(400, 'separators without values in Via'),
  'rfc4475/clerr': refused(400, 'Content-Length larger than the datagram'),
  'rfc4475/ncl': refused(400, 'negative Content-Length'),
  'rfc4475/scalar02': refused(400, 'CSeq beyond 32 bits'),
  'rfc4475/scalarlg': { outcome: 'drop', why: 'a response with CSeq beyond 32 bits' },
  'rfc4475/quotbal': refused(400, 'quote of a display name left open'),
  'rfc4475/ltgtruri': refused(400, 'Request-URI in <>'),
  'rfc4475/lwsruri': refused(400, 'space inside the Request-URI'),
  'rfc4475/lwsstart': lenient('several spaces in the request line'),
  'rfc4475/trws': lenient('trailing space in the request line'),
  'rfc4475/escruri': lenient('headers in the Request-URI, which the proxy replaces'),
  'rfc4475/baddate': lenient('Date is not used'),
  'rfc4475/regbadct': lenient('Contact is not used'),
  'rfc4475/badaspec': lenient('spaces within <>'),
  'rfc4475/baddn': lenient('a comma in an unquoted display name must not stop an emergency call'),
  'rfc4475/badvers': refused(505, 'SIP/7.0'),
  'rfc4475/mismatch01': refused(400, 'CSeq method'),
  'rfc4475/mismatch02': refused(400, 'CSeq method'),
  'rfc4475/bigcode': { outcome: 'drop', why: 'status code 4294967301' },
  // RFC 4475 §3.2 to §3.4: for the layers above the parser.
  'rfc4475/badbranch': processed,
  'rfc4475/insuf': refused(400, 'Call-ID, From and To are missing'),
  'rfc4475/unkscm': processed,
  'rfc4475/novelsc': processed,
  'rfc4475/unksm2': processed,
  'rfc4475/bext01': processed,
  'rfc4475/invut': processed,
  'rfc4475/regaut01': processed,
  'rfc4475/multi01': refused(400, 'two From, To, Call-ID, CSeq'),
  'rfc4475/mcl01': refused(400, 'two Content-Length that differ'),
  'rfc4475/bcast': processed,
  'rfc4475/zeromf': processed,
  'rfc4475/cparam01': processed,
  'rfc4475/cparam02': processed,
  'rfc4475/regescrt': processed,
  'rfc4475/sdp01': processed,
  'rfc4475/inv2543': processed,
  'rfc4475/test': { outcome: 'drop', why: 'no version in the request line' },
  // RFC 5118 §4.
  'rfc5118/ipv6-good': processed,
  'rfc5118/ipv6-bad': refused(400, 'IPv6 address without brackets'),
  'rfc5118/port-ambiguous': processed,
  'rfc5118/port-unambiguous': processed,
  'rfc5118/via-received-param-with-delim': processed,
  'rfc5118/via-received-param-no-delim': processed,
  'rfc5118/ipv6-in-sdp': processed,
  'rfc5118/mult-ip-in-header': processed,
  'rfc5118/mult-ip-in-sdp': processed,
  'rfc5118/ipv4-mapped-ipv6': processed,
  'rfc5118/ipv6-bug-abnf-3-colons': processed,
  'rfc5118/ipv6-correct-abnf-2-colons': processed,
};
