import { ALERT_CHANNELS, type AlertChannel } from '../alert-endpoint.ts';
import { type AlertSender, SendError } from './alert-sender.ts';

function refusingSender(channel: AlertChannel): AlertSender {
  return {
    send: () => Promise.reject(new SendError(`the channel ${channel} is not set up`, { isPermanent: true })),
    stop: () => Promise.resolve(),
  };
}

/** A sender for every channel: those that are not set up refuse for good, so that receipts say why nobody was told by them. */
export function everySender(
  senders: Partial<Readonly<Record<AlertChannel, AlertSender>>>,
): Readonly<Record<AlertChannel, AlertSender>> {
  return Object.fromEntries(
    ALERT_CHANNELS.map((channel) => [channel, senders[channel] ?? refusingSender(channel)]),
  ) as Record<AlertChannel, AlertSender>;
}
