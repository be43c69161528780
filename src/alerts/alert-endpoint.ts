/** The ways to reach somebody. */
export const ALERT_CHANNELS = ['email', 'sms', 'webhook', 'chat', 'push'] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

/**
 * One way to reach one recipient. `connectionId` names what the organization set up under `/api/alert-connections`: an SMS
 * gateway, a webhook, a chat room. `subscriptionId` names a browser that asked for push messages.
 */
export type AlertEndpoint =
  | { channel: 'email'; address: string }
  | { channel: 'sms'; number: string; connectionId: string }
  | { channel: 'webhook'; connectionId: string }
  | { channel: 'chat'; connectionId: string }
  | { channel: 'push'; subscriptionId: string };

/** The same text for the same endpoint, whatever case an address is written in; part of a message's key. */
export function endpointKey(endpoint: AlertEndpoint): string {
  switch (endpoint.channel) {
    case 'email':
      return endpoint.address.toLowerCase();
    case 'sms':
      return `sms:${endpoint.connectionId}:${endpoint.number}`;
    case 'push':
      return `push:${endpoint.subscriptionId}`;
    case 'webhook':
    case 'chat':
      return `${endpoint.channel}:${endpoint.connectionId}`;
  }
}
