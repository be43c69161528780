/** A peer from which an organization's calls come: its SBC or SIP trunk. */
export type Trunk = {
  id: string;
  organizationId: string;
  name: string;
  /** CIDR blocks or single addresses, IPv4 or IPv6. */
  addresses: readonly string[];
  /** Source port; null = any. */
  port: number | null;
};

/** What a source address tells: one trunk, none, or several organizations that claim the same address. */
export type TrunkMatch = { kind: 'one'; trunk: Trunk } | { kind: 'none' } | { kind: 'ambiguous'; names: string[] };
