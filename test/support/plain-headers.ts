import type { SipHeader, SipMessage } from '../../src/wire/sip/message.ts';

/** Header fields as names and values alone, wherever they come from: for comparison. */
export function plainHeaders(headers: readonly SipHeader[]): SipHeader[] {
  return headers.map(({ name, value }) => ({ name, value }));
}

/** A message with its header fields as names and values alone. */
export function plainMessage<M extends SipMessage>(message: M): M {
  return { ...message, headers: plainHeaders(message.headers) };
}
