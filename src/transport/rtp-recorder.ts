import { ProblemError } from '../domain/problem.ts';
import { type Clock, systemClock } from '../support/clock.ts';
import { decodeG711 } from '../wire/rtp/g711.ts';
import { decodeRtp, type RtpPacket } from '../wire/rtp/rtp-packet.ts';
import type { AudioCodec } from '../wire/sdp/session-description.ts';
import type { MediaSocket } from './rtp-ports.ts';

const SAMPLES_PER_MS = 8;

export type RecordAudioOptions = {
  /** The recording ends by itself when it is this long. */
  maxMs: number;
  /** Payload type to codec; default the static 0 and 8 (RFC 3551 §6). Others are counted as foreign. */
  codecs?: ReadonlyMap<number, AudioCodec>;
  clock?: Clock;
};

export type RecordedAudio = {
  /** 16-bit linear, 8 kHz, mono; what did not arrive is silence. */
  pcm: Int16Array;
  durationMs: number;
  packets: number;
  /** Sequence numbers between the first and the last that never came. */
  lost: number;
  /** Packets that came late, twice, from another source, or were no audio. */
  foreign: number;
};

export type Recording = { done: Promise<RecordedAudio>; stop(): void };

const STATIC_CODECS: ReadonlyMap<number, AudioCodec> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
]);

/** Keeps the first RTP source that arrives, each packet at the place its timestamp names. Writes nothing anywhere. */
export function recordAudio(socket: MediaSocket, options: RecordAudioOptions): Recording {
  const { maxMs, codecs = STATIC_CODECS, clock = systemClock } = options;
  const pcm = new Int16Array(maxMs * SAMPLES_PER_MS);
  const seen = new Set<number>();
  let first: RtpPacket | undefined;
  let endSample = 0;
  let highest = 0;
  let foreign = 0;

  function keep(datagram: Uint8Array): void {
    const packet = readAudio(datagram);
    const codec = packet && codecs.get(packet.payloadType);
    if (!packet || !codec || (first && packet.ssrc !== first.ssrc)) {
      foreign += 1;
      return;
    }
    first ??= packet;
    const start = (packet.timestamp - first.timestamp) >>> 0;
    const order = (packet.sequenceNumber - first.sequenceNumber) & 0xffff;
    if (start >= pcm.length || seen.has(order)) {
      foreign += 1;
      return;
    }
    seen.add(order);
    highest = Math.max(highest, order);
    const samples = decodeG711(codec, packet.payload).subarray(0, pcm.length - start);
    pcm.set(samples, start);
    endSample = Math.max(endSample, start + samples.length);
    if (endSample === pcm.length) finish();
  }

  let finish: () => void = () => {};
  const done = new Promise<RecordedAudio>((resolve) => {
    const stopListening = socket.listen(keep);
    const cancelTimer = clock.after(maxMs, () => finish());
    finish = () => {
      stopListening();
      cancelTimer();
      resolve({
        pcm: pcm.slice(0, endSample),
        durationMs: endSample / SAMPLES_PER_MS,
        packets: seen.size,
        lost: first ? highest + 1 - seen.size : 0,
        foreign,
      });
    };
  });
  return { done, stop: () => finish() };
}

function readAudio(datagram: Uint8Array): RtpPacket | null {
  try {
    return decodeRtp(datagram);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
