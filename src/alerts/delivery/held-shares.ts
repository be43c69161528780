import type { AlertChannel } from '../alert-endpoint.ts';
import type { Turn } from './message-turns.ts';

/**
 * Whose messages are to wait in the database for now: channels, organizations within a channel (as `crowdKey` writes them), targets.
 */
export type Crowded = {
  channels: readonly AlertChannel[];
  organizations: readonly string[];
  targets: readonly string[];
};

/**
 * Of whom more is held than this waits in the database, so that one backlog does not fill the memory for all: of a channel, of an
 * organization in it, of a target. A mail server that is down keeps nobody's webhook waiting.
 */
export type HeldLimits = { perChannel: number; perOrganization: number; perTarget: number };

/** How much is held of whom, and who has their share. */
export type HeldShares = {
  /** One message more is held, or one less. */
  count(channel: AlertChannel, turn: Turn, by: 1 | -1): void;
  /** Whether the next message would be of somebody who has their share. */
  isCrowded(channel: AlertChannel, turn: Turn): boolean;
  crowded(): Crowded;
};

const HELD_LIMITS: HeldLimits = { perChannel: 6_000, perOrganization: 3_000, perTarget: 1_500 };

/** An organization in a channel. */
function crowdKey(channel: AlertChannel, organization: string): string {
  return `${channel} ${organization}`;
}

function change<Key>(counts: Map<Key, number>, key: Key, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}

/** Those that have their share. */
function full<Key>(counts: ReadonlyMap<Key, number>, limit: number): Key[] {
  return [...counts].flatMap(([key, size]) => (size >= limit ? [key] : []));
}

export function createHeldShares({ perChannel, perOrganization, perTarget }: HeldLimits = HELD_LIMITS): HeldShares {
  const channels = new Map<AlertChannel, number>();
  const organizations = new Map<string, number>();
  const targets = new Map<string, number>();
  return {
    count(channel, { organization, target }, by) {
      change(channels, channel, by);
      change(organizations, crowdKey(channel, organization), by);
      change(targets, target, by);
    },
    isCrowded: (channel, { organization, target }) =>
      (channels.get(channel) ?? 0) >= perChannel ||
      (organizations.get(crowdKey(channel, organization)) ?? 0) >= perOrganization ||
      (targets.get(target) ?? 0) >= perTarget,
    crowded: () => ({
      channels: full(channels, perChannel),
      organizations: full(organizations, perOrganization),
      targets: full(targets, perTarget),
    }),
  };
}
