/** A key as RTP carries it (RFC 4733 §2.3). */
export type TelephoneEvent = { key: string; isEnd: boolean; durationSamples: number };

/** Events 0 to 15 (RFC 4733 §3.2); flash and tones mean nothing here. */
const KEYS = '0123456789*#ABCD';
const PAYLOAD_BYTES = 4;

/** Reads a payload of `telephone-event`; null when it is no key. */
export function decodeTelephoneEvent(payload: Uint8Array): TelephoneEvent | null {
  if (payload.length < PAYLOAD_BYTES) return null;
  const key = KEYS[payload[0] ?? KEYS.length];
  if (key === undefined) return null;
  const isEnd = ((payload[1] ?? 0) & 0x80) !== 0;
  return { key, isEnd, durationSamples: ((payload[2] ?? 0) << 8) | (payload[3] ?? 0) };
}

/**
 * Names each pressed key once. All packets of one key press carry the timestamp of its beginning (RFC 4733 §2.5.1.2), also the
 * three that end it; a press whose first packets were lost is known from any later one.
 */
export function createKeyReader(): (payload: Uint8Array, timestamp: number) => string | null {
  let lastTimestamp: number | undefined;
  return (payload, timestamp) => {
    const event = decodeTelephoneEvent(payload);
    if (event === null) return null;
    // A packet of an earlier press that comes late has an older timestamp.
    if (lastTimestamp !== undefined && ((timestamp - lastTimestamp) | 0) <= 0) return null;
    lastTimestamp = timestamp;
    return event.key;
  };
}
