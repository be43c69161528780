import type { CivicAddress } from '../../domain/civic-address.ts';
import type { Stage } from '../../domain/stage.ts';
import { plain, speakAddress, speakNumber } from './speakable-address.ts';

/** Everything a test call says about the emergency call it stands for. */
export type AnnouncementInput = {
  /** E.164, or as dialled; null: the call carried none. */
  callerNumber: string | null;
  callbackNumber: string | null;
  location: CivicAddress | null;
  /** Which rule found the location, as a sentence or a phrase. */
  locationRule: string | null;
  /** Where a real call would go; `screened`: an agent listens before it is passed on. */
  routing: 'direct' | 'relay' | 'screened';
  /** Why, where it does not follow from location and stage: a clause after "because". */
  routingReason?: string;
  /** The destination's name. */
  psapName: string | null;
  stage: {
    /** The organization has an E911 account that is switched on. */
    accountEnabled: boolean;
    testCallsEnabled: boolean;
    routingEnabled: boolean;
    /** Stages not completed yet, in order. */
    missing: readonly Stage[];
    optedOut: boolean;
  };
  /** Destinations are the built-in simulation, nobody real would be reached. */
  simulated: boolean;
};

/** What is spoken, whole and by sentence; the trace keeps `announcementText`. */
export type Announcement = { announcementText: string; sentences: readonly string[] };

const STAGES_MISSING: Readonly<Record<Stage, string>> = {
  LOCATION_SETUP: 'the location setup',
  ALERTS: 'the alert recipients',
  NETWORK_ELEMENTS: 'the network elements',
  ROUTING_ENABLED: 'the confirmation that routing is enabled',
};

const MAX_REASON_LENGTH = 200;

/** Writes what the agent of a 933 call says, down to floor and room, with the rule that won and what is missing (decision 9). */
export function composeAnnouncement(input: AnnouncementInput): Announcement {
  const sentences = [
    'This is an emergency test call.',
    'No emergency center was called.',
    ...(input.simulated ? ['This system is independent, and the emergency centers it names are simulated.'] : []),
    ...numberSentences(input),
    ...locationSentences(input),
    ...stageSentences(input.stage),
    routingSentence(input),
    'End of test. Goodbye.',
  ];
  return { announcementText: sentences.join(' '), sentences };
}

function numberSentences({ callerNumber, callbackNumber }: AnnouncementInput): string[] {
  const sentences = [
    callerNumber ? `You are calling from ${speakNumber(callerNumber)}.` : 'Your call carried no caller number.',
  ];
  if (!callbackNumber) sentences.push('No callback number is known.');
  else if (callbackNumber !== callerNumber)
    sentences.push(`You would be called back at ${speakNumber(callbackNumber)}.`);
  return sentences;
}

function locationSentences({ location, locationRule }: AnnouncementInput): string[] {
  const spoken = location ? speakAddress(location) : '';
  if (!spoken) return ['Your location is not known.'];
  const rule = locationRule ? plain(locationRule, MAX_REASON_LENGTH) : '';
  return [`Your location is ${spoken}.`, ...(rule ? [`The rule that found it: ${rule}.`] : [])];
}

function stageSentences(stage: AnnouncementInput['stage']): string[] {
  if (stage.optedOut) return ['This location has opted out of the emergency service.'];
  if (stage.accountEnabled) return notEnabledSentences(stage);
  return ['The emergency service is not switched on for this organization.', ...notEnabledSentences(stage)];
}

function notEnabledSentences({ testCallsEnabled, routingEnabled, missing }: AnnouncementInput['stage']): string[] {
  if (!testCallsEnabled) {
    const before = missing.filter((stage) => stage !== 'ROUTING_ENABLED');
    return ['Test calls are not enabled for this location yet.', ...missingSentence(before)];
  }
  if (!routingEnabled) {
    return ['Emergency routing is not enabled for this location yet.', ...missingSentence(missing)];
  }
  return [];
}

function missingSentence(stages: readonly Stage[]): string[] {
  const names = stages.map((stage) => STAGES_MISSING[stage]);
  if (names.length === 0) return [];
  const last = names.pop();
  return [`What is missing: ${names.length > 0 ? `${names.join(', ')} and ` : ''}${last}.`];
}

function routingSentence(input: AnnouncementInput): string {
  const name = input.psapName ? plain(input.psapName) : '';
  if (input.routing === 'direct') return `A real 9 1 1 call would go directly to ${name || 'the emergency center'}.`;
  const reason = relayReason(input);
  const because = reason ? `, because ${reason}` : '';
  return input.routing === 'relay'
    ? `A real 9 1 1 call would go to ${name || 'the relay center'}, where an agent asks for your location${because}.`
    : `A real 9 1 1 call would be screened by an agent before it goes to ${name || 'the emergency center'}${because}.`;
}

function relayReason({ routingReason, location, stage }: AnnouncementInput): string {
  if (routingReason) return plain(routingReason, MAX_REASON_LENGTH);
  if (stage.optedOut) return 'this location has opted out';
  if (!stage.accountEnabled) return 'the emergency service is not switched on';
  if (!stage.routingEnabled) return 'routing is not enabled';
  return location ? '' : 'your location is not known';
}
