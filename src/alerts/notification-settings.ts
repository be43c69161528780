/** An organization's emergency call notification, named as the contract names it (section 5). */
export type OrganizationNotification = {
  emergencyCallNotificationEnabled: boolean;
  /** The organization's address is told of the calls of every location. */
  allowEmailNotificationAllLocationEnabled: boolean;
  /** One or more addresses, separated by comma or semicolon. */
  emailAddress: string | null;
};

/** A location's own emergency call notification. */
export type LocationNotification = {
  emergencyCallNotificationEnabled: boolean;
  emailAddress: string | null;
};

/** What is read of a location: its own settings with those of its organization beside them. */
export type LocationNotificationView = LocationNotification & { organization: OrganizationNotification };

/**
 * A change: a key that is absent stays as it is. `null` clears the address; for a switch it means "not said", because
 * clients send every key they know, with null for what they do not set.
 */
export type OrganizationNotificationPatch = {
  [Key in keyof OrganizationNotification]?: OrganizationNotification[Key] | null;
};
export type LocationNotificationPatch = { [Key in keyof LocationNotification]?: LocationNotification[Key] | null };

/** What holds for an organization that never said anything. */
export const SILENT_ORGANIZATION: OrganizationNotification = {
  emergencyCallNotificationEnabled: false,
  allowEmailNotificationAllLocationEnabled: false,
  emailAddress: null,
};

/** What holds for a location that never said anything. */
export const SILENT_LOCATION: LocationNotification = { emergencyCallNotificationEnabled: false, emailAddress: null };
