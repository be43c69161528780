import type { Places } from '../../places/places.ts';
import { chooseRecipients } from '../choose-recipients.ts';
import type { NotificationIndex } from '../notification-snapshot.ts';
import type { Recipient } from '../recipient.ts';

/** Finds, in memory, whom the notification settings, the building and the response location name; null = not known. */
export type ContractRecipients = (
  organizationId: string,
  locationId: string | null,
  erlId: string | null,
) => readonly Recipient[];

export function createContractRecipients(deps: {
  settings: () => NotificationIndex;
  places: Pick<Places, 'locationsOf' | 'building' | 'responseLocation'>;
}): ContractRecipients {
  const { places } = deps;
  return (organizationId, locationId, erlId) => {
    const settings = deps.settings();
    return chooseRecipients({
      organization: settings.organization(organizationId),
      location: locationId === null ? null : settings.location(organizationId, locationId),
      buildingAlertingEmail:
        (locationId !== null && places.building(organizationId, locationId)?.alertingEmail) || null,
      everyBuildingEmail: () =>
        places
          .locationsOf(organizationId)
          .map((location) => places.building(organizationId, location.id)?.alertingEmail ?? ''),
      responseLocationEmails: (erlId !== null && places.responseLocation(organizationId, erlId)?.alertEmails) || [],
    });
  };
}
