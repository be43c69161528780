import { singleLine } from './encode-message.ts';
import { NO_BODY, type SipHeader, type SipMessage } from './message.ts';

/**
 * A message as one text in memory of its own, for what has to wait: a message's fields would be dozens of objects, which the garbage
 * collector passes again and again, and pieces of a received message keep the whole of it. Line breaks in values become spaces, as they
 * do where a message is written.
 */
export function packMessage(message: SipMessage): string {
  const parts =
    message.kind === 'request'
      ? ['request', message.method, singleLine(message.uri)]
      : ['response', String(message.status), singleLine(message.reason)];
  parts.push(String(message.headers.length));
  for (const { name, value } of message.headers) parts.push(name, singleLine(value));
  if (message.body.length > 0) parts.push(message.body.toString('latin1'));
  return parts.join('\n');
}

/** What `packMessage` packed. */
export function unpackMessage(packed: string): SipMessage {
  let at = 0;
  const next = (): string => {
    const end = packed.indexOf('\n', at);
    const part = end === -1 ? packed.slice(at) : packed.slice(at, end);
    at = end === -1 ? packed.length : end + 1;
    return part;
  };
  const [kind, first, second, count] = [next(), next(), next(), Number(next())];
  const headers: SipHeader[] = [];
  for (let index = 0; index < count; index++) headers.push({ name: next(), value: next() });
  const body = at === packed.length ? NO_BODY : Buffer.from(packed.slice(at), 'latin1');
  return kind === 'request'
    ? { kind, method: first, uri: second, headers, body }
    : { kind: 'response', status: Number(first), reason: second, headers, body };
}
