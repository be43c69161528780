import { firstBlank } from './blanks.ts';
import { formatHostPort, readHostPort, withoutBrackets } from './host-port.ts';
import { type SipMessage, topValue } from './message.ts';
import { formatParams, NO_PARAMS, type Param, paramValue, readParams } from './params.ts';
import { remembering } from './remembering.ts';

/** One Via value (RFC 3261 §20.42). `transport` in upper case; an IPv6 host stands without brackets. */
export type Via = {
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly params: readonly Param[];
};

const TRANSPORT = /^[A-Z0-9.!%*_+`'~-]+$/;

/** Begins every branch made by RFC 3261 (§8.1.1.7). */
export const BRANCH_COOKIE = 'z9hG4bK';

/** Reads one Via value, tolerating spaces around `/` and `:`; undefined when it is unreadable or not SIP/2.0. */
export const readVia: (value: string) => Via | undefined = remembering(parseVia);

/** How nearly every Via begins. */
const USUAL_STARTS = [
  ['SIP/2.0/UDP ', 'UDP'],
  ['SIP/2.0/TCP ', 'TCP'],
  ['SIP/2.0/TLS ', 'TLS'],
] as const;

function parseVia(value: string): Via | undefined {
  for (const [start, transport] of USUAL_STARTS) {
    if (value.startsWith(start)) return parseRest(transport, value, start.length);
  }
  return parseUnusual(value);
}

/** Reads sent-by and parameters, which begin at `start`. */
function parseRest(transport: string, value: string, start: number): Via | undefined {
  const semicolon = value.indexOf(';', start);
  const hostPort = readHostPort(value.slice(start, semicolon === -1 ? value.length : semicolon).trim());
  if (!hostPort) return undefined;
  const params = semicolon === -1 ? NO_PARAMS : readParams(value.slice(semicolon + 1));
  return { transport, host: hostPort.host, port: hostPort.port, params };
}

function parseUnusual(value: string): Via | undefined {
  const semicolon = value.indexOf(';');
  const front = semicolon === -1 ? value : value.slice(0, semicolon);
  const firstSlash = front.indexOf('/');
  const secondSlash = front.indexOf('/', firstSlash + 1);
  if (firstSlash === -1 || secondSlash === -1) return undefined;
  if (front.slice(0, firstSlash).trim().toUpperCase() !== 'SIP') return undefined;
  if (front.slice(firstSlash + 1, secondSlash).trim() !== '2.0') return undefined;
  const transportStart = front.length - front.slice(secondSlash + 1).trimStart().length;
  const gap = firstBlank(front.slice(transportStart));
  if (gap <= 0) return undefined;
  const transport = front.slice(transportStart, transportStart + gap).toUpperCase();
  return TRANSPORT.test(transport) ? parseRest(transport, value, transportStart + gap) : undefined;
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
