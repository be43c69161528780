import type { AlertTrigger } from '../../domain/alert-trigger.ts';
import type { AlertMoment } from '../alert-occasion.ts';

/** What can be true of the start of a call; whom the contract's settings name is told of each. */
export const CALL_START_TRIGGERS = [
  'call-placed',
  'call-abandoned',
  'location-unknown',
  'relay-used',
  'location-default',
  'location-stale',
] as const satisfies readonly AlertTrigger[];

type CallStartTrigger = (typeof CALL_START_TRIGGERS)[number];

function isCallStart(trigger: AlertTrigger): trigger is CallStartTrigger {
  return (CALL_START_TRIGGERS as readonly AlertTrigger[]).includes(trigger);
}

/** The moment that a trigger makes, and every trigger that holds then: what is true of a call's start is true beside that it began. */
export function momentOf(trigger: AlertTrigger): {
  moment: AlertMoment;
  triggers: readonly [AlertTrigger, ...AlertTrigger[]];
} {
  if (!isCallStart(trigger)) return { moment: trigger, triggers: [trigger] };
  return { moment: 'call-started', triggers: trigger === 'call-placed' ? [trigger] : ['call-placed', trigger] };
}
