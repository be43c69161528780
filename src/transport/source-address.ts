import { readIpAddress } from '../wire/held/ip-text.ts';
import type { RawAsker } from './raw-doors.ts';

/** The header in which the trusted proxies say whom they speak for. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

export type SourceAddressDeps = {
  isTrustedProxy: (address: string) => boolean;
  header: ForwardedHeader;
};

/** Proxies that a request may have come through. */
const MAX_HOPS = 32;
const MAX_HOP = 256;
const IPV4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5})?$/;
const BRACKETED = /^\[([^\]]+)\](?::\d{1,5})?$/;
const FOR = /(?:^|;)\s*for\s*=\s*"?([^";]*)"?/i;

/** An address as hops are written: with a port or without, IPv6 in brackets or not; undefined for names and nonsense. */
function readHop(text: string): string | undefined {
  const trimmed = text.trim();
  const bare = IPV4.exec(trimmed)?.[1] ?? BRACKETED.exec(trimmed)?.[1] ?? trimmed;
  return readIpAddress(bare)?.address;
}

/**
 * The address that sent a request, behind the trusted proxies: the last one in the chain that is no proxy of ours, for what
 * stands before it was written by somebody we do not know. A proxy that sends no such header asks for itself; empty where it
 * sends one that names nobody, or more hops than there can be: nobody may pass for the proxy. Of the two headers
 * (X-Forwarded-For, and Forwarded of RFC 7239) only the one that the proxies write is read; the other comes from anywhere.
 */
export function createSourceAddress({ isTrustedProxy, header }: SourceAddressDeps): (request: RawAsker) => string {
  return (request) => {
    const peer = request.socket.remoteAddress ?? '';
    const forwarded = request.headers[header];
    if (forwarded === undefined || !isTrustedProxy(peer)) return peer;
    const chain = typeof forwarded === 'string' ? forwarded : forwarded.join(',');
    let end = chain.length;
    let source = '';
    for (let hops = 0; hops < MAX_HOPS; hops += 1) {
      // From the right, by commas alone: an open quotation mark further left swallows nothing of what a proxy of ours wrote.
      const start = chain.lastIndexOf(',', end - 1) + 1;
      const hop = chain.slice(start, Math.min(end, start + MAX_HOP));
      const address = readHop(header === 'forwarded' ? (FOR.exec(hop)?.[1] ?? '') : hop);
      if (address === undefined) return '';
      source = address;
      if (!isTrustedProxy(address) || start === 0) return source;
      end = start - 1;
    }
    return '';
  };
}
