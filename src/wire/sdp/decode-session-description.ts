import ipaddr from 'ipaddr.js';
import { ProblemError } from '../../domain/problem.ts';
import type { AudioCodec, MediaDescription, MediaDirection, SessionDescription } from './session-description.ts';

const MAX_LENGTH = 16_384;
const MAX_LINES = 512;
const MAX_MEDIA = 32;
const MAX_FORMATS = 64;
const MAX_PAYLOAD_TYPE = 127;
// A port count means layered streams, which are not used here: it is passed over.
const MEDIA_LINE = /^(\S{1,64}) (\d{1,5})(?:\/\d{1,5})? (\S{1,64}) (\S.*)$/;
const TIMING_LINE = /^(\d{1,15}) (\d{1,15})(?:\s|$)/;
const CONNECTION_LINE = /^IN IP[46] (\S{1,64}) *$/i;
const RTPMAP = /^(\d{1,3}) +([\w.+-]{1,64})\/(\d{1,8})(?:\/(\d{1,3}))? *$/;
const EVENTS = 'TELEPHONE-EVENT/8000';

/** One `m=` line and the lines below it, before they are understood. */
type Section = {
  line: string;
  connection: string | undefined;
  direction: MediaDirection | undefined;
  ptime: string | undefined;
  maxPtime: string | undefined;
  /** Payload type to `NAME/rate/channels`, upper case. */
  mapped: Map<number, string>;
};

/**
 * Reads a session description (RFC 8866), leniently: lines that mean nothing here are passed over, whatever they hold.
 * Throws ProblemError `malformed` when it is none, `too-large` when it exceeds 16 KiB, 512 lines or 32 media.
 */
export function readSessionDescription(text: string): SessionDescription {
  if (text.length > MAX_LENGTH) throw new ProblemError('too-large', 'session description over 16 KiB');
  const lines = text.split(/\r\n|\r|\n/, MAX_LINES + 1);
  if (lines.length > MAX_LINES) throw new ProblemError('too-large', 'session description over 512 lines');
  if (lines[0]?.trimEnd() !== 'v=0') throw new ProblemError('malformed', 'session description does not begin with v=0');

  const session = newSection('');
  const sections: Section[] = [];
  let timing: SessionDescription['timing'] | undefined;
  for (const line of lines) {
    // RFC 8866 §5: no blank around the equals sign.
    if (line.charAt(1) !== '=') continue;
    const value = line.slice(2);
    const current = sections.at(-1) ?? session;
    if (line.charAt(0) === 'm') {
      if (sections.length === MAX_MEDIA) throw new ProblemError('too-large', 'session description over 32 media');
      sections.push(newSection(value));
    } else if (line.charAt(0) === 'c') {
      current.connection ??= value;
    } else if (line.charAt(0) === 'a') {
      readAttribute(value, current);
    } else if (line.charAt(0) === 't' && !timing) {
      const [, start, stop] = TIMING_LINE.exec(value) ?? [];
      if (start !== undefined && stop !== undefined) timing = { start, stop };
    }
  }
  return {
    timing: timing ?? { start: '0', stop: '0' },
    media: sections.map((section) => readMedia(section, session)),
  };
}

function newSection(line: string): Section {
  return {
    line,
    connection: undefined,
    direction: undefined,
    ptime: undefined,
    maxPtime: undefined,
    mapped: new Map(),
  };
}

function readAttribute(text: string, section: Section): void {
  const colon = text.indexOf(':');
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  const value = colon < 0 ? '' : text.slice(colon + 1).trim();
  if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive')
    section.direction = name;
  else if (name === 'ptime') section.ptime = value;
  else if (name === 'maxptime') section.maxPtime = value;
  else if (name === 'rtpmap') {
    const [, payloadType, encoding, rate, channels] = RTPMAP.exec(value) ?? [];
    if (encoding === undefined) return;
    const suffix = channels === undefined || channels === '1' ? '' : `/${channels}`;
    section.mapped.set(Number(payloadType), `${encoding}/${rate}${suffix}`.toUpperCase());
  }
}

function readMedia(section: Section, session: Section): MediaDescription {
  const [, mediaType, portText, protocol, formatText] = MEDIA_LINE.exec(section.line) ?? [];
  const port = Number(portText);
  const formats = formatText?.trimEnd().split(/ +/, MAX_FORMATS + 1) ?? [];
  if (mediaType === undefined || protocol === undefined || port > 65_535 || formats.length > MAX_FORMATS) {
    throw new ProblemError('malformed', 'unreadable m= line in session description');
  }
  return {
    mediaType,
    port,
    protocol,
    formats,
    address: unicastAddress(section.connection ?? session.connection),
    // RFC 8866 §6.7: sendrecv is the default.
    direction: section.direction ?? session.direction ?? 'sendrecv',
    ...readPayloadTypes(formats, section.mapped),
    ptimeMs: readMilliseconds(section.ptime),
    maxPtimeMs: readMilliseconds(section.maxPtime),
  };
}

function readMilliseconds(value: string | undefined): number | null {
  const milliseconds = Number(value);
  return value !== undefined && milliseconds > 0 && milliseconds <= 1000 ? milliseconds : null;
}

function unicastAddress(connection: string | undefined): string | null {
  const value = CONNECTION_LINE.exec(connection ?? '')?.[1];
  if (value === undefined || value.includes('%')) return null;
  if (!ipaddr.IPv4.isValidFourPartDecimal(value) && !ipaddr.IPv6.isValid(value)) return null;
  const address = ipaddr.parse(value);
  const range = address.range();
  // Written as sockets name it (RFC 5952), for it is compared with where packets come from.
  return range === 'multicast' || range === 'broadcast' ? null : address.toString();
}

function readPayloadTypes(
  formats: readonly string[],
  mapped: ReadonlyMap<number, string>,
): Pick<MediaDescription, 'codecs' | 'eventPayloadType'> {
  const codecs: { codec: AudioCodec; payloadType: number }[] = [];
  let eventPayloadType: number | null = null;
  for (const format of formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : MAX_PAYLOAD_TYPE + 1;
    if (payloadType > MAX_PAYLOAD_TYPE) continue;
    // RFC 3551 §6: 0 and 8 need no rtpmap.
    const name = mapped.get(payloadType) ?? { 0: 'PCMU/8000', 8: 'PCMA/8000' }[payloadType];
    if (name === 'PCMU/8000') codecs.push({ codec: 'PCMU', payloadType });
    else if (name === 'PCMA/8000') codecs.push({ codec: 'PCMA', payloadType });
    else if (name === EVENTS) eventPayloadType ??= payloadType;
  }
  return { codecs, eventPayloadType };
}
