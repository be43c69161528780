import { randomInt } from 'node:crypto';
import { ProblemError } from '../domain/problem.ts';
import type { Clock } from '../support/clock.ts';
import { encodeG711 } from '../wire/rtp/g711.ts';
import { createMediaPeer } from '../wire/rtp/media-peer.ts';
import { createReception, type ReceivedAudio } from '../wire/rtp/reception.ts';
import { decodeRtp, type RtpPacket } from '../wire/rtp/rtp-packet.ts';
import { createRtpStream } from '../wire/rtp/rtp-stream.ts';
import { createKeyReader } from '../wire/rtp/telephone-event.ts';
import type { AgreedAudio } from '../wire/sdp/offer-answer.ts';
import { BEAT_MS, type RtpPacer } from './rtp-pacer.ts';
import type { MediaSocket } from './rtp-ports.ts';

/** What was agreed about the stream. */
export type MediaStream = Pick<
  AgreedAudio,
  'remote' | 'codec' | 'payloadType' | 'eventPayloadType' | 'ptimeMs' | 'maySend'
>;

/** What went over the line so far. */
export type MediaReport = {
  received: ReceivedAudio;
  /** Packets at the port that were no audio of this call, or came from elsewhere. */
  foreignPackets: number;
  /** Keys pressed, in order; at most 32. */
  keys: string;
  packetsSent: number;
  /** How much of what was appended was sent, packets of silence left out. */
  audioMs: number;
  sendErrors: number;
  lastSendError: string | null;
};

export type RtpSessionHandlers = {
  /** All that was appended before `finish` has been sent and its time has passed; `mark` is that of `finish`. */
  played(report: MediaReport, mark: number): void;
  /** A key was pressed. */
  key(key: string): void;
};

/** The audio of one call, both ways. Silence is sent while there is nothing to play, nothing while the phone takes nothing. */
export type RtpSession = {
  /** Begins, or goes on as was agreed anew: elsewhere, in another format, on hold. What is played waits while on hold. */
  follow(stream: MediaStream): void;
  /** Plays 16-bit linear PCM (8 kHz, mono) after what was appended before. */
  append(pcm: Int16Array): void;
  /** Asks for `played` at the end of what was appended; the mark tells an answer that was under way at `clear` from a later one. */
  finish(mark: number): void;
  /** Forgets what was appended and not yet played; `played` no longer comes for it. */
  clear(): void;
  report(): MediaReport;
  stop(): void;
};

const SAMPLES_PER_MS = 8;
const MAX_KEYS = 32;
/** RFC 5761 §4: payload types 64 to 95 are what RTCP packets look like on the same port. */
const RTCP_FIRST = 64;
const RTCP_LAST = 95;
/** RFC 3389 comfort noise. */
const COMFORT_NOISE = 13;

/** Sends and measures the audio of one call on its socket, at the pacer's beat. */
export function createRtpSession({
  socket,
  pacer,
  clock,
  signallingAddress,
  handlers,
}: {
  socket: MediaSocket;
  pacer: RtpPacer;
  clock: Clock;
  /** IP address that the call's signalling comes from. */
  signallingAddress: string | undefined;
  handlers: RtpSessionHandlers;
}): RtpSession {
  const peer = createMediaPeer({ signallingAddress });
  const reception = createReception();
  const readKey = createKeyReader();
  // RFC 3550 §5.1: random first values make collisions unlikely and attacks harder.
  const outgoing = createRtpStream({
    ssrc: randomInt(2 ** 32),
    sequenceNumber: randomInt(2 ** 16),
    timestamp: randomInt(2 ** 32),
  });
  let stream: MediaStream | undefined;
  let parts: Int16Array[] = [];
  /** Samples of the first part that were sent. */
  let offset = 0;
  let finishMark: number | undefined;
  let phase = 0;
  let packetsSent = 0;
  let audioSamples = 0;
  let sendErrors = 0;
  let lastSendError: string | null = null;
  let keys = '';
  let foreignPackets = 0;
  let leave: (() => void) | undefined;

  const stopListening = socket.listen((datagram, from) => {
    if (!stream) return;
    const packet = readPacket(datagram);
    if (packet && packet.payloadType >= RTCP_FIRST && packet.payloadType <= RTCP_LAST) return;
    if (!packet || !isOfCall(packet, stream) || !peer.hear(from, packet, clock.monotonicMs())) {
      foreignPackets += 1;
      return;
    }
    if (packet.payloadType === stream.payloadType) reception.take(packet, stream.codec, clock.monotonicMs());
    else {
      reception.takeOther(packet);
      if (packet.payloadType === stream.eventPayloadType) press(readKey(packet.payload, packet.timestamp));
    }
  });

  function press(key: string | null): void {
    if (key === null || keys.length >= MAX_KEYS) return;
    keys += key;
    handlers.key(key);
  }

  /** The next samples to play; silence where there are none. */
  function take(count: number): Int16Array {
    const samples = new Int16Array(count);
    let filled = 0;
    for (let part = parts[0]; part && filled < count; part = parts[0]) {
      const piece = part.subarray(offset, offset + count - filled);
      samples.set(piece, filled);
      filled += piece.length;
      offset += piece.length;
      if (offset < part.length) break;
      parts.shift();
      offset = 0;
    }
    if (samples.some((sample) => sample !== 0)) audioSamples += filled;
    return samples;
  }

  function onBeat(beat: number): void {
    if (!stream) return;
    const every = stream.ptimeMs / BEAT_MS;
    if (beat % every !== phase % every) return;
    const samples = stream.ptimeMs * SAMPLES_PER_MS;
    const destination = stream.maySend ? peer.destination(clock.monotonicMs()) : null;
    if (!destination) {
      outgoing.skip(samples);
      return;
    }
    if (destination.isProven && finishMark !== undefined && parts.length === 0) {
      const mark = finishMark;
      finishMark = undefined;
      handlers.played(report(), mark);
    }
    const pcm = destination.isProven ? take(samples) : new Int16Array(samples);
    const packet = outgoing.next(stream.payloadType, encodeG711(stream.codec, pcm), samples);
    packetsSent += 1;
    socket.send(packet, destination.to, onSendError);
  }

  function onSendError(reason: string): void {
    sendErrors += 1;
    lastSendError = reason;
  }

  function report(): MediaReport {
    return {
      received: reception.result(),
      foreignPackets,
      keys,
      packetsSent,
      audioMs: Math.round(audioSamples / SAMPLES_PER_MS),
      sendErrors,
      lastSendError,
    };
  }

  return {
    follow(next) {
      stream = next;
      peer.describe(next.remote);
      if (leave) return;
      phase = randomInt(12);
      leave = pacer.join(onBeat);
    },
    append(pcm) {
      if (pcm.length > 0) parts.push(pcm);
    },
    finish(mark) {
      finishMark = mark;
    },
    clear() {
      parts = [];
      offset = 0;
      finishMark = undefined;
    },
    report,
    stop() {
      leave?.();
      stopListening();
    },
  };
}

function isOfCall({ payloadType }: RtpPacket, stream: MediaStream): boolean {
  return payloadType === stream.payloadType || payloadType === stream.eventPayloadType || payloadType === COMFORT_NOISE;
}

function readPacket(datagram: Uint8Array): RtpPacket | null {
  // Told apart before decoding, so that a flood of garbage costs no exceptions.
  if (datagram.length < 12 || (datagram[0] ?? 0) >> 6 !== 2) return null;
  try {
    return decodeRtp(datagram);
  } catch (error) {
    if (error instanceof ProblemError) return null;
    throw error;
  }
}
