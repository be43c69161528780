import { ALERT_SEVERITIES, type AlertSeverity, TRIGGER_SEVERITY } from '../../domain/alert-trigger.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { PushSubscription } from './push-subscription.ts';

const weight = (severity: AlertSeverity): number => ALERT_SEVERITIES.indexOf(severity);

/** The browsers that asked to be told of this. A drill reaches all that are told of its place, however little they want to hear. */
export function subscribersTold(
  subscriptions: readonly PushSubscription[],
  occasion: AlertOccasion,
  nowMs: number,
): ToldRecipient[] {
  const [trigger] = [...occasion.triggers].sort(
    (left, right) => weight(TRIGGER_SEVERITY[left]) - weight(TRIGGER_SEVERITY[right]),
  );
  if (trigger === undefined) return [];
  const severity = TRIGGER_SEVERITY[trigger];
  const { locationId } = occasion.place;
  const told: ToldRecipient[] = [];
  for (const subscription of subscriptions) {
    const { locationIds, minSeverity } = subscription;
    if (Date.parse(subscription.expiresAt) <= nowMs) continue;
    if (locationIds !== null && (locationId === null || !locationIds.includes(locationId))) continue;
    if (trigger !== 'drill' && weight(severity) > weight(minSeverity)) continue;
    told.push({
      endpoint: { channel: 'push', subscriptionId: subscription.id },
      label: subscription.label,
      recipientId: null,
      language: 'en',
      timeZone: null,
      afterSeconds: 0,
      trigger,
      severity,
      reasons: ['This browser asked to be told by push.'],
    });
  }
  return told;
}
