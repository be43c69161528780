/**
 * What people can be told of.
 *
 * - `call-placed`, `call-ended`, `call-abandoned`: an emergency call began, ended after an answer, ended before one.
 * - `relay-used`: it went to the relay centre.
 * - `location-unknown`, `location-default`, `location-stale`: nothing says where the caller is; the only site was taken for
 *   want of better; what is known is older than the organization allows.
 * - `test-call`: a 933 call was answered.
 * - `undefined-element`: a device was seen at a network element that the wire map does not hold.
 * - `destination-unreachable`: a PSAP or the relay centre did not take a call, or does not answer.
 * - `delivery-failing`: an alert was given up, or a channel refuses everything.
 * - `stage-changed`: the organization or a location completed a stage, opted out or came back.
 * - `drill`: somebody tries out who would be told.
 */
export const ALERT_TRIGGERS = [
  'call-placed',
  'call-abandoned',
  'location-unknown',
  'relay-used',
  'location-default',
  'location-stale',
  'destination-unreachable',
  'delivery-failing',
  'call-ended',
  'test-call',
  'undefined-element',
  'stage-changed',
  'drill',
] as const;
export type AlertTrigger = (typeof ALERT_TRIGGERS)[number];

/** How loud it is said: `emergency` overrides quiet hours and makes a sound, `info` may wait to be read. */
export const ALERT_SEVERITIES = ['emergency', 'critical', 'warning', 'info'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** The severity of a trigger where no rule says another. */
export const TRIGGER_SEVERITY: Readonly<Record<AlertTrigger, AlertSeverity>> = {
  'call-placed': 'emergency',
  'call-abandoned': 'emergency',
  'location-unknown': 'emergency',
  'relay-used': 'critical',
  'location-default': 'critical',
  'location-stale': 'critical',
  'destination-unreachable': 'critical',
  'delivery-failing': 'critical',
  'call-ended': 'info',
  'test-call': 'info',
  'undefined-element': 'warning',
  'stage-changed': 'info',
  drill: 'warning',
};

/** Languages in which people are told. */
export const ALERT_LANGUAGES = ['en', 'fr'] as const;
export type AlertLanguage = (typeof ALERT_LANGUAGES)[number];
