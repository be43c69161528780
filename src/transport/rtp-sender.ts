import { randomInt } from 'node:crypto';
import { type Clock, systemClock } from '../support/clock.ts';
import { encodeG711 } from '../wire/sdp-rtp/g711.ts';
import { createRtpStream } from '../wire/sdp-rtp/rtp-stream.ts';
import type { AudioCodec, MediaEndpoint } from '../wire/sdp-rtp/session-description.ts';
import type { MediaSocket } from './rtp-ports.ts';

const SAMPLES_PER_MS = 8;
/** Packets sent at once after the process was held up; beyond that the schedule moves instead of flooding the receiver. */
const MAX_BURST = 5;
/** setTimeout may fire this much before the monotonic clock says so. */
const EARLY_MS = 1;

export type PlayAudioOptions = {
  /** 16-bit linear, 8 kHz, mono. */
  pcm: Int16Array;
  codec: AudioCodec;
  payloadType: number;
  ptimeMs: number;
  remote: MediaEndpoint;
  /**
   * IP addresses whose RTP may move the destination, once, to where it comes from: a peer behind a NAT advertises a port
   * that differs from the one it is seen at. Others are ignored, so nobody can draw the audio to himself.
   */
  acceptFrom?: readonly string[];
  clock?: Clock;
};

export type PlaybackResult = {
  /** `spoken`: the last packet's time has passed. `stopped`: ended before that. */
  outcome: 'spoken' | 'stopped';
  packets: number;
  /** Sends that the operating system refused, and why the last one was. */
  sendErrors: number;
  lastSendError: string | null;
};

export type Playback = {
  done: Promise<PlaybackResult>;
  stop(): void;
  /** Sends nothing until `resume`; the audio waits (the peer put the call on hold). */
  hold(): void;
  /** Goes on after `hold`, or moves to another destination (a re-INVITE changed it). */
  resume(remote: MediaEndpoint): void;
};

/** Sends audio as RTP, one packet each `ptimeMs` measured from the start, so that timer errors do not add up. */
export function playAudio(socket: MediaSocket, options: PlayAudioOptions): Playback {
  const { codec, ptimeMs, payloadType, clock = systemClock } = options;
  const samplesPerPacket = ptimeMs * SAMPLES_PER_MS;
  const packetCount = Math.ceil(options.pcm.length / samplesPerPacket);
  const pcm = new Int16Array(packetCount * samplesPerPacket);
  pcm.set(options.pcm);
  const payload = encodeG711(codec, pcm);
  // RFC 3550 §5.1: random first values make attacks on encrypted streams harder and collisions unlikely.
  const stream = createRtpStream({
    payloadType,
    ssrc: randomInt(2 ** 32),
    sequenceNumber: randomInt(2 ** 16),
    timestamp: randomInt(2 ** 32),
  });

  let described = options.remote;
  let remote = described;
  // All calls send on the same beat: a wake-up of the process costs more than the packets it sends.
  let scheduleStartMs = Math.ceil(clock.monotonicMs() / ptimeMs) * ptimeMs;
  let heldSinceMs: number | null = null;
  let sent = 0;
  let scheduled = 0;
  let sendErrors = 0;
  let lastSendError: string | null = null;
  let cancelTimer: (() => void) | undefined;
  let finished = false;
  let finish: (outcome: PlaybackResult['outcome']) => void = () => {};

  let moved = false;
  const acceptFrom = new Set(options.acceptFrom);
  const stopListening = socket.listen((datagram, from) => {
    if (moved || !acceptFrom.has(from.address) || !isAudio(datagram, payloadType)) return;
    moved = true;
    remote = from;
  });

  const done = new Promise<PlaybackResult>((resolve) => {
    finish = (outcome) => {
      finished = true;
      cancelTimer?.();
      stopListening();
      resolve({ outcome, packets: sent, sendErrors, lastSendError });
    };
  });

  function onSendError(reason: string): void {
    sendErrors += 1;
    lastSendError = reason;
  }

  function tick(): void {
    const nowMs = clock.monotonicMs();
    let burst = 0;
    while (sent < packetCount && scheduleStartMs + scheduled * ptimeMs <= nowMs + EARLY_MS) {
      if (burst === MAX_BURST) {
        scheduleStartMs = nowMs + ptimeMs - scheduled * ptimeMs;
        break;
      }
      const bytes = payload.subarray(sent * samplesPerPacket, (sent + 1) * samplesPerPacket);
      socket.send(stream.next(bytes, samplesPerPacket), remote, onSendError);
      sent += 1;
      scheduled += 1;
      burst += 1;
    }
    const dueMs = scheduleStartMs + scheduled * ptimeMs;
    if (sent === packetCount && dueMs <= nowMs + EARLY_MS) finish('spoken');
    else cancelTimer = clock.after(Math.max(0, dueMs - nowMs), tick);
  }
  tick();

  return {
    done,
    stop: () => finish('stopped'),
    hold() {
      if (finished || heldSinceMs !== null) return;
      cancelTimer?.();
      heldSinceMs = clock.monotonicMs();
    },
    resume(destination) {
      if (finished) return;
      // A new destination outranks what was learned from packets; the old one repeated does not.
      if (destination.address !== described.address || destination.port !== described.port) {
        described = destination;
        remote = destination;
        moved = false;
      }
      if (heldSinceMs === null) return;
      const nowMs = clock.monotonicMs();
      stream.skip(Math.round((nowMs - heldSinceMs) * SAMPLES_PER_MS));
      heldSinceMs = null;
      scheduleStartMs = nowMs - scheduled * ptimeMs;
      tick();
    },
  };
}

function isAudio(datagram: Uint8Array, payloadType: number): boolean {
  return datagram.length > 12 && (datagram[0] ?? 0) >> 6 === 2 && ((datagram[1] ?? 0) & 0x7f) === payloadType;
}
