import { encodeRtp } from './rtp-packet.ts';

/** The numbering of one outgoing RTP stream. */
export type RtpStream = {
  /** The next packet, whose payload lasts `samples` ticks of the media clock. */
  next(payloadType: number, payload: Uint8Array, samples: number): Buffer;
  /** Lets the media clock run on without a packet; the packet after it begins a talk spurt. */
  skip(samples: number): void;
};

/**
 * Numbers packets as RFC 3550 §5.1 asks: sequence +1 per packet, timestamp +samples also across silence and changes of the format,
 * both wrapping; the marker on the first packet of a talk spurt (RFC 3551 §4.1). First values and SSRC must be random: the caller
 * draws them.
 */
export function createRtpStream(first: { ssrc: number; sequenceNumber: number; timestamp: number }): RtpStream {
  let { sequenceNumber, timestamp } = first;
  let marker = true;
  return {
    next(payloadType, payload, samples) {
      const packet = encodeRtp({
        payloadType,
        marker,
        sequenceNumber,
        timestamp,
        ssrc: first.ssrc,
        csrcs: [],
        extension: null,
        payload,
      });
      marker = false;
      sequenceNumber = (sequenceNumber + 1) & 0xffff;
      timestamp = (timestamp + samples) >>> 0;
      return packet;
    },
    skip(samples) {
      timestamp = (timestamp + samples) >>> 0;
      marker = true;
    },
  };
}
