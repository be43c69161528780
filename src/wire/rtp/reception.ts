import type { AudioCodec } from '../sdp/session-description.ts';
import { decodeG711 } from './g711.ts';
import { pcmLevelDbov } from './pcm-level.ts';
import type { RtpPacket } from './rtp-packet.ts';

/** What one source sent, as far as it was received. */
export type ReceivedAudio = {
  packets: number;
  /** Expected less received, not below 0 (RFC 3550 §A.3). */
  lost: number;
  jitterMs: number;
  /** Level of the loudest second, dBov; null: nothing but digital silence, or nothing at all. */
  levelDbov: number | null;
};

export type Reception = {
  /** Counts a packet; `arrivedMs` on a monotonic clock. A new SSRC starts the sequence anew and adds to the counts. */
  take(packet: RtpPacket, codec: AudioCodec, arrivedMs: number): void;
  /** Counts a packet of the same source that holds no audio, such as a pressed key: its number in the sequence counts. */
  takeOther(packet: RtpPacket): void;
  result(): ReceivedAudio;
};

const SAMPLES_PER_MS = 8;
const WINDOW_SAMPLES = 1000 * SAMPLES_PER_MS;
/** RFC 3550 §A.1: a jump this large is a new stream of numbers, not loss. */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;
/** µ-law and A-law silence decodes to one of the innermost steps. */
const SILENCE_DBOV = -70;

/** Measures what is received of a call: packets, loss, jitter, level. Keeps no audio. */
export function createReception(): Reception {
  let packets = 0;
  let lost = 0;
  let ssrc: number | undefined;
  let base = 0;
  /** Highest sequence number since `base`, counted on over wraps. */
  let highest = 0;
  let received = 0;
  let jitterSamples = 0;
  let lastTransit: number | undefined;
  let windowSum = 0;
  let windowSamples = 0;
  let loudest = Number.NEGATIVE_INFINITY;

  function closeStream(): void {
    if (received > 0) lost += Math.max(0, highest + 1 - received);
    received = 0;
    highest = 0;
    lastTransit = undefined;
  }

  function count(packet: RtpPacket): void {
    if (packet.ssrc !== ssrc || received === 0) {
      closeStream();
      ssrc = packet.ssrc;
      base = packet.sequenceNumber;
    }
    const ahead = ((packet.sequenceNumber - ((base + highest) & 0xffff)) << 16) >> 16;
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
      closeStream();
      base = packet.sequenceNumber;
    } else if (ahead > 0) highest += ahead;
    received += 1;
  }

  function measure(pcm: Int16Array): void {
    for (const sample of pcm) windowSum += sample * sample;
    windowSamples += pcm.length;
    if (windowSamples < WINDOW_SAMPLES) return;
    loudest = Math.max(loudest, levelOf(windowSum, windowSamples));
    windowSum = 0;
    windowSamples = 0;
  }

  return {
    take(packet, codec, arrivedMs) {
      count(packet);
      packets += 1;
      const transit = (Math.round(arrivedMs * SAMPLES_PER_MS) - packet.timestamp) | 0;
      if (lastTransit !== undefined) {
        const difference = Math.abs((transit - lastTransit) | 0);
        jitterSamples += (difference - jitterSamples) / 16;
      }
      lastTransit = transit;
      measure(decodeG711(codec, packet.payload));
    },
    takeOther: count,
    result() {
      const level = Math.max(loudest, levelOf(windowSum, windowSamples));
      return {
        packets,
        lost: lost + (received > 0 ? Math.max(0, highest + 1 - received) : 0),
        jitterMs: Math.round((jitterSamples / SAMPLES_PER_MS) * 10) / 10,
        levelDbov: level < SILENCE_DBOV ? null : Math.round(level * 10) / 10,
      };
    },
  };
}

function levelOf(sum: number, samples: number): number {
  // One sample of that root mean square has the level of them all.
  return samples === 0 ? Number.NEGATIVE_INFINITY : pcmLevelDbov(Int16Array.of(Math.round(Math.sqrt(sum / samples))));
}
