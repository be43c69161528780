import ipaddr from 'ipaddr.js';
import type { Trunk, TrunkMatch } from './trunk.ts';

/** Trunks by source address: the narrowest block wins, a named port before any port. */
export type TrunkIndex = { find(address: string, port: number): TrunkMatch };

type Block = { prefixLength: number; byBits: Map<string, Trunk[]> };

const NONE: TrunkMatch = { kind: 'none' };

/** `192.0.2.0/24`, `192.0.2.1`, `2001:db8::/32`: in canonical form, host bits cleared; undefined when it is none. */
export function canonicalBlock(text: string): string | undefined {
  const block = readBlock(text.trim());
  if (!block) return undefined;
  const address = ipaddr.fromByteArray(maskedBytes(block.bytes, block.prefixLength)).toString();
  return block.prefixLength === block.bytes.length * 8 ? address : `${address}/${block.prefixLength}`;
}

function readAddress(text: string): number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  if (!ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toByteArray() : address.toByteArray();
}

function readBlock(text: string): { bytes: number[]; prefixLength: number } | undefined {
  const slash = text.indexOf('/');
  const bytes = readAddress(slash === -1 ? text : text.slice(0, slash));
  if (!bytes) return undefined;
  if (slash === -1) return { bytes, prefixLength: bytes.length * 8 };
  const digits = text.slice(slash + 1);
  const prefixLength = Number(digits);
  return /^\d{1,3}$/.test(digits) && prefixLength <= bytes.length * 8 ? { bytes, prefixLength } : undefined;
}

function maskedBytes(bytes: readonly number[], prefixLength: number): number[] {
  return bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
}

function blockKey(bytes: readonly number[], prefixLength: number): string {
  return `${bytes.length}:${maskedBytes(bytes, prefixLength).join('.')}`;
}

export function createTrunkIndex(trunks: readonly Trunk[]): TrunkIndex {
  const blocks = new Map<number, Block>();
  for (const trunk of trunks) {
    for (const address of trunk.addresses) {
      const read = readBlock(address);
      if (!read) continue;
      const block = blocks.get(read.prefixLength) ?? { prefixLength: read.prefixLength, byBits: new Map() };
      blocks.set(read.prefixLength, block);
      const key = blockKey(read.bytes, read.prefixLength);
      const sameBits = block.byBits.get(key);
      if (sameBits) sameBits.push(trunk);
      else block.byBits.set(key, [trunk]);
    }
  }
  const narrowestFirst = [...blocks.values()].sort((a, b) => b.prefixLength - a.prefixLength);

  return {
    find(address, port) {
      const bytes = narrowestFirst.length === 0 ? undefined : readAddress(address);
      if (!bytes) return NONE;
      for (const { prefixLength, byBits } of narrowestFirst) {
        if (prefixLength > bytes.length * 8) continue;
        const found = byBits.get(blockKey(bytes, prefixLength)) ?? [];
        const exact = found.filter((trunk) => trunk.port === port);
        const match = oneOf(exact.length > 0 ? exact : found.filter((trunk) => trunk.port === null));
        if (match) return match;
      }
      return NONE;
    },
  };
}

function oneOf(trunks: readonly Trunk[]): TrunkMatch | undefined {
  const [first] = trunks;
  if (!first) return undefined;
  if (trunks.every(({ organizationId }) => organizationId === first.organizationId))
    return { kind: 'one', trunk: first };
  return { kind: 'ambiguous', names: trunks.map(({ name }) => name) };
}
