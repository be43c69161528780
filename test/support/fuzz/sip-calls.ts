/** Messages as a phone sends them to a running server, before anything is changed in them. */
import { encodePresence } from '../../../src/wire/pidf-lo/pidf-lo.ts';

/** Stands where every message needs an own number: branches, tags and Call-IDs. */
export const SERIAL_MARK = '~serial~';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n';

const PIDF = encodePresence({
  entity: 'pres:phone@example.com',
  locations: [
    { shape: { type: 'circle', center: { latitude: 30.2649, longitude: -97.7474 }, radiusMeters: 20 } },
    { civic: { country: 'US', A1: 'TX', A3: 'Austin', RD: 'Congress', STS: 'Ave', HNO: '100', PC: '78701' } },
  ],
});

const MULTIPART =
  `--b1\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n` +
  `--b1\r\nContent-Type: application/pidf+xml\r\nContent-ID: <here@example.com>\r\n\r\n${PIDF}\r\n--b1--\r\n`;

export type Ends = { protocol: 'udp' | 'tcp' | 'tls'; server: string; own: string };

type Draft = { method: string; uri: string; toTag?: boolean; lines?: readonly string[]; type?: string; body?: string };

function draft({ protocol, server, own }: Ends, { method, uri, toTag, lines = [], type, body = '' }: Draft): Buffer {
  const content = body === '' ? [] : [`Content-Type: ${type ?? 'application/sdp'}`];
  return Buffer.from(
    [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/${protocol.toUpperCase()} ${own};branch=z9hG4bK${SERIAL_MARK};rport`,
      'Max-Forwards: 70',
      `From: "A caller" <sip:+12145550100@${own}>;tag=f${SERIAL_MARK}`,
      `To: <sip:911@${server}>${toTag ? `;tag=t${SERIAL_MARK}` : ''}`,
      `Call-ID: ${SERIAL_MARK}@fuzz`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:phone@${own};transport=${protocol}>`,
      ...lines,
      ...content,
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}

/** A 911 call that nothing is wrong with. */
export function goodCall(ends: Ends): Buffer {
  return draft(ends, { method: 'INVITE', uri: `sip:911@${ends.server}`, body: SDP });
}

export function optionsPing(ends: Ends): Buffer {
  return draft(ends, { method: 'OPTIONS', uri: `sip:${ends.server}` });
}

function response(ends: Ends, status: string, method: string): Buffer {
  return Buffer.from(
    [
      `SIP/2.0 ${status}`,
      `Via: SIP/2.0/${ends.protocol.toUpperCase()} ${ends.server};branch=z9hG4bK${SERIAL_MARK};rport`,
      `Via: SIP/2.0/${ends.protocol.toUpperCase()} ${ends.own};branch=z9hG4bKx${SERIAL_MARK}`,
      `From: <sip:+12145550100@${ends.own}>;tag=f${SERIAL_MARK}`,
      `To: <sip:911@${ends.server}>;tag=t${SERIAL_MARK}`,
      `Call-ID: ${SERIAL_MARK}@fuzz`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:psap@${ends.own}>`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  );
}

/** Emergency and test calls in all their forms. */
export function callMessages(ends: Ends): Buffer[] {
  const { server, own } = ends;
  const located = {
    lines: ['Geolocation: <cid:here@example.com>', 'Geolocation-Routing: yes'],
    type: 'multipart/mixed;boundary=b1',
    body: MULTIPART,
  };
  return [
    goodCall(ends),
    draft(ends, { method: 'INVITE', uri: 'urn:service:sos', ...located }),
    draft(ends, {
      method: 'INVITE',
      uri: 'urn:service:sos.fire',
      lines: [
        `P-Asserted-Identity: "Desk" <sip:+12145550100@${own}>, <tel:+12145550100>`,
        `Geolocation: <http://127.0.0.1:9/held/l/nobody>;loc-src=example.com, <cid:nowhere@example.com>`,
        'Privacy: id;critical',
        'History-Info: <sip:911@example.com>;index=1',
        'Call-Info: <urn:emergency:uid:callid:0123456789ab:example.com>;purpose=emergency-CallId',
        'Supported: 100rel, timer, path',
        'Session-Expires: 1800;refresher=uac',
      ],
      body: SDP,
    }),
    draft(ends, { method: 'INVITE', uri: `sip:9911@${server};user=phone`, lines: ['Require: 100rel'] }),
    draft(ends, { method: 'INVITE', uri: `sip:933@${server}`, body: SDP }),
  ];
}

/** Everything else that a phone, a PSAP or a stranger may send. */
export function otherMessages(ends: Ends): Buffer[] {
  const { server, own } = ends;
  const route = `Route: <sip:${server};lr>, <sip:phone@${own};lr>`;
  return [
    draft(ends, { method: 'INVITE', uri: `sip:phone@${own}`, toTag: true, lines: [route], body: SDP }),
    draft(ends, { method: 'INVITE', uri: `sip:+12145550123@${server}`, lines: ['Priority: psap-callback'], body: SDP }),
    draft(ends, { method: 'ACK', uri: `sip:phone@${own}`, toTag: true, lines: [route] }),
    draft(ends, { method: 'ACK', uri: `sip:911@${server}` }),
    draft(ends, { method: 'CANCEL', uri: `sip:911@${server}` }),
    draft(ends, { method: 'BYE', uri: `sip:phone@${own}`, toTag: true, lines: [route] }),
    draft(ends, {
      method: 'PRACK',
      uri: `sip:phone@${own}`,
      toTag: true,
      lines: [route, 'RAck: 1 1 INVITE'],
    }),
    draft(ends, { method: 'UPDATE', uri: `sip:phone@${own}`, toTag: true, lines: [route], body: SDP }),
    draft(ends, {
      method: 'INFO',
      uri: `sip:phone@${own}`,
      toTag: true,
      lines: [route],
      type: 'text/plain',
      body: 'hi',
    }),
    optionsPing(ends),
    draft(ends, { method: 'REGISTER', uri: `sip:${server}`, lines: ['Expires: 60'] }),
    draft(ends, { method: 'MESSAGE', uri: `sip:911@${server}`, type: 'text/plain', body: 'help' }),
    draft(ends, { method: 'SUBSCRIBE', uri: `sip:911@${server}`, lines: ['Event: presence'] }),
    response(ends, '100 Trying', 'INVITE'),
    response(ends, '183 Session Progress', 'INVITE'),
    response(ends, '200 OK', 'INVITE'),
    response(ends, '302 Moved', 'INVITE'),
    response(ends, '487 Request Terminated', 'INVITE'),
    response(ends, '200 OK', 'CANCEL'),
  ];
}
