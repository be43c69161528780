import type { Places } from '../../places/places.ts';
import type { NotificationIndex } from '../notification-snapshot.ts';
import type { AlertRule } from './alert-rule.ts';
import type { ContractRecipients } from './contract-recipients.ts';
import type { RecipientBook } from './recipient-snapshot.ts';
import { rulesAt } from './rules-at.ts';

/** A location of which nobody would hear that somebody called for help there. */
export type AlertGap = {
  locationId: string;
  name: string;
  /** What stands in the way, in words; what could be done follows from it. */
  reasons: readonly string[];
};

export type GapSources = {
  book: RecipientBook | undefined;
  settings: NotificationIndex;
  contractRecipients: ContractRecipients;
  places: Pick<Places, 'locationsOf' | 'building'>;
};

/**
 * The locations for which an emergency call from nowhere in particular would tell nobody, in the order of their names. At any hour: of
 * an emergency everybody is told where nobody is on duty, so schedules make no gap.
 */
export function* findGaps(sources: GapSources, organizationId: string): Generator<AlertGap> {
  const { book, places } = sources;
  // Rules of the whole organization are looked at once: they name the same people for ten thousand locations.
  const everywhere = book?.rulesByPlace.get(null) ?? [];
  if (book && everywhere.some((rule) => tells(rule, book))) return;
  for (const { id, name } of places.locationsOf(organizationId)) {
    if (sources.contractRecipients(organizationId, id, null).length > 0) continue;
    const here = book
      ? [...rulesAt(book, places, { organizationId, locationId: id, responseLocation: undefined })]
      : [];
    if (book && here.some((rule) => tells(rule, book))) continue;
    yield { locationId: id, name, reasons: reasonsOf(sources, organizationId, id, here) };
  }
}

/** Whether a rule tells somebody of a call that was placed. */
function tells({ isEnabled, steps, triggers }: AlertRule, book: RecipientBook): boolean {
  if (!isEnabled || !triggers.includes('call-placed')) return false;
  const isThere = (id: string): boolean => book.recipients.has(id);
  return steps.some(
    (step) =>
      step.recipientIds.some(isThere) || step.groupIds.some((id) => book.groups.get(id)?.recipientIds.some(isThere)),
  );
}

function reasonsOf(
  { settings, places }: GapSources,
  organizationId: string,
  locationId: string,
  rules: readonly AlertRule[],
): string[] {
  const reasons: string[] = [];
  const location = settings.location(organizationId, locationId);
  const organization = settings.organization(organizationId);
  if (location.emailAddress !== null && !location.emergencyCallNotificationEnabled) {
    reasons.push("the location's emergency call notification has an address and is disabled");
  }
  if (organization.emailAddress !== null && !organization.emergencyCallNotificationEnabled) {
    reasons.push("the organization's emergency call notification has an address and is disabled");
  }
  if (places.building(organizationId, locationId) === undefined)
    reasons.push('it has no building, which has an alert address');
  const aboutCalls = rules.filter(({ triggers }) => triggers.includes('call-placed'));
  for (const { isEnabled, name } of aboutCalls) {
    reasons.push(isEnabled ? `rule "${name}" names only groups that are empty` : `rule "${name}" is disabled`);
  }
  if (aboutCalls.length === 0) reasons.push('no rule here tells of calls that are placed');
  return reasons;
}
