import { ALERT_LANGUAGES, ALERT_TRIGGERS, type AlertLanguage, type AlertTrigger } from '../../domain/alert-trigger.ts';
import { createFieldFaults } from '../../domain/field-faults.ts';
import { CALL_START_TRIGGERS } from '../recipients/call-start.ts';

/** What an organization settled about its alerts, beside who is told. */
export type AlertSettings = {
  /** Whole seconds; a location determined longer before the call is stale. null: none ever is. */
  staleAfterSeconds: number | null;
  /**
   * The triggers for which the recipients of the contract's notification settings, buildings and response locations are told; those of
   * rules have triggers of their own. `call-placed` is always among them (47 CFR 9.16(b)(2)). The weightiest first.
   */
  contractTriggers: readonly AlertTrigger[];
  /** Of recipients that have none of their own. */
  language: AlertLanguage;
  /** Those who were told of an incident are told who acknowledged it. */
  tellsAcknowledgements: boolean;
  /** Days for which receipts and drills are kept; null: for good. */
  retentionDays: number | null;
};

/** A change: what is absent stays. */
export type AlertSettingsPatch = {
  [Key in keyof AlertSettings]?: AlertSettings[Key] | undefined;
};

/** What holds for an organization that never said anything. */
export const DEFAULT_ALERT_SETTINGS: AlertSettings = {
  staleAfterSeconds: 86_400,
  contractTriggers: CALL_START_TRIGGERS,
  language: 'en',
  tellsAcknowledgements: false,
  retentionDays: null,
};

const MAX_STALE_SECONDS = 366 * 86_400;
const MIN_RETENTION_DAYS = 30;
const MAX_RETENTION_DAYS = 3_660;

function isWholeIn(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

/** The settings with a patch laid over them. Throws `invalid` with every field at fault. */
export function patchAlertSettings(before: AlertSettings, patch: AlertSettingsPatch): AlertSettings {
  const faults = createFieldFaults();
  const { contractTriggers = before.contractTriggers, language = before.language } = patch;
  const { tellsAcknowledgements = before.tellsAcknowledgements } = patch;
  const staleAfterSeconds = patch.staleAfterSeconds === undefined ? before.staleAfterSeconds : patch.staleAfterSeconds;
  const retentionDays = patch.retentionDays === undefined ? before.retentionDays : patch.retentionDays;
  if (staleAfterSeconds !== null && !isWholeIn(staleAfterSeconds, 1, MAX_STALE_SECONDS)) {
    faults.add('staleAfterSeconds', `must be null or a whole number from 1 to ${MAX_STALE_SECONDS}`);
  }
  if (retentionDays !== null && !isWholeIn(retentionDays, MIN_RETENTION_DAYS, MAX_RETENTION_DAYS)) {
    faults.add('retentionDays', `must be null or a whole number from ${MIN_RETENTION_DAYS} to ${MAX_RETENTION_DAYS}`);
  }
  if (!ALERT_LANGUAGES.includes(language)) faults.add('language', `must be one of ${ALERT_LANGUAGES.join(', ')}`);
  if (!contractTriggers.includes('call-placed')) {
    faults.add('contractTriggers', 'must hold call-placed: whom the notification settings name is told of every call');
  }
  for (const [index, trigger] of contractTriggers.entries()) {
    if (trigger === 'drill' || !ALERT_TRIGGERS.includes(trigger)) {
      faults.add(`contractTriggers/${index}`, 'is not a trigger for which they can be told');
    }
  }
  faults.throwIfAny();
  return {
    staleAfterSeconds,
    contractTriggers: ALERT_TRIGGERS.filter((trigger) => contractTriggers.includes(trigger)),
    language,
    tellsAcknowledgements,
    retentionDays,
  };
}
