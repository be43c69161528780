import { type AlertChannel, type AlertEndpoint, endpointKey } from '../alert-endpoint.ts';

/** How much one channel is asked to do at the same time. */
export type ChannelLimits = {
  /** Attempts under way, without those that are slow: what hangs keeps nobody else waiting. */
  atOnce: number;
  /** Attempts under way in all. */
  atMost: number;
  /** Of them by one lane: the mail server, one gateway, one webhook. */
  perLane: number;
  /** Of them to one target: a mailbox, a number. */
  perTarget: number;
};

export const CHANNEL_LIMITS: Readonly<Record<AlertChannel, ChannelLimits>> = {
  email: { atOnce: 16, atMost: 48, perLane: 48, perTarget: 4 },
  sms: { atOnce: 16, atMost: 48, perLane: 12, perTarget: 1 },
  webhook: { atOnce: 32, atMost: 128, perLane: 4, perTarget: 4 },
  chat: { atOnce: 16, atMost: 64, perLane: 2, perTarget: 2 },
  push: { atOnce: 16, atMost: 64, perLane: 2, perTarget: 2 },
};

/**
 * What a message has to pass on its way: when several targets of one lane fail one after the other, it is the lane that is
 * broken and not they. Each browser has its own: it names its push service itself, and one that is dead is nobody else's.
 */
export function laneOf(endpoint: AlertEndpoint): string {
  if (endpoint.channel === 'push') return endpointKey(endpoint);
  return 'connectionId' in endpoint ? `${endpoint.channel}:${endpoint.connectionId}` : endpoint.channel;
}
