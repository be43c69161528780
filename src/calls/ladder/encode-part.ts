import type { SipTransport } from '../../transport/sip-flow.ts';
import { formatHostPort } from '../../wire/sip/host-port.ts';
import { headerValue, type SipMessage } from '../../wire/sip/message.ts';
import { readTopVia, viaBranch } from '../../wire/sip/via.ts';
import type { HeldMessage, LadderPart } from './call-ladders.ts';
import type { LadderDetail, LadderMessage } from './ladder-message.ts';
import { redactMessage, withoutReferences } from './redact-message.ts';

/** Of so many messages of a call the text is kept: its set-up, and its end when it is an ordinary one. */
const MAX_TEXTS = 40;
const MAX_LINE = 256;

function startLine(message: SipMessage): string {
  const line = message.kind === 'request' ? `${message.method} ${message.uri}` : `${message.status} ${message.reason}`;
  return withoutReferences(line).slice(0, MAX_LINE);
}

function encodeHeld(
  { atMs, isIncoming, message, peer, retransmissions, failure }: HeldMessage,
  withText: boolean,
  sentBy: SipTransport['sentBy'],
): LadderMessage {
  const { text, sizeBytes } = redactMessage(message);
  const via = readTopVia(message);
  const other =
    'address' in peer ? { host: peer.address, port: peer.port } : { host: peer.remoteAddress, port: peer.remotePort };
  const remote = formatHostPort(other);
  const own = isIncoming && 'localAddress' in peer ? { host: peer.localAddress, port: peer.localPort } : undefined;
  const local = own ? formatHostPort(own) : sentBy(peer);
  return {
    at: new Date(atMs).toISOString(),
    direction: isIncoming ? 'in' : 'out',
    protocol: peer.protocol,
    from: isIncoming ? remote : local,
    to: isIncoming ? local : remote,
    startLine: startLine(message),
    cseq: headerValue(message, 'CSeq')?.slice(0, MAX_LINE) ?? null,
    branch: (via && viaBranch(via)?.slice(0, MAX_LINE)) ?? null,
    sizeBytes,
    retransmissions,
    failure,
    text: withText ? text : null,
  };
}

/** The messages of a part as they are stored. */
export function encodePart(
  part: LadderPart,
  options: { detail: LadderDetail; sentBy: SipTransport['sentBy'] },
): LadderMessage[] {
  return part.messages.map((held, index) =>
    encodeHeld(held, options.detail === 'texts' && part.textsBefore + index < MAX_TEXTS, options.sentBy),
  );
}
