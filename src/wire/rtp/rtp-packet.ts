import { ProblemError } from '../../domain/problem.ts';

/** An RTP data packet (RFC 3550 §5.1). Integers are unsigned: 16 bits sequence number, 32 bits timestamp and SSRC. */
export type RtpPacket = {
  /** 0 to 127. */
  payloadType: number;
  marker: boolean;
  sequenceNumber: number;
  timestamp: number;
  ssrc: number;
  /** Contributing sources, at most 15. */
  csrcs: readonly number[];
  /** Header extension (RFC 3550 §5.3.1); `data` is a whole number of 32-bit words. */
  extension: { profile: number; data: Uint8Array } | null;
  payload: Uint8Array;
};

const FIXED_HEADER_BYTES = 12;
const MAX_PACKET_BYTES = 65_507;

export function encodeRtp(packet: RtpPacket): Buffer {
  const { csrcs, extension, payload } = packet;
  const extensionBytes = extension ? 4 + extension.data.length : 0;
  const bytes = Buffer.allocUnsafe(FIXED_HEADER_BYTES + 4 * csrcs.length + extensionBytes + payload.length);
  bytes[0] = 0x80 | (extension ? 0x10 : 0) | csrcs.length;
  bytes[1] = (packet.marker ? 0x80 : 0) | packet.payloadType;
  bytes.writeUInt16BE(packet.sequenceNumber, 2);
  bytes.writeUInt32BE(packet.timestamp, 4);
  bytes.writeUInt32BE(packet.ssrc, 8);
  let offset = FIXED_HEADER_BYTES;
  for (const csrc of csrcs) offset = bytes.writeUInt32BE(csrc, offset);
  if (extension) {
    offset = bytes.writeUInt16BE(extension.profile, offset);
    offset = bytes.writeUInt16BE(extension.data.length / 4, offset);
    bytes.set(extension.data, offset);
    offset += extension.data.length;
  }
  bytes.set(payload, offset);
  return bytes;
}

/** Reads a datagram; `payload` is a view into it, padding removed. Throws ProblemError `malformed` (RFC 3550 §A.1). */
export function decodeRtp(datagram: Uint8Array): RtpPacket {
  if (datagram.length < FIXED_HEADER_BYTES) throw new ProblemError('malformed', 'RTP packet shorter than its header');
  if (datagram.length > MAX_PACKET_BYTES) throw new ProblemError('malformed', 'RTP packet longer than a datagram');
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const first = view.getUint8(0);
  const second = view.getUint8(1);
  if (first >> 6 !== 2) throw new ProblemError('malformed', 'RTP version is not 2');

  const csrcCount = first & 0x0f;
  let offset = FIXED_HEADER_BYTES + 4 * csrcCount;
  let end = datagram.length;
  if (offset > end) throw new ProblemError('malformed', 'RTP packet ends in its CSRC list');
  const csrcs = Array.from({ length: csrcCount }, (_, index) => view.getUint32(FIXED_HEADER_BYTES + 4 * index));

  let extension: RtpPacket['extension'] = null;
  if (first & 0x10) {
    if (offset + 4 > end) throw new ProblemError('malformed', 'RTP packet ends in its extension');
    const dataEnd = offset + 4 + 4 * view.getUint16(offset + 2);
    if (dataEnd > end) throw new ProblemError('malformed', 'RTP packet ends in its extension');
    extension = { profile: view.getUint16(offset), data: datagram.subarray(offset + 4, dataEnd) };
    offset = dataEnd;
  }
  if (first & 0x20) {
    const padding = view.getUint8(end - 1);
    if (padding === 0 || offset + padding > end) throw new ProblemError('malformed', 'RTP padding exceeds the packet');
    end -= padding;
  }
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    csrcs,
    extension,
    payload: datagram.subarray(offset, end),
  };
}
