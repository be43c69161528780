import { firstBlank } from './blanks.ts';
import { formatHostPort, readHostPort, withoutBrackets } from './host-port.ts';
import { type SipMessage, topValue } from './message.ts';
import { formatParams, type Param, paramValue, readParams } from './params.ts';
import { remembering } from './remembering.ts';

/** One Via value (RFC 3261 §20.42). `transport` in upper case; an IPv6 host stands without brackets. */
export type Via = {
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: readonly Param[];
};

/** Begins every branch made by RFC 3261 (§8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

/** Reads one Via value, tolerating spaces around `/` and `:`; undefined when it is unreadable or not SIP/2.0. */
export const readVia: (value: string) => Via | undefined = remembering(parseVia);

function parseVia(value: string): Via | undefined {
  const semicolon = value.indexOf(';');
  const front = semicolon === -1 ? value : value.slice(0, semicolon);
  const firstSlash = front.indexOf('/');
  const secondSlash = front.indexOf('/', firstSlash + 1);
  if (firstSlash === -1 || secondSlash === -1) return undefined;
  if (front.slice(0, firstSlash).trim().toUpperCase() !== 'SIP') return undefined;
  if (front.slice(firstSlash + 1, secondSlash).trim() !== '2.0') return undefined;
  const tail = front.slice(secondSlash + 1).trim();
  const gap = firstBlank(tail);
  if (gap <= 0) return undefined;
  const transport = tail.slice(0, gap).toUpperCase();
  const hostPort = readHostPort(tail.slice(gap + 1).trim());
  if (!hostPort || !isTransport(transport)) return undefined;
  return {
    transport,
    host: hostPort.host,
    port: hostPort.port,
    params: semicolon === -1 ? [] : readParams(value.slice(semicolon + 1)),
  };
}

function isTransport(name: string): boolean {
  return name === 'UDP' || name === 'TCP' || /^[A-Z0-9.!%*_+`'~-]+$/.test(name);
}

/** The topmost Via of a message; undefined when there is none or it is unreadable. */
export function readTopVia(message: SipMessage): Via | undefined {
  const value = topValue(message, 'Via');
  return value === undefined ? undefined : readVia(value);
}

export function formatVia(via: Via): string {
  return `SIP/2.0/${via.transport} ${formatHostPort(via)}${formatParams(via.params)}`;
}

export function viaBranch(via: Via): string | undefined {
  return paramValue(via.params, 'branch');
}

/** The address the request came from, if the receiver noted one; brackets that some put around IPv6 (RFC 5118 §4.5) are gone. */
export function viaReceived(via: Via): string | undefined {
  const received = paramValue(via.params, 'received');
  return received ? withoutBrackets(received) : undefined;
}

/** The port noted by RFC 3581; undefined when there is none. */
export function viaRport(via: Via): number | undefined {
  const text = paramValue(via.params, 'rport');
  if (text === undefined || !/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
