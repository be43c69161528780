import type { AudioCodec, MediaDirection, SessionDescription } from './session-description.ts';

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

/** An `m=` line of ours: an audio stream, or somebody's stream rejected (RFC 3264 §6). */
export type MediaLine =
  | {
      kind: 'audio';
      protocol: string;
      codecs: readonly { codec: AudioCodec; payloadType: number }[];
      eventPayloadType: number | null;
      ptimeMs: number;
      direction: MediaDirection;
    }
  | { kind: 'rejected'; mediaType: string; protocol: string; formats: readonly string[] };

/** Writes a session description in the order of RFC 8866 §5, lines ended by CRLF. */
export function encodeSessionDescription(
  local: LocalMedia,
  timing: SessionDescription['timing'],
  media: readonly MediaLine[],
): string {
  const address = `IN IP${local.address.includes(':') ? 6 : 4} ${local.address}`;
  const lines = [
    'v=0',
    `o=- ${local.sessionId} ${local.sessionVersion ?? 1} ${address}`,
    's=-',
    `c=${address}`,
    `t=${timing.start} ${timing.stop}`,
    ...media.flatMap((line) => encodeMedia(line, local.port)),
    '',
  ];
  return lines.join('\r\n');
}

function encodeMedia(line: MediaLine, port: number): string[] {
  if (line.kind === 'rejected') return [`m=${line.mediaType} 0 ${line.protocol} ${line.formats.join(' ')}`];
  const events = line.eventPayloadType;
  const formats = [...line.codecs.map(({ payloadType }) => payloadType), ...(events === null ? [] : [events])];
  return [
    `m=audio ${port} ${line.protocol} ${formats.join(' ')}`,
    ...line.codecs.map(({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec}/8000`),
    // RFC 4733 §2.4.1: the keys of a phone are events 0 to 15.
    ...(events === null ? [] : [`a=rtpmap:${events} telephone-event/8000`, `a=fmtp:${events} 0-15`]),
    `a=ptime:${line.ptimeMs}`,
    `a=${line.direction}`,
  ];
}
