import { readSessionDescription } from './decode-session-description.ts';
import { encodeSessionDescription, type LocalMedia, type MediaLine } from './encode-session-description.ts';
import type { AudioCodec, MediaDescription, MediaDirection, MediaEndpoint } from './session-description.ts';

export type { LocalMedia } from './encode-session-description.ts';

/** The one audio stream both sides agreed on. */
export type AgreedAudio = {
  remote: MediaEndpoint;
  codec: AudioCodec;
  /** The number to send with: the peer's (RFC 3264 §6.1). */
  payloadType: number;
  /** The number of pressed keys (RFC 4733); null when the peer does not send them. */
  eventPayloadType: number | null;
  ptimeMs: number;
  /** Our own direction. */
  direction: MediaDirection;
  /** Whether the peer takes media from us now: false for `recvonly`, `inactive` and the old hold at `0.0.0.0`. */
  maySend: boolean;
};

export type OfferAnswer = ({ answerSdp: string } & AgreedAudio) | { refused: string };
export type AnswerReading = AgreedAudio | { refused: string };

const REVERSED: Readonly<Record<MediaDirection, MediaDirection>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

const PACKET_TIMES_MS = [10, 20, 30, 40, 60] as const;
const DEFAULT_PTIME_MS = 20;
/** Free by RFC 3551 §3 and what nearly every phone uses for it. */
const OWN_EVENT_PAYLOAD_TYPE = 101;

/**
 * Answers an offer (RFC 3264 §6): the first usable audio line is accepted with PCMU, or PCMA where the line has no PCMU, and
 * with the keys that it offers; every other line is rejected with port 0. Throws ProblemError `malformed` or `too-large`.
 */
export function answerOffer(offerSdp: string, local: LocalMedia): OfferAnswer {
  const offer = readSessionDescription(offerSdp);
  const reasons: string[] = [];
  let accepted: { media: MediaDescription; agreed: AgreedAudio } | undefined;
  for (const media of offer.media) {
    const agreement = agreeOn(media);
    if ('refused' in agreement) {
      reasons.push(agreement.refused);
    } else if (isIPv6(agreement.remote.address) !== isIPv6(local.address)) {
      reasons.push('audio in another IP version than ours');
    } else {
      accepted = { media, agreed: agreement };
      break;
    }
  }
  if (!accepted) return { refused: reasons[0] ?? 'no media offered' };
  const { agreed } = accepted;
  const media = offer.media.map((line) =>
    line === accepted.media ? acceptedLine(agreed, line.protocol) : rejectedLine(line),
  );
  return { answerSdp: encodeSessionDescription(local, offer.timing, media), ...agreed };
}

/** The offer that a 2xx carries when the INVITE had none (RFC 3261 §13.2.1): PCMU, then PCMA, and keys. */
export function makeOffer(local: LocalMedia): string {
  return encodeSessionDescription(local, { start: '0', stop: '0' }, [
    {
      kind: 'audio',
      protocol: 'RTP/AVP',
      codecs: [
        { codec: 'PCMU', payloadType: 0 },
        { codec: 'PCMA', payloadType: 8 },
      ],
      eventPayloadType: OWN_EVENT_PAYLOAD_TYPE,
      ptimeMs: DEFAULT_PTIME_MS,
      direction: 'sendrecv',
    },
  ]);
}

/** Reads the answer to makeOffer (RFC 3264 §7). Throws ProblemError `malformed` or `too-large`. */
export function readAnswer(answerSdp: string): AnswerReading {
  const media = readSessionDescription(answerSdp).media[0];
  return media ? agreeOn(media) : { refused: 'no media answered' };
}

function agreeOn(media: MediaDescription): AnswerReading {
  if (media.mediaType !== 'audio') return { refused: `${media.mediaType} is not audio` };
  if (media.port === 0) return { refused: 'audio is disabled' };
  // RTP/AVPF (RFC 4585) only adds feedback; the secured profiles need keys that are not exchanged here.
  if (!/^RTP\/AVPF?$/i.test(media.protocol)) return { refused: `${media.protocol} is not RTP/AVP` };
  if (media.address === null) return { refused: 'audio without a unicast IP address' };
  const chosen = media.codecs.find(({ codec }) => codec === 'PCMU') ?? media.codecs[0];
  if (!chosen) return { refused: 'neither PCMU nor PCMA' };
  const direction = REVERSED[media.direction];
  // RFC 3264 §8.4: an all-zero address is the old way to say hold.
  const onHold = /^[0:.]+$/.test(media.address);
  return {
    remote: { address: media.address, port: media.port },
    codec: chosen.codec,
    payloadType: chosen.payloadType,
    eventPayloadType: media.eventPayloadType,
    ptimeMs: packetTimeMs(media),
    direction,
    maySend: !onHold && (direction === 'sendrecv' || direction === 'sendonly'),
  };
}

function packetTimeMs({ ptimeMs, maxPtimeMs }: MediaDescription): number {
  const wished = PACKET_TIMES_MS.find((time) => time === ptimeMs) ?? DEFAULT_PTIME_MS;
  if (maxPtimeMs === null || wished <= maxPtimeMs) return wished;
  return PACKET_TIMES_MS.findLast((time) => time <= maxPtimeMs) ?? PACKET_TIMES_MS[0];
}

function isIPv6(address: string): boolean {
  return address.includes(':');
}

function acceptedLine(agreed: AgreedAudio, protocol: string): MediaLine {
  const { codec, payloadType, eventPayloadType, ptimeMs, direction } = agreed;
  return { kind: 'audio', protocol, codecs: [{ codec, payloadType }], eventPayloadType, ptimeMs, direction };
}

function rejectedLine({ mediaType, protocol, formats }: MediaDescription): MediaLine {
  return { kind: 'rejected', mediaType, protocol, formats };
}
