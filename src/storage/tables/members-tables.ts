import type { Generated } from 'kysely';

export interface MembersTables {
  /** Who can make calls or be called back: people, workspaces, virtual lines, hunt groups. */
  members: {
    id: string;
    organizationId: string;
    /** PEOPLE, PLACE, VIRTUAL_LINE or HUNT_GROUP. */
    kind: string;
    locationId: string;
    firstName: string;
    /** Empty for hunt groups; `.` for workspaces, as the contract prints it. */
    lastName: string;
    displayName: string;
    email: string | null;
    extension: string | null;
    /** DIRECT_LINE, LOCATION_ECBN, LOCATION_MEMBER_NUMBER or NONE. */
    ecbnSelected: string;
    ecbnMemberId: string | null;
    elinEnabled: boolean;
    elinForWebexAppEnabled: boolean;
    createdAt: Generated<Date>;
  };
  /** Telephone numbers in E.164; a number belongs to one organization. */
  memberNumbers: {
    number: string;
    organizationId: string;
    locationId: string;
    /** Whose number it is; null = assigned to nobody. */
    memberId: string | null;
    /** The owner's first number, the one that is shown and called back. */
    isPrimary: boolean;
    active: boolean;
    /** The main number of its location. */
    isMain: boolean;
    createdAt: Generated<Date>;
  };
  /** A location's emergency callback setting; no row = LOCATION_NUMBER. */
  locationCallbacks: {
    organizationId: string;
    locationId: string;
    /** LOCATION_NUMBER or LOCATION_MEMBER_NUMBER. */
    selected: string;
    memberId: string | null;
    elinExpiryMinutes: number;
  };
}
