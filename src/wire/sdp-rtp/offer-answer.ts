import { type ParsedMedia, write } from 'sdp-transform';
import {
  type AudioCodec,
  type MediaDescription,
  type MediaDirection,
  type MediaEndpoint,
  readSessionDescription,
  type SessionDescription,
} from './session-description.ts';

/** What our side of a session says about itself. */
export type LocalMedia = {
  /** IP address at which the peer reaches our media socket. */
  address: string;
  port: number;
  /** Decimal digits, the same for all descriptions of one session (RFC 8866 §5.2). */
  sessionId: string;
  /** Grows by one with every changed description of the session (RFC 3264 §8); 1 when left out. */
  sessionVersion?: number;
};

/** The one audio stream both sides agreed on. */
export type AgreedAudio = {
  remote: MediaEndpoint;
  codec: AudioCodec;
  /** The number to send with: the peer's (RFC 3264 §6.1). */
  payloadType: number;
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

/**
 * Answers an offer (RFC 3264 §6): the first usable audio line is accepted with PCMU, or PCMA where the line has no PCMU;
 * every other line is rejected with port 0. Throws ProblemError `malformed` or `too-large`.
 */
export function answerOffer(offerSdp: string, local: LocalMedia): OfferAnswer {
  const offer = readSessionDescription(offerSdp);
  const reasons: string[] = [];
  let acceptedIndex = -1;
  let agreed: AgreedAudio | undefined;
  for (const [index, media] of offer.media.entries()) {
    const agreement = agreeOn(media);
    if ('refused' in agreement) {
      reasons.push(agreement.refused);
    } else if (isIPv6(agreement.remote.address) !== isIPv6(local.address)) {
      reasons.push('audio in another IP version than ours');
    } else {
      acceptedIndex = index;
      agreed = agreement;
      break;
    }
  }
  if (!agreed) return { refused: reasons[0] ?? 'no media offered' };
  const accepted = acceptedAudio(agreed, local, offer.media[acceptedIndex]?.protocol ?? 'RTP/AVP');
  const media = offer.media.map((line, index) => (index === acceptedIndex ? accepted : rejected(line)));
  return { answerSdp: describe(local, offer.timing, media), ...agreed };
}

/** The offer that a 2xx carries when the INVITE had none (RFC 3261 §13.2.1): PCMU, then PCMA. */
export function makeOffer(local: LocalMedia): string {
  return describe(local, { start: '0', stop: '0' }, [
    {
      type: 'audio',
      port: local.port,
      protocol: 'RTP/AVP',
      payloads: '0 8',
      rtp: [
        { payload: 0, codec: 'PCMU', rate: 8000 },
        { payload: 8, codec: 'PCMA', rate: 8000 },
      ],
      fmtp: [],
      ptime: DEFAULT_PTIME_MS,
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

function acceptedAudio(agreed: AgreedAudio, local: LocalMedia, protocol: string): ParsedMedia {
  return {
    type: 'audio',
    port: local.port,
    protocol,
    payloads: String(agreed.payloadType),
    rtp: [{ payload: agreed.payloadType, codec: agreed.codec, rate: 8000 }],
    fmtp: [],
    ptime: agreed.ptimeMs,
    direction: agreed.direction,
  };
}

function rejected(media: MediaDescription): ParsedMedia {
  return {
    type: media.mediaType,
    port: 0,
    protocol: media.protocol,
    payloads: media.formats.join(' '),
    rtp: [],
    fmtp: [],
  };
}

function describe(local: LocalMedia, timing: SessionDescription['timing'], media: ParsedMedia[]): string {
  const version = isIPv6(local.address) ? 6 : 4;
  return write({
    version: 0,
    origin: {
      username: '-',
      sessionId: local.sessionId,
      sessionVersion: local.sessionVersion ?? 1,
      netType: 'IN',
      ipVer: version,
      address: local.address,
    },
    name: '-',
    timing,
    connection: { version, ip: local.address },
    media,
  });
}
