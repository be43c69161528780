import type { LocationEntry } from '../places/places.ts';
import type { TelephonyLocation } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** Contract section 8: a location as the telephone system has it; the number and E911 are what a call finds. */
export function telephonyLocationAnswer(
  { members, compliance }: Pick<WebexApiDeps, 'members' | 'compliance'>,
  location: LocationEntry,
): TelephonyLocation {
  const { id, organizationId, name, announcementLanguage, routingPrefix, callingLineName } = location;
  const phoneNumber = members.mainNumber(organizationId, id);
  const { exempt, routingEnabled } = compliance.standing(organizationId, id);
  return {
    id: encodeResourceId('LOCATION', id),
    name,
    announcementLanguage,
    callingLineId: { name: callingLineName ?? name, ...(phoneNumber !== undefined && { phoneNumber }) },
    ...(routingPrefix !== undefined && { routingPrefix }),
    e911SetupRequired: !exempt && !routingEnabled,
  };
}
