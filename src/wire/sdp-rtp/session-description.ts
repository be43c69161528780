import ipaddr from 'ipaddr.js';
import { type ParsedMedia, parse } from 'sdp-transform';
import { ProblemError } from '../../domain/problem.ts';

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
  ptimeMs: number | null;
  maxPtimeMs: number | null;
};

export type SessionDescription = {
  /** NTP seconds, as digits: an answer repeats them (RFC 3264 §6). */
  timing: { start: string; stop: string };
  media: readonly MediaDescription[];
};

const MAX_LENGTH = 16_384;
const MAX_LINES = 512;
const MAX_MEDIA = 32;
const MAX_FORMATS = 64;
const MEDIA_LINE = /^m=(\S{1,64}) (\d{1,5})(?:\/\d{1,5})? (\S{1,64}) (\S.*?) *$/;
const TIMING_LINE = /^t=(\d{1,15}) (\d{1,15})\b/m;

/**
 * Reads a session description (RFC 8866), leniently: lines that mean nothing here are passed over.
 * Throws ProblemError `malformed` when it is none, `too-large` when it exceeds 16 KiB, 512 lines or 32 media.
 */
export function readSessionDescription(text: string): SessionDescription {
  if (text.length > MAX_LENGTH) throw new ProblemError('too-large', 'session description over 16 KiB');
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length > MAX_LINES) throw new ProblemError('too-large', 'session description over 512 lines');
  if (lines[0]?.trimEnd() !== 'v=0') throw new ProblemError('malformed', 'session description does not begin with v=0');
  const mediaLines = lines.filter((line) => line.startsWith('m='));
  if (mediaLines.length > MAX_MEDIA) throw new ProblemError('too-large', 'session description over 32 media');

  // sdp-transform silently drops an m= line with a port count; the count means layered streams, which are not used here.
  const parsed = parse(lines.map((line) => line.replace(/^(m=\S+ \d+)\/\d+ /, '$1 ')).join('\r\n'));
  const sessionAddress = unicastAddress(parsed.connection?.ip);
  const timing = TIMING_LINE.exec(lines.join('\n'));
  return {
    timing: { start: timing?.[1] ?? '0', stop: timing?.[2] ?? '0' },
    media: mediaLines.map((line, index) => {
      const attributes = parsed.media[index] ?? { rtp: [], fmtp: [] };
      return readMedia(line, attributes, sessionAddress, parsed.direction);
    }),
  };
}

function readMedia(
  line: string,
  attributes: ParsedMedia,
  sessionAddress: string | null,
  sessionDirection: string | undefined,
): MediaDescription {
  const fields = MEDIA_LINE.exec(line);
  const [, mediaType, portText, protocol, formatText] = fields ?? [];
  const port = Number(portText);
  const formats = formatText?.split(/ +/) ?? [];
  if (mediaType === undefined || protocol === undefined || port > 65_535 || formats.length > MAX_FORMATS) {
    throw new ProblemError('malformed', 'unreadable m= line in session description');
  }
  return {
    mediaType,
    port,
    protocol,
    formats,
    address: attributes.connection ? unicastAddress(attributes.connection.ip) : sessionAddress,
    direction: readDirection(attributes.direction ?? sessionDirection),
    codecs: readCodecs(formats, attributes),
    ptimeMs: readMilliseconds(attributes.ptime),
    maxPtimeMs: readMilliseconds(attributes.maxptime),
  };
}

function readDirection(text: string | undefined): MediaDirection {
  // RFC 8866 §6.7: sendrecv is the default.
  return text === 'sendonly' || text === 'recvonly' || text === 'inactive' ? text : 'sendrecv';
}

function readMilliseconds(value: string | number | undefined): number | null {
  const milliseconds = Number(value);
  return value !== undefined && milliseconds > 0 && milliseconds <= 1000 ? milliseconds : null;
}

function unicastAddress(value: string | number | undefined): string | null {
  if (typeof value !== 'string' || value.length > 64 || value.includes('%')) return null;
  if (!ipaddr.IPv4.isValidFourPartDecimal(value) && !ipaddr.IPv6.isValid(value)) return null;
  const range = ipaddr.parse(value).range();
  return range === 'multicast' || range === 'broadcast' ? null : value;
}

function readCodecs(formats: readonly string[], attributes: ParsedMedia): MediaDescription['codecs'] {
  const mapped = new Map<number, string>();
  for (const map of attributes.rtp) {
    const channels = map.encoding === undefined ? '' : `/${map.encoding}`;
    mapped.set(Number(map.payload), `${map.codec}/${map.rate}${channels === '/1' ? '' : channels}`.toUpperCase());
  }
  const codecs: { codec: AudioCodec; payloadType: number }[] = [];
  for (const format of formats) {
    if (!/^\d{1,3}$/.test(format)) continue;
    const payloadType = Number(format);
    if (payloadType > 127) continue;
    // RFC 3551 §6: 0 and 8 need no rtpmap.
    const name = mapped.get(payloadType) ?? { 0: 'PCMU/8000', 8: 'PCMA/8000' }[payloadType];
    if (name === 'PCMU/8000') codecs.push({ codec: 'PCMU', payloadType });
    else if (name === 'PCMA/8000') codecs.push({ codec: 'PCMA', payloadType });
  }
  return codecs;
}
