import type { CallFlag, FoundBy, LocationSource } from '../../domain/call-record.ts';
import type { CivicAddress } from '../../domain/civic-address.ts';
import type { Position } from '../../domain/shape.ts';
import type { Stage } from '../../domain/stage.ts';
import { CATALOGUE_EN, type Catalogue, type TextKey } from './catalogue.en.ts';
import { CATALOGUE_FR } from './catalogue.fr.ts';
import { type Language, plain, speakAddress, speakDegrees, speakNumber, spellOut } from './speakable-address.ts';

/** Everything a test call says about the emergency call it stands for. */
export type AnnouncementInput = {
  /** E.164, or as dialled; null: the call carried none. */
  callerNumber: string | null;
  callbackNumber: string | null;
  location: {
    civic: CivicAddress | null;
    /** The middle of its shape; null when it has none. */
    position: Position | null;
    source: LocationSource;
    /** The rule of FIND that led to it; null where none did. */
    foundBy: FoundBy | null;
    /** Which rule won, as the trace says it. */
    rule: string;
  } | null;
  /** Where a real call would go; `screened`: an agent of the relay centre listens before it is passed on. */
  routing: 'direct' | 'relay' | 'screened';
  /** Why not direct. */
  reason: RelayReason | null;
  /** The destination's name. */
  destinationName: string | null;
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
  /** Language of the site; null: not known. */
  language: Language | null;
};

/** Why a call does not go direct: flags of the decision, and the account that is switched off. */
export type RelayReason =
  | Extract<
      CallFlag,
      'opted-out' | 'exempt' | 'not-enabled' | 'no-location' | 'no-route' | 'psap-open' | 'nomadic-canada'
    >
  | 'no-account';

/** What is spoken, in English: the announcement, and the sentences around it. */
export type Announcement = {
  sentences: readonly string[];
  /** The sentences as one text, which the record keeps. */
  announcementText: string;
  /** Names of the address letter by letter, for who asks to hear it slowly. */
  spelling: readonly string[];
  menu: string;
  heard: string;
  notHeard: string;
  goodbye: string;
  /** The same announcement in the language of the site, where that is not English; it is written down, not spoken. */
  translation: { language: 'fr'; text: string } | null;
};

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en: CATALOGUE_EN, fr: CATALOGUE_FR };
const MAX_RULE_LENGTH = 200;
const MAX_STAGES = 4;

/** Writes what the agent of a 933 call says, down to floor and room, with the rule that won and what is missing (decision 9). */
export function composeAnnouncement(input: AnnouncementInput): Announcement {
  const isFrench = input.language === 'fr';
  const sentences = sentencesIn('en', input);
  if (isFrench) sentences.push(CATALOGUE_EN.writtenTranslation);
  const { menu, heard, notHeard, goodbye } = CATALOGUE_EN;
  return {
    sentences,
    announcementText: sentences.join(' '),
    spelling: spellingOf(input.location?.civic ?? null),
    menu,
    heard,
    notHeard,
    goodbye,
    translation: isFrench ? { language: 'fr', text: sentencesIn('fr', input).join(' ') } : null,
  };
}

/** A text of the catalogue with its words in braces filled in. */
export function fillText(catalogue: Catalogue, key: TextKey, values: Readonly<Record<string, string>> = {}): string {
  return catalogue[key].replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? '');
}

function sentencesIn(language: Language, input: AnnouncementInput): string[] {
  const catalogue = CATALOGUES[language];
  const say = (key: TextKey, values?: Readonly<Record<string, string>>): string => fillText(catalogue, key, values);
  return [
    say('opening'),
    ...(input.simulated ? [say('simulated')] : []),
    ...numberSentences(input, language, say),
    ...locationSentences(input, language, say),
    ...stageSentences(input.stage, say),
    routingSentence(input, say),
  ];
}

type Say = (key: TextKey, values?: Readonly<Record<string, string>>) => string;

function numberSentences({ callerNumber, callbackNumber }: AnnouncementInput, language: Language, say: Say): string[] {
  const caller = callerNumber ? say('caller', { number: speakNumber(callerNumber, language) }) : say('noCaller');
  if (!callbackNumber) return [caller, say('noCallback')];
  if (callbackNumber === callerNumber) return [caller, say('callbackIsCaller')];
  return [caller, say('callback', { number: speakNumber(callbackNumber, language) })];
}

function locationSentences({ location }: AnnouncementInput, language: Language, say: Say): string[] {
  if (!location) return [say('noLocation')];
  const { civic, position, source, foundBy } = location;
  const address = civic ? speakAddress(civic, language) : '';
  if (address === '' && !position) return [say('noLocation')];
  // Where no rule of ours is known, the trace's own sentence says more; it is English.
  const sentence = language === 'en' && foundBy === null ? plain(location.rule, MAX_RULE_LENGTH) : '';
  return [
    address === '' && position
      ? say('coordinates', {
          latitude: speakDegrees(position.latitude, language),
          longitude: speakDegrees(position.longitude, language),
        })
      : say('location', { address }),
    say('rule', { rule: sentence || say(`rule.${foundBy ?? source}`) }),
  ];
}

function stageSentences(stage: AnnouncementInput['stage'], say: Say): string[] {
  if (stage.optedOut) return [say('optedOut')];
  return [...(stage.accountEnabled ? [] : [say('noAccount')]), ...notEnabledSentences(stage, say)];
}

function notEnabledSentences(
  { testCallsEnabled, routingEnabled, missing }: AnnouncementInput['stage'],
  say: Say,
): string[] {
  if (!testCallsEnabled) {
    const before = missing.filter((stage) => stage !== 'ROUTING_ENABLED');
    return [say('testCallsNotEnabled'), ...missingSentence(before, say)];
  }
  return routingEnabled ? [] : [say('routingNotEnabled'), ...missingSentence(missing, say)];
}

function missingSentence(stages: readonly Stage[], say: Say): string[] {
  const names = stages.slice(0, MAX_STAGES).map((stage) => say(`stage.${stage}`));
  const last = names.pop();
  if (last === undefined) return [];
  const list = names.length > 0 ? say('and', { first: names.join(', '), last }) : last;
  return [say('missing', { stages: list })];
}

function routingSentence({ routing, reason, destinationName }: AnnouncementInput, say: Say): string {
  const name = destinationName ? plain(destinationName) : '';
  if (routing === 'direct') return say('direct', { name: name || say('emergencyCenter') });
  const values = { name: name || say('relayCenter'), reason: reason ? say(`reason.${reason}`) : '' };
  if (!reason) return say('relay', values);
  return say(routing === 'screened' ? 'screened' : 'relayBecause', values);
}

/** The names that are heard wrong most easily, letter by letter. */
function spellingOf(civic: CivicAddress | null): string[] {
  const names = [civic?.NAM, civic?.RD, civic?.A3].map((name) => (name ? plain(name) : ''));
  return [...new Set(names)]
    .filter((name) => /\p{L}/u.test(name))
    .map((name) => fillText(CATALOGUE_EN, 'spelling', { name, letters: spellOut(name).split(' ').join(', ') }));
}
