import { isAddress, splitAddresses } from './email-addresses.ts';
import type { LocationNotification, OrganizationNotification } from './notification-settings.ts';
import type { Recipient, RecipientReason } from './recipient.ts';

/** Everything that says who is told of a call from one place; null where the place is not known. */
export type RecipientSources = {
  organization: OrganizationNotification;
  location: LocationNotification | null;
  /** The building's alert address field. */
  buildingAlertingEmail: string | null;
  /** The emergency response location's alert addresses. */
  responseLocationEmails: readonly string[];
  /** The alert address fields of all buildings of the organization; asked only where the site of the call is not known. */
  everyBuildingEmail: () => readonly string[];
};

const MAX_FALLBACK_FIELDS = 50;

/**
 * Who is told of a call: the building's and the response location's alert addresses always; the location's address while its
 * notification is enabled; the organization's while its notification is enabled and it asked for all locations.
 *
 * Where that leaves nobody, the organization's address is told as long as its notification is enabled at all: a call of
 * which nobody hears would break 47 CFR 9.16. Where even that leaves nobody and the site is not known, the buildings'
 * addresses are told. Each address comes once, compared without case, with every reason.
 */
export function chooseRecipients(sources: RecipientSources): Recipient[] {
  const found = new Map<string, { address: string; reasons: RecipientReason[] }>();
  const add = (addresses: readonly string[], reason: RecipientReason): void => {
    for (const address of addresses) {
      if (!isAddress(address)) continue;
      const known = found.get(address.toLowerCase());
      if (!known) found.set(address.toLowerCase(), { address, reasons: [reason] });
      else if (!known.reasons.includes(reason)) known.reasons.push(reason);
    }
  };
  const { organization, location } = sources;
  add(splitAddresses(sources.buildingAlertingEmail), 'building-alerts');
  add(sources.responseLocationEmails.flatMap(splitAddresses), 'response-location');
  if (location?.emergencyCallNotificationEnabled) add(splitAddresses(location.emailAddress), 'location-setting');
  if (organization.emergencyCallNotificationEnabled) {
    const all = organization.allowEmailNotificationAllLocationEnabled;
    if (all) add(splitAddresses(organization.emailAddress), 'organization-all-locations');
    else if (found.size === 0) add(splitAddresses(organization.emailAddress), 'organization-fallback');
  }
  if (found.size === 0 && location === null) {
    add(sources.everyBuildingEmail().slice(0, MAX_FALLBACK_FIELDS).flatMap(splitAddresses), 'any-building-fallback');
  }
  return [...found.values()];
}
