import { ALERT_SEVERITIES, ALERT_TRIGGERS, type AlertSeverity, type AlertTrigger } from '../../domain/alert-trigger.ts';
import { createFieldFaults, type FieldFaults } from '../../domain/field-faults.ts';
import { isUuid } from '../../support/ids.ts';
import {
  type AlertRule,
  type AlertRulePlace,
  type AlertStep,
  RULE_PLACE_KINDS,
  type RulePlaceKind,
} from './alert-rule.ts';
import { readIds, readName } from './read-recipient.ts';

export type GivenPlace = { kind: RulePlaceKind; id?: string | null | undefined };

export type GivenStep = {
  /** 0 unless told. */
  afterSeconds?: number | undefined;
  recipientIds?: readonly string[] | undefined;
  groupIds?: readonly string[] | undefined;
};

export type NewRule = {
  name: string;
  /** True unless told. */
  isEnabled?: boolean | undefined;
  /** The organization unless told. */
  place?: GivenPlace | undefined;
  triggers: readonly AlertTrigger[];
  severity?: AlertSeverity | null | undefined;
  steps: readonly GivenStep[];
};

/** A request for a location names no place of ours when nothing that it names is mapped: a rule at a place would never be asked. */
const WITHOUT_PLACE: ReadonlySet<AlertTrigger> = new Set(['undefined-element']);

export const MAX_STEPS = 20;
const MAX_AFTER_SECONDS = 86_400;

/**
 * The rule that a description means. `before`: the rule that it replaces, whose promise of what is known of no place may stand where it
 * is. Throws `invalid` with every field at fault.
 */
export function readRule(id: string, given: NewRule, before?: AlertRule): AlertRule {
  const faults = createFieldFaults();
  const severity = given.severity ?? null;
  if (severity !== null && !ALERT_SEVERITIES.includes(severity)) {
    faults.add('severity', `needs one of ${ALERT_SEVERITIES.join(', ')}, or null`);
  }
  const rule: AlertRule = {
    id,
    name: readName(given.name, faults),
    isEnabled: given.isEnabled ?? true,
    place: readPlace(given.place ?? { kind: 'organization' }, faults),
    triggers: readTriggers(given.triggers, faults),
    severity,
    steps: readSteps(given.steps, faults),
  };
  for (const trigger of unplacedTriggers(rule)) {
    if (before && before.place.id === rule.place.id && unplacedTriggers(before).includes(trigger)) continue;
    faults.add(
      'triggers',
      `${trigger} is known of the organization, of no place in it: it needs a rule of its own there`,
    );
  }
  faults.throwIfAny();
  return rule;
}

function unplacedTriggers({ place, triggers }: AlertRule): readonly AlertTrigger[] {
  return place.kind === 'organization' ? [] : triggers.filter((one) => WITHOUT_PLACE.has(one));
}

function readPlace({ kind, id }: GivenPlace, faults: FieldFaults): AlertRulePlace {
  if (!RULE_PLACE_KINDS.includes(kind)) faults.add('place.kind', `needs one of ${RULE_PLACE_KINDS.join(', ')}`);
  if (kind === 'organization') {
    if (id) faults.add('place.id', 'is not for a rule of the whole organization');
    return { kind, id: null };
  }
  if (!id || !isUuid(id)) faults.add('place.id', 'needs an id');
  return { kind, id: (id ?? '').toLowerCase() };
}

function readTriggers(given: readonly AlertTrigger[], faults: FieldFaults): AlertTrigger[] {
  const triggers = ALERT_TRIGGERS.filter((trigger) => given.includes(trigger));
  if (triggers.length === 0 || given.some((trigger) => !ALERT_TRIGGERS.includes(trigger))) {
    faults.add('triggers', `needs some of ${ALERT_TRIGGERS.join(', ')}`);
  }
  return triggers;
}

function readSteps(given: readonly GivenStep[], faults: FieldFaults): AlertStep[] {
  if (given.length === 0 || given.length > MAX_STEPS) faults.add('steps', `needs 1 to ${MAX_STEPS} entries`);
  let earlier = -1;
  return given.map(({ afterSeconds = 0, recipientIds = [], groupIds = [] }, index) => {
    const path = `steps.${index}`;
    if (!Number.isInteger(afterSeconds) || afterSeconds < 0 || afterSeconds > MAX_AFTER_SECONDS) {
      faults.add(`${path}.afterSeconds`, `needs a whole number from 0 to ${MAX_AFTER_SECONDS}`);
    } else if (afterSeconds <= earlier) {
      faults.add(`${path}.afterSeconds`, 'is not later than the step before');
    }
    earlier = afterSeconds;
    if (recipientIds.length + groupIds.length === 0) faults.add(path, 'needs a recipient or a group');
    return {
      afterSeconds,
      recipientIds: readIds(recipientIds, `${path}.recipientIds`, faults),
      groupIds: readIds(groupIds, `${path}.groupIds`, faults),
    };
  });
}
