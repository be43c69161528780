/**
 * Every text that a 933 call says, in English, which is what the voice speaks. Words in braces are filled in. A translation has the same
 * keys and the same words in braces; a test compares them.
 */
export const CATALOGUE_EN = {
  opening: 'This is an emergency test call. No emergency center was called.',
  simulated: 'This system is independent, and the emergency centers it names are simulated.',
  writtenTranslation: 'A French text of this announcement is kept with the record of this call.',

  caller: 'You are calling from {number}.',
  noCaller: 'Your call carried no caller number.',
  callback: 'You would be called back at {number}.',
  callbackIsCaller: 'You would be called back at this number.',
  noCallback: 'No callback number is known.',

  location: 'Your location is {address}.',
  coordinates: 'Your location is known as coordinates only: latitude {latitude}, longitude {longitude}.',
  noLocation: 'Your location is not known.',
  rule: 'The rule that found it: {rule}.',

  'rule.conveyed-value': 'your phone or network sent it with the call',
  'rule.conveyed-reference': 'the call carried a reference to it',
  'rule.device': 'where your device was last found',
  'rule.elin': 'the place that your telephone number stands for',
  'rule.number': 'the place of your telephone number',
  'rule.default': 'the only site of your organization',
  'rule.device-override': 'the place set for your device',
  'rule.switch-port': 'the switch port of your device',
  'rule.switch-chassis': 'the switch of your device',
  'rule.bssid': 'the Wi-Fi access point of your device',
  'rule.bssid-mask': 'the group of Wi-Fi access points of your device',
  'rule.mac': 'the hardware address of your device',
  'rule.ip-range': 'the network address of your device',
  'rule.device-address': 'the address that you registered for your device',
  'rule.site-default': 'the default place of your site',

  noAccount: 'The emergency service is not switched on for this organization.',
  optedOut: 'This location has opted out of the emergency service.',
  testCallsNotEnabled: 'Test calls are not enabled for this location yet.',
  routingNotEnabled: 'Emergency routing is not enabled for this location yet.',
  missing: 'What is missing: {stages}.',
  and: '{first} and {last}',
  'stage.LOCATION_SETUP': 'the location setup',
  'stage.ALERTS': 'the alert recipients',
  'stage.NETWORK_ELEMENTS': 'the network elements',
  'stage.ROUTING_ENABLED': 'the confirmation that routing is enabled',

  direct: 'A real 9 1 1 call would go directly to {name}.',
  relay: 'A real 9 1 1 call would go to {name}, where an agent asks for your location.',
  relayBecause: 'A real 9 1 1 call would go to {name}, where an agent asks for your location, because {reason}.',
  screened: 'A real 9 1 1 call would be screened by an agent of {name} before it goes on, because {reason}.',
  emergencyCenter: 'the emergency center',
  relayCenter: 'the relay center',
  'reason.opted-out': 'this location has opted out',
  'reason.no-account': 'the emergency service is not switched on',
  'reason.not-enabled': 'routing is not enabled',
  'reason.exempt': 'this location lies outside the service area',
  'reason.no-location': 'your location is not known',
  'reason.no-route': 'your location lies in no known area of an emergency center',
  'reason.psap-open': 'it is not settled which emergency center serves your location',
  'reason.nomadic-canada': 'the address was registered by you and lies in Canada',

  spelling: '{name} is spelled {letters}.',
  menu: 'Press 1 to hear this again, 2 to hear it slowly and spelled, or pound to end.',
  heard: 'We received sound from your phone.',
  notHeard: 'We received no sound from your phone.',
  goodbye: 'End of test. Goodbye.',
} as const;

/** The name of one text. */
export type TextKey = keyof typeof CATALOGUE_EN;

/** All texts in one language. */
export type Catalogue = Readonly<Record<TextKey, string>>;
