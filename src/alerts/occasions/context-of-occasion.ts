import type { Places } from '../../places/places.ts';
import type { Clock } from '../../support/clock.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { AlertContext } from '../content/alert-context.ts';
import type { TemplateBook } from '../content/templates/template.ts';
import type { ToldRecipient } from '../told-recipient.ts';

/** What messages of an occasion say beside what happened: names, links, the organization's own words. From memory; never throws. */
export type ContextOfOccasion = (
  occasion: AlertOccasion,
  told: readonly ToldRecipient[],
  /** The incident that is known to stand behind it. */
  incidentId?: string | undefined,
) => AlertContext;

export function createContextOfOccasion(deps: {
  places: Pick<Places, 'location' | 'responseLocation'>;
  isSimulated(uri: string): boolean;
  /** Without a slash at the end. */
  publicUrl: string;
  /** The incident that stands behind it; null: nobody has to act. */
  incidentIdOf(occasion: AlertOccasion, told: readonly ToldRecipient[]): string | null;
  /** By which one recipient acknowledges; null where none can be made. */
  acknowledgeLink(incidentId: string, told: ToldRecipient): string | null;
  templatesOf(organizationId: string): TemplateBook | null;
  clock: Clock;
}): ContextOfOccasion {
  const { places, publicUrl } = deps;
  return (occasion, recipients, knownId) => {
    const { organizationId, place, call } = occasion;
    const erl =
      place.responseLocationId === null ? undefined : places.responseLocation(organizationId, place.responseLocationId);
    const siteId = place.locationId ?? erl?.locationId ?? null;
    const site = siteId === null ? undefined : places.location(organizationId, siteId);
    const openedId = knownId ?? deps.incidentIdOf(occasion, recipients);
    // The end of a call belongs to its incident, and asks nobody to act.
    const incidentId = openedId ?? (call?.kind === '911' ? call.id : null);
    return {
      site: site ? { name: site.name, timeZone: site.timeZone } : null,
      responseLocationName: erl?.name ?? null,
      simulated: call !== null && deps.isSimulated(call.destination.uri),
      publicUrl,
      incidentId,
      acknowledgeUrl: (told) =>
        openedId === null || occasion.moment === 'acknowledged' ? null : deps.acknowledgeLink(openedId, told),
      incidentUrl: incidentId === null ? null : `${publicUrl}/desk?incident=${incidentId}`,
      templates: deps.templatesOf(organizationId),
      nowMs: deps.clock.nowMs(),
    };
  };
}
