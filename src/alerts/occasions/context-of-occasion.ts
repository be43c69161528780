import type { Places } from '../../places/places.ts';
import type { Clock } from '../../support/clock.ts';
import type { AlertDraft, DraftContext } from '../alert-draft.ts';
import type { AlertOccasion } from '../alert-occasion.ts';
import type { AlertContext } from '../content/alert-context.ts';
import type { TemplateBook } from '../content/templates/template.ts';
import type { ToldRecipient } from '../told-recipient.ts';

/** What messages of an occasion say beside what happened: names, links, the organization's own words. From memory; never throws. */
export type ContextOfOccasion = (
  occasion: AlertOccasion,
  told: readonly ToldRecipient[],
  /** The incident that is known to stand behind it. */
  incidentId?: string,
) => AlertContext;

export type OccasionContexts = {
  contextOf: ContextOfOccasion;
  /** The part of it that does not change until the message is written. */
  draftContextOf(...about: Parameters<ContextOfOccasion>): DraftContext;
  /** The link by which the recipient of a draft acknowledges; null: there is nothing to acknowledge. */
  acknowledgeUrlOf(draft: AlertDraft): string | null;
  /** What the place of an occasion is called, the innermost first; null: it is about no place, or none that is there. */
  placeNameOf(occasion: AlertOccasion): string | null;
};

export function createOccasionContexts(deps: {
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
}): OccasionContexts {
  const { places, publicUrl } = deps;

  function placeOf({ organizationId, place }: AlertOccasion) {
    const erl =
      place.responseLocationId === null ? undefined : places.responseLocation(organizationId, place.responseLocationId);
    const siteId = place.locationId ?? erl?.locationId ?? null;
    return { erl, site: siteId === null ? undefined : places.location(organizationId, siteId) };
  }

  const draftContextOf: OccasionContexts['draftContextOf'] = (occasion, recipients, knownId) => {
    const { call } = occasion;
    const { erl, site } = placeOf(occasion);
    const openedId = knownId ?? deps.incidentIdOf(occasion, recipients);
    // The end of a call belongs to its incident, and asks nobody to act.
    const incidentId = openedId ?? (call?.kind === '911' ? call.id : null);
    return {
      site: site ? { name: site.name, timeZone: site.timeZone } : null,
      responseLocationName: erl?.name ?? null,
      simulated: call !== null && deps.isSimulated(call.destination.uri),
      publicUrl,
      incidentId,
      openedIncidentId: occasion.moment === 'acknowledged' ? null : openedId,
      incidentUrl: incidentId === null ? null : `${publicUrl}/desk?incident=${incidentId}`,
      nowMs: deps.clock.nowMs(),
    };
  };

  const linkOf = ({ openedIncidentId }: DraftContext, told: ToldRecipient): string | null =>
    openedIncidentId === null ? null : deps.acknowledgeLink(openedIncidentId, told);

  return {
    draftContextOf,
    contextOf(occasion, recipients, knownId) {
      const context = draftContextOf(occasion, recipients, knownId);
      return {
        ...context,
        acknowledgeUrl: (told) => linkOf(context, told),
        templates: deps.templatesOf(occasion.organizationId),
      };
    },
    acknowledgeUrlOf: ({ context, told }) => linkOf(context, told),
    placeNameOf(occasion) {
      const { erl, site } = placeOf(occasion);
      return [erl?.name, site?.name].filter(Boolean).join(', ') || null;
    },
  };
}
