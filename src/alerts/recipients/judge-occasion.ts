import {
  ALERT_LANGUAGES,
  ALERT_SEVERITIES,
  type AlertLanguage,
  type AlertTrigger,
  TRIGGER_SEVERITY,
} from '../../domain/alert-trigger.ts';
import type { Places } from '../../places/places.ts';
import { type AlertEndpoint, endpointKey } from '../alert-endpoint.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import { mayBeIncident } from '../incidents/summarize-occasion.ts';
import { isRelief } from '../occasions/news-occasions.ts';
import { REASON_TEXTS } from '../recipient.ts';
import type { ToldRecipient } from '../told-recipient.ts';
import type { AlertRecipient } from './alert-recipient.ts';
import type { AlertRule, AlertStep } from './alert-rule.ts';
import type { ContractRecipients } from './contract-recipients.ts';
import { isOnDuty } from './is-on-duty.ts';
import type { RecipientBook } from './recipient-snapshot.ts';
import { rulesAt } from './rules-at.ts';

/** What is asked to find out who is told: memory alone. */
export type JudgeSources = {
  book: RecipientBook | undefined;
  /** Whom the settings of the contract, the building and the response location name. */
  contractRecipients: ContractRecipients;
  /** For which triggers these are told, and the language of whoever has none; of one organization. */
  settingsOf(organizationId: string): { contractTriggers: readonly AlertTrigger[]; language: AlertLanguage };
  places: Pick<Places, 'location' | 'building' | 'responseLocation'>;
};

/** Somebody whom a rule names and who is not told by it. */
export type PassedOver = {
  recipientId: string;
  name: string;
  ruleId: string;
  ruleName: string;
  afterSeconds: number;
  why: 'off-duty' | 'group-off-duty' | 'rule-disabled' | 'no-later-step';
};

export type Judgement = { told: readonly ToldRecipient[]; passedOver: readonly PassedOver[] };

/** All that is told of an endpoint but itself and why. */
type By = Omit<ToldRecipient, 'endpoint' | 'reasons'>;

type Told = { -readonly [Key in keyof ToldRecipient]: ToldRecipient[Key] } & { reasons: string[] };

/** One recipient of one step, and by which group. */
type Target = { recipient: AlertRecipient; why: string; dutyOf: PassedOver['why'] | null };

/** A rule with the trigger for which it tells, and how loud it does. */
type Match = { rule: AlertRule; trigger: AlertTrigger } & Pick<ToldRecipient, 'severity'>;

const SECOND_MS = 1_000;

/**
 * Who is told of an occasion, each endpoint once with every reason, earliest first; and whom its rules pass over.
 *
 * What the contract's settings name is told at once of the triggers that the organization settled for them, at any hour. Rules tell whoever is on
 * duty when their step is due; what is no incident has one step. Of an emergency, the first step with somebody on duty takes the time of the rule's first step, as
 * nobody could acknowledge before; a rule with nobody on duty tells all it names. Where an emergency would still be heard by
 * nobody, every rule at its place tells all it names, and where the place is not known, every rule of the organization.
 */
export function judgeOccasion(sources: JudgeSources, occasion: AlertOccasion): Judgement {
  const { book, places } = sources;
  const { organizationId, triggers } = occasion;
  const erl =
    occasion.place.responseLocationId && places.responseLocation(organizationId, occasion.place.responseLocationId);
  const locationId = occasion.place.locationId ?? (erl ? erl.locationId : null);
  const site = locationId === null ? undefined : places.location(organizationId, locationId);
  const zone = site?.timeZone ?? null;
  const startMs = Date.parse(occasion.at);
  const found = new Map<string, Told>();
  const passedOver: PassedOver[] = [];

  const isTold = new Set<string>();

  const tell = (endpoint: AlertEndpoint, reason: string, by: By): void => {
    const key = endpointKey(endpoint);
    const known = found.get(key);
    if (known) join(known, reason, by, triggers);
    else found.set(key, { endpoint, ...by, reasons: [reason] });
  };

  const tellTarget = ({ rule, trigger, severity }: Match, afterSeconds: number, target: Target, as: string): void => {
    const { id: recipientId, name, language, timeZone, endpoints } = target.recipient;
    const reason = `rule "${rule.name}"${target.why}${as}`;
    isTold.add(recipientId);
    for (const endpoint of endpoints) {
      const label = labelOf(endpoint, name);
      tell(endpoint, reason, { label, recipientId, language, timeZone, afterSeconds, trigger, severity });
    }
  };

  const tellEverybody = (match: Match, as: string): void => {
    for (const step of match.rule.steps) {
      for (const target of targetsOf(step)) tellTarget(match, step.afterSeconds, target, as);
    }
  };

  function* targetsOf(step: AlertStep, duty?: { atMs: number }): Generator<Target> {
    if (book === undefined) return;
    const dutyOf = (recipient: AlertRecipient): Target['dutyOf'] => {
      const { schedule } = recipient;
      const isOn = !duty || !schedule || isOnDuty(schedule, schedule.timeZone ?? recipient.timeZone ?? zone, duty.atMs);
      return isOn ? null : 'off-duty';
    };
    for (const groupId of step.groupIds) {
      const group = book.groups.get(groupId);
      if (!group) continue;
      const { schedule } = group;
      const isOn = !duty || !schedule || isOnDuty(schedule, schedule.timeZone ?? zone, duty.atMs);
      for (const recipientId of group.recipientIds) {
        const recipient = book.recipients.get(recipientId);
        if (!recipient) continue;
        yield { recipient, why: `, group "${group.name}"`, dutyOf: isOn ? dutyOf(recipient) : 'group-off-duty' };
      }
    }
    for (const recipientId of step.recipientIds) {
      const recipient = book.recipients.get(recipientId);
      if (recipient) yield { recipient, why: '', dutyOf: dutyOf(recipient) };
    }
  }

  const passOver = (rule: AlertRule, afterSeconds: number, { recipient }: Target, why: PassedOver['why']): void => {
    passedOver.push({
      recipientId: recipient.id,
      name: recipient.name,
      ruleId: rule.id,
      ruleName: rule.name,
      afterSeconds,
      why,
    });
  };

  /** What nobody has to act on waits for nobody: those of the first step are told at once, and no others. */
  function followOnce(match: Match): void {
    for (const [index, step] of match.rule.steps.entries()) {
      for (const target of targetsOf(step, { atMs: startMs })) {
        const why = index > 0 ? 'no-later-step' : target.dutyOf;
        if (why === null) tellTarget(match, 0, target, '');
        else passOver(match.rule, step.afterSeconds, target, why);
      }
    }
  }

  function follow(match: Match): void {
    const { rule, severity } = match;
    const firstSeconds = rule.steps[0]?.afterSeconds ?? 0;
    const isEmergency = severity === 'emergency';
    const skipped: { step: AlertStep; target: Target }[] = [];
    let earlierBySeconds = 0;
    let isHeard = false;
    for (const step of rule.steps) {
      if (isEmergency && !isHeard) earlierBySeconds = step.afterSeconds - firstSeconds;
      const afterSeconds = step.afterSeconds - earlierBySeconds;
      for (const target of targetsOf(step, { atMs: startMs + afterSeconds * SECOND_MS })) {
        if (target.dutyOf === null) {
          isHeard = true;
          tellTarget(match, afterSeconds, target, '');
        } else skipped.push({ step, target });
      }
    }
    if (isEmergency && !isHeard) return tellEverybody(match, ', as nobody of it is on duty');
    for (const { step, target } of skipped) passOver(rule, step.afterSeconds, target, target.dutyOf ?? 'off-duty');
  }

  const settings = sources.settingsOf(organizationId);
  const contractTrigger = triggers.find((trigger) => settings.contractTriggers.includes(trigger));
  if (contractTrigger !== undefined) {
    const by = {
      recipientId: null,
      language: languageOf(site?.preferredLanguage) ?? settings.language,
      timeZone: null,
      afterSeconds: 0,
      trigger: contractTrigger,
      severity: TRIGGER_SEVERITY[contractTrigger],
    };
    const erlId = occasion.place.responseLocationId;
    const named = sources.contractRecipients(organizationId, locationId, erlId);
    // A location of which nothing is known here, being new or removed, is as good as none.
    const isLost = named.length === 0 && locationId !== null && site === undefined;
    for (const { address, reasons } of isLost ? sources.contractRecipients(organizationId, null, erlId) : named) {
      for (const reason of reasons)
        tell({ channel: 'email', address }, REASON_TEXTS[reason], { label: address, ...by });
    }
  }
  const matches: Match[] = [];
  if (book !== undefined) {
    for (const rule of rulesAt(book, places, { organizationId, locationId, responseLocation: erl || undefined })) {
      const match = matchOf(rule, triggers);
      if (!match) continue;
      if (rule.isEnabled) matches.push(match);
      else {
        for (const step of rule.steps) {
          for (const target of targetsOf(step)) passOver(rule, step.afterSeconds, target, 'rule-disabled');
        }
      }
    }
  }
  const severities = matches.map(({ severity }) => severity);
  if (contractTrigger !== undefined) severities.push(TRIGGER_SEVERITY[contractTrigger]);
  const canWait = !isRelief(occasion) && mayBeIncident(occasion.moment, severities);
  for (const match of matches) {
    if (canWait) follow(match);
    else followOnce(match);
  }
  if (found.size === 0 && triggers.some((trigger) => TRIGGER_SEVERITY[trigger] === 'emergency')) {
    for (const match of matches) tellEverybody(match, ', as nobody else would be told');
    if (found.size === 0 && site === undefined && book !== undefined) {
      for (const rule of book.rules) {
        const match = rule.isEnabled ? matchOf(rule, triggers) : undefined;
        if (match) tellEverybody(match, ', as the site is not known and nobody else would be told');
      }
    }
  }
  const told = [...found.values()].sort((a, b) => a.afterSeconds - b.afterSeconds);
  return { told, passedOver: passedOver.filter(({ recipientId }) => !isTold.has(recipientId)) };
}

function matchOf(rule: AlertRule, triggers: AlertOccasion['triggers']): Match | undefined {
  const trigger = triggers.find((one) => rule.triggers.includes(one));
  return trigger && { rule, trigger, severity: rule.severity ?? TRIGGER_SEVERITY[trigger] };
}

/** Another reason to tell an endpoint that is told already: the earliest time, the weightiest trigger, the loudest voice. */
function join(known: Told, reason: string, by: By, triggers: AlertOccasion['triggers']): void {
  if (!known.reasons.includes(reason)) known.reasons.push(reason);
  known.afterSeconds = Math.min(known.afterSeconds, by.afterSeconds);
  if (triggers.indexOf(by.trigger) < triggers.indexOf(known.trigger)) known.trigger = by.trigger;
  if (ALERT_SEVERITIES.indexOf(by.severity) < ALERT_SEVERITIES.indexOf(known.severity)) known.severity = by.severity;
  if (known.recipientId !== null || by.recipientId === null) return;
  // An address of the settings that is also somebody's: they are known better than the settings know them.
  known.recipientId = by.recipientId;
  known.language = by.language;
  known.timeZone = by.timeZone;
}

/** The contract writes `fr_ca`, `fr-CA`; undefined: no language, or none in which people are told. */
function languageOf(text: string | undefined): AlertLanguage | undefined {
  const language = text?.slice(0, 2).toLowerCase();
  return text !== undefined && /^[a-z]{2}(?![a-z])/i.test(text)
    ? ALERT_LANGUAGES.find((one) => one === language)
    : undefined;
}

/** What receipts show: where it goes, or whose it is where that would tell nobody anything. */
function labelOf(endpoint: AlertEndpoint, name: string): string {
  switch (endpoint.channel) {
    case 'email':
      return endpoint.address;
    case 'sms':
      return endpoint.number;
    case 'webhook':
    case 'chat':
    case 'push':
      return name;
  }
}
