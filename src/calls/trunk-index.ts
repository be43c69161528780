import ipaddr from 'ipaddr.js';
import type { Trunk, TrunkMatch, TrunkPeer } from './trunk.ts';

/**
 * Trunks by peer: a name in its certificate wins, then the narrowest block of its address, a named port before any port. A
 * connection comes from any port: where no trunk without a port has its address, those with one do.
 */
export type TrunkIndex = {
  find(peer: TrunkPeer): TrunkMatch;
  /** Whether some trunk sends from this address, from whatever port. */
  hasAddress(address: string): boolean;
  /** Whether some trunk shows this name in its certificate. */
  hasName(name: string): boolean;
  byId(id: string): Trunk | undefined;
  ofOrganization(organizationId: string): readonly Trunk[];
  readonly all: readonly Trunk[];
};

type Block = { prefixLength: number; byBits: Map<string, Trunk[]> };

const NONE: TrunkMatch = { kind: 'none' };

/** `192.0.2.0/24`, `192.0.2.1`, `2001:db8::/32`: in canonical form, host bits cleared; undefined when it is none. */
export function canonicalBlock(text: string): string | undefined {
  const block = readBlock(text.trim());
  if (!block) return undefined;
  const address = ipaddr.fromByteArray(maskedBytes(block.bytes, block.prefixLength)).toString();
  return block.prefixLength === block.bytes.length * 8 ? address : `${address}/${block.prefixLength}`;
}

/** Whether a block takes in so much of the net that it cannot be one organization's: wider than a /8 (IPv6: a /16). */
export function isTooWide(block: string): boolean {
  const read = readBlock(block);
  return read !== undefined && read.prefixLength < (read.bytes.length === 4 ? 8 : 16);
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
  const byName = new Map<string, Trunk[]>();
  const byId = new Map<string, Trunk>();
  const byOrganization = new Map<string, Trunk[]>();
  for (const trunk of trunks) {
    byId.set(trunk.id, trunk);
    append(byOrganization, trunk.organizationId, trunk);
    for (const name of trunk.tlsNames) append(byName, name, trunk);
    for (const address of trunk.addresses) {
      const read = readBlock(address);
      if (!read) continue;
      const block = blocks.get(read.prefixLength) ?? { prefixLength: read.prefixLength, byBits: new Map() };
      blocks.set(read.prefixLength, block);
      append(block.byBits, blockKey(read.bytes, read.prefixLength), trunk);
    }
  }
  const narrowestFirst = [...blocks.values()].sort((a, b) => b.prefixLength - a.prefixLength);

  function findByNames(names: readonly string[]): TrunkMatch | undefined {
    if (byName.size === 0) return undefined;
    return oneOf(names.flatMap((name) => byName.get(canonicalPeerName(name)) ?? []));
  }

  return {
    find({ address, port, names, isStream = false }) {
      const byCertificate = names && findByNames(names);
      if (byCertificate) return byCertificate;
      const bytes = narrowestFirst.length === 0 ? undefined : readAddress(address);
      if (!bytes) return NONE;
      let ofOtherPorts: TrunkMatch | undefined;
      for (const { prefixLength, byBits } of narrowestFirst) {
        if (prefixLength > bytes.length * 8) continue;
        const found = byBits.get(blockKey(bytes, prefixLength)) ?? [];
        const exact = found.filter((trunk) => trunk.port === port);
        const match = oneOf(exact.length > 0 ? exact : found.filter((trunk) => trunk.port === null));
        if (match) return match;
        ofOtherPorts ??= oneOf(found);
      }
      // RFC 3261 §18.1.1: a large call comes over TCP even where all others come over UDP.
      return (isStream ? ofOtherPorts : undefined) ?? NONE;
    },
    hasAddress(address) {
      const bytes = narrowestFirst.length === 0 ? undefined : readAddress(address);
      return (
        bytes !== undefined &&
        narrowestFirst.some(
          ({ prefixLength, byBits }) => prefixLength <= bytes.length * 8 && byBits.has(blockKey(bytes, prefixLength)),
        )
      );
    },
    hasName: (name) => byName.has(canonicalPeerName(name)),
    byId: (id) => byId.get(id),
    ofOrganization: (organizationId) => byOrganization.get(organizationId) ?? [],
    all: trunks,
  };
}

function append<Key>(map: Map<Key, Trunk[]>, key: Key, trunk: Trunk): void {
  const list = map.get(key);
  if (list) list.push(trunk);
  else map.set(key, [trunk]);
}

/** `sip:SBC.example.com.` and `sbc.example.com` are one peer (RFC 5922 §7.2: compared without regard to case). */
export function canonicalPeerName(name: string): string {
  return name
    .replace(/^sips?:/i, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

function oneOf(trunks: readonly Trunk[]): TrunkMatch | undefined {
  const [first] = trunks;
  if (!first) return undefined;
  if (trunks.every(({ organizationId }) => organizationId === first.organizationId))
    return { kind: 'one', trunk: first };
  return { kind: 'ambiguous', trunks };
}
