/**
 * Phones and PSAP of the SIP benchmark in one process, as light as can be: no transactions, no retransmissions, text cut
 * by hand. A call is INVITE, 200, ACK, BYE, 200, or INVITE, 302, ACK where the server redirects; so many are under way at any
 * time, or so many begin in a second.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { serveParent } from '../processes.ts';

export type SipLoad = {
  kind: 'run';
  host: string;
  port: number;
  /** Further header lines of the INVITE. */
  headers: readonly string[];
  body: { contentType: string; text: string };
  underWay: number;
  ms: number;
  /** Calls begin at this rate, whatever becomes of those before; `underWay` bounds them then. */
  callsPerSecond?: number;
  /** Sleeps between calls: for a load that has no core for itself and must not take one from what it measures. */
  sleeps?: boolean;
  /** Calls are left standing after the ACK; it is over when so many stand. */
  standing?: number;
};

export type SipLoadMessage = { kind: 'listen' } | SipLoad;

/**
 * `retransmitted`: messages that came a second time; `lost`: calls without an end; `forwardedMs`: from the INVITE of the phone to the one
 * that the PSAP got.
 */
export type SipLoadResult = {
  count: number;
  errors: number;
  seconds: number;
  retransmitted: number;
  lost: number;
  refused: number;
  forwardedMs: { p50: number; p99: number; max: number };
};

const BUFFER_BYTES = 8 * 1024 * 1024;
const LOST_AFTER_MS = 10_000;
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n';

async function open(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: BUFFER_BYTES,
    sendBufferSize: BUFFER_BYTES,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return socket;
}

/** The whole lines of every header of this name, each with its line end. */
function lines(text: string, name: string): string {
  let found = '';
  const start = `\r\n${name}:`;
  for (let at = text.indexOf(start); at !== -1; ) {
    const end = text.indexOf('\r\n', at + 2);
    found += text.slice(at + 2, end + 2);
    at = text.indexOf(start, end);
  }
  return found;
}

function value(text: string, name: string): string {
  const start = text.indexOf(`\r\n${name}:`);
  if (start === -1) return '';
  return text.slice(start + name.length + 3, text.indexOf('\r\n', start + 2)).trim();
}

const phone = await open();
const psap = await open();
const psapPort = psap.address().port;
const phonePort = phone.address().port;
const hostOf = (port: number): string => `127.0.0.1:${port}`;

let retransmitted = 0;
let seenByPsap = new Set<string>();
let underWay = new Map<string, number>();
let forwardedMs: number[] = [];

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

psap.on('message', (bytes, source) => {
  const text = bytes.toString('latin1');
  const isInvite = text.startsWith('INVITE ');
  if (!isInvite && !text.startsWith('BYE ')) return;
  const callId = value(text, 'Call-ID');
  const key = `${isInvite ? 'i' : 'b'}${callId}`;
  const sentAt = underWay.get(callId);
  if (seenByPsap.has(key)) retransmitted += 1;
  else {
    seenByPsap.add(key);
    if (isInvite && sentAt !== undefined) forwardedMs.push(performance.now() - sentAt);
  }
  const to = isInvite ? `To: ${value(text, 'To')};tag=psap\r\n` : lines(text, 'To');
  const head = `SIP/2.0 200 OK\r\n${lines(text, 'Via')}${lines(text, 'Record-Route')}${lines(text, 'From')}${to}${lines(text, 'Call-ID')}${lines(text, 'CSeq')}`;
  const rest = isInvite
    ? `Contact: <sip:psap@${hostOf(psapPort)}>\r\nContent-Type: application/sdp\r\nContent-Length: ${SDP.length}\r\n\r\n${SDP}`
    : 'Content-Length: 0\r\n\r\n';
  psap.send(Buffer.from(head + rest, 'latin1'), source.port, source.address);
});

let serial = 0;

async function run(load: SipLoad): Promise<SipLoadResult> {
  const { host, port, callsPerSecond, standing } = load;
  underWay = new Map();
  forwardedMs = [];
  let count = 0;
  let lost = 0;
  let refused = 0;
  let isOver = false;
  let begun = 0;
  let whenAllStand = (): void => undefined;
  retransmitted = 0;
  seenByPsap = new Set();
  const more = load.headers.map((line) => `${line}\r\n`).join('');
  const send = (text: string): void => phone.send(Buffer.from(text, 'latin1'), port, host);
  const own = hostOf(phonePort);
  const content = `Content-Type: ${load.body.contentType}\r\nContent-Length: ${load.body.text.length}\r\n\r\n${load.body.text}`;

  function begin(): void {
    serial += 1;
    const id = `${process.pid}-${serial}@bench`;
    underWay.set(id, performance.now());
    send(
      `INVITE sip:911@${host}:${port} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};branch=z9hG4bKi${id};rport\r\nMax-Forwards: 70\r\n` +
        `From: <sip:+15125550101@${own}>;tag=p${serial}\r\nTo: <sip:911@${host}:${port}>\r\nCall-ID: ${id}\r\nCSeq: 1 INVITE\r\n` +
        `Contact: <sip:+15125550101@${own}>\r\n${more}${content}`,
    );
  }

  /** Another call in the place of one that has ended, unless they begin by the clock. */
  function beginNext(): void {
    if (!isOver && callsPerSecond === undefined) begin();
  }

  /** The ACK to a refusal or redirection belongs to the INVITE (RFC 3261 §17.1.1.3). */
  function acknowledge(text: string, id: string): void {
    send(
      `ACK sip:911@${host}:${port} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};branch=z9hG4bKi${id};rport\r\nMax-Forwards: 70\r\n` +
        `${lines(text, 'From')}${lines(text, 'To')}Call-ID: ${id}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n`,
    );
  }

  function inDialog(method: string, sequence: number, text: string, id: string, routes: string): string {
    const contact = value(text, 'Contact').replace(/^.*<|>.*$/g, '');
    return (
      `${method} ${contact} SIP/2.0\r\nVia: SIP/2.0/UDP ${own};branch=z9hG4bK${method}${id};rport\r\nMax-Forwards: 70\r\n${routes}` +
      `${lines(text, 'From')}${lines(text, 'To')}Call-ID: ${id}\r\nCSeq: ${sequence} ${method}\r\nContent-Length: 0\r\n\r\n`
    );
  }

  function onMessage(bytes: Buffer): void {
    const text = bytes.toString('latin1');
    if (text.startsWith('SIP/2.0 1')) return;
    const id = value(text, 'Call-ID');
    if (!underWay.has(id)) {
      retransmitted += 1;
      return;
    }
    if (text.startsWith('SIP/2.0 302')) {
      acknowledge(text, id);
      if (!isOver) count += 1;
    } else if (!text.startsWith('SIP/2.0 200')) refused += 1;
    else if (value(text, 'CSeq').endsWith('INVITE')) {
      const routes = lines(text, 'Record-Route')
        .split('\r\n')
        .filter((line) => line !== '')
        .reverse();
      const routeLines = routes.map((line) => `Route${line.slice('Record-Route'.length)}\r\n`).join('');
      send(inDialog('ACK', 1, text, id, routeLines));
      if (standing === undefined) {
        send(inDialog('BYE', 2, text, id, routeLines));
        return;
      }
      count += 1;
      if (count >= standing) whenAllStand();
    } else if (!isOver) count += 1;
    underWay.delete(id);
    beginNext();
  }

  phone.on('message', onMessage);
  const startedAt = performance.now();
  if (callsPerSecond === undefined) for (let i = 0; i < load.underWay; i++) begin();
  // Never asleep unless told, as the HTTP load: a server must not pay for waking us because it is the slower one.
  const keepPace = (): void => {
    if (isOver) return;
    const due = Math.floor(((performance.now() - startedAt) / 1_000) * (callsPerSecond ?? 0));
    for (; begun < due; begun++) if (underWay.size < load.underWay) begin();
    if (load.sleeps) setTimeout(keepPace, 1);
    else setImmediate(keepPace);
  };
  keepPace();
  const sweep = setInterval(() => {
    const before = performance.now() - LOST_AFTER_MS;
    for (const [id, at] of underWay) {
      if (at > before) break;
      underWay.delete(id);
      lost += 1;
      beginNext();
    }
  }, 250);
  const { promise: allStand, resolve: stopWaiting } = Promise.withResolvers<void>();
  whenAllStand = stopWaiting;
  const timer = setTimeout(stopWaiting, load.ms);
  await allStand;
  clearTimeout(timer);
  isOver = true;
  const seconds = (performance.now() - startedAt) / 1_000;
  // The calls under way come to their end before the next slice.
  const until = performance.now() + LOST_AFTER_MS;
  while (underWay.size > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
  clearInterval(sweep);
  phone.off('message', onMessage);
  const sorted = forwardedMs.sort((a, b) => a - b);
  return {
    count,
    errors: refused + lost + underWay.size,
    seconds,
    retransmitted,
    lost: lost + underWay.size,
    refused,
    forwardedMs: { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) },
  };
}

serveParent((message: SipLoadMessage) =>
  message.kind === 'listen' ? Promise.resolve({ psapUri: `sip:psap@${hostOf(psapPort)}`, phonePort }) : run(message),
);
