import type { LocationNotificationView, OrganizationNotification } from '../alerts/alerts.ts';
import type {
  GetLocationCallNotificationObject,
  OrgCallNotificationObject,
} from '../wire/webex/operations.generated.ts';

// The contract's type is a string: an address that is not set is left out, which the SDK reads as None.
function optionalAddress(emailAddress: string | null) {
  return emailAddress === null ? {} : { emailAddress };
}

/** Contract section 5, OrgNote. */
export function organizationNotificationAnswer(settings: OrganizationNotification): OrgCallNotificationObject {
  return {
    emergencyCallNotificationEnabled: settings.emergencyCallNotificationEnabled,
    allowEmailNotificationAllLocationEnabled: settings.allowEmailNotificationAllLocationEnabled,
    ...optionalAddress(settings.emailAddress),
  };
}

/** Contract section 5: a location's settings with those of its organization beside them. */
export function locationNotificationAnswer(settings: LocationNotificationView): GetLocationCallNotificationObject {
  return {
    emergencyCallNotificationEnabled: settings.emergencyCallNotificationEnabled,
    ...optionalAddress(settings.emailAddress),
    organization: organizationNotificationAnswer(settings.organization),
  };
}
