/** Which way media flows, seen from the side that wrote the description (RFC 8866 §6.7). */
export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** The two codecs spoken here: G.711 µ-law and A-law, 8 kHz, one channel (RFC 3551 §4.5.14). */
export type AudioCodec = 'PCMU' | 'PCMA';

/** An IP address (never a host name) and a UDP port. */
export type MediaEndpoint = { address: string; port: number };

/** One `m=` line with what belongs to it. `formats` are kept as written, for lines that are only rejected. */
export type MediaDescription = {
  mediaType: string;
  /** 0: the stream is rejected or disabled (RFC 3264 §6, §8.2). */
  port: number;
  protocol: string;
  formats: readonly string[];
  /** A unicast IP address; null when absent, multicast or a host name. `0.0.0.0` and `::` mean "on hold". */
  address: string | null;
  direction: MediaDirection;
  /** G.711 payload types of this line in its order of preference. */
  codecs: readonly { codec: AudioCodec; payloadType: number }[];
  /** Payload type of pressed keys, `telephone-event/8000` (RFC 4733 §2.4); null when they are not sent. */
  eventPayloadType: number | null;
  ptimeMs: number | null;
  maxPtimeMs: number | null;
};

/** What a session description (RFC 8866) says that matters to an audio call. */
export type SessionDescription = {
  /** NTP seconds, as digits: an answer repeats them (RFC 3264 §6). */
  timing: { start: string; stop: string };
  media: readonly MediaDescription[];
};
