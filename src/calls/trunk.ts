import type { SipFlow } from '../transport/sip-flow.ts';

/**
 * What a trunk wants of us. `proxy`: calls are forwarded through here. `redirect`: it is told where to send them (302).
 * `esrp`: as proxy, towards an ESInet, with a default location body where nothing is conveyed (decision 13).
 */
export type TrunkMode = 'proxy' | 'redirect' | 'esrp';

/** A header in which a caller's number may stand. */
export type IdentityHeader =
  | 'P-Asserted-Identity'
  | 'P-Preferred-Identity'
  | 'From'
  | 'Remote-Party-ID'
  | `X-${string}`;

/** A header into which the callback number may be written. */
export type CallbackHeader = 'P-Asserted-Identity' | 'From' | 'P-Preferred-Identity';

/** A peer from which an organization's calls come: its SBC or SIP trunk. */
export type Trunk = {
  id: string;
  organizationId: string;
  name: string;
  /** CIDR blocks or single addresses, IPv4 or IPv6. */
  addresses: readonly string[];
  /** Source port; null = any. */
  port: number | null;
  /** Names in its client certificate (RFC 5922 §7.1), in lower case: a TLS peer with one of them is this trunk, whatever its address. */
  tlsNames: readonly string[];
  mode: TrunkMode;
  /** Where the caller's number is looked for, best first. */
  identityHeaders: readonly IdentityHeader[];
  /** The header that names the device, by MAC address or by our id of it; null = none does. */
  deviceHeader: string | null;
  /** Where the callback number is written. */
  callbackHeaders: readonly CallbackHeader[];
  /** Whether it is probed with OPTIONS at `contactUri`. */
  isMonitored: boolean;
  /** SIP URI to which calls towards this peer go; null = none can. */
  contactUri: string | null;
};

/**
 * Whom a message came from: source address and port, and the names in a verified client certificate. `isStream`: over TCP or TLS,
 * where the port is whatever its connection was given.
 */
export type TrunkPeer = { address: string; port: number; names?: readonly string[] | undefined; isStream?: boolean };

/** What a peer tells: one trunk, none, or those of several organizations that share it. */
export type TrunkMatch =
  | { kind: 'one'; trunk: Trunk }
  | { kind: 'none' }
  | { kind: 'ambiguous'; trunks: readonly Trunk[] };

export function peerOf({ protocol, remoteAddress, remotePort, peerNames }: SipFlow): TrunkPeer {
  return { address: remoteAddress, port: remotePort, names: peerNames, isStream: protocol !== 'udp' };
}

/** The trunk of an organization that a peer is: of several organizations that share it, each has its own. */
export function trunkWithin(match: TrunkMatch, organizationId: string | null): Trunk | undefined {
  if (match.kind === 'one') return match.trunk.organizationId === organizationId ? match.trunk : undefined;
  return match.kind === 'ambiguous' ? match.trunks.find((trunk) => trunk.organizationId === organizationId) : undefined;
}

export const TRUNK_MODES: readonly TrunkMode[] = ['proxy', 'redirect', 'esrp'];

/** How a trunk is treated that says nothing about itself. */
export const TRUNK_DEFAULTS = {
  mode: 'proxy',
  identityHeaders: ['P-Asserted-Identity', 'From', 'Remote-Party-ID'],
  deviceHeader: null,
  callbackHeaders: ['P-Asserted-Identity'],
  isMonitored: false,
  contactUri: null,
} as const satisfies Partial<Trunk>;
