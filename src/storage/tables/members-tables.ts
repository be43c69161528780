import type { Generated, JSONColumnType } from 'kysely';

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
    /** Role ids of a person, as given. */
    roles: Generated<string[]>;
    /** Of a workspace: phones or collaborationDevices. */
    supportedDevices: string | null;
    /** Of a workspace: webexCalling or none. */
    callingType: string | null;
    /** Of a hunt group: whether it takes calls. */
    enabled: Generated<boolean>;
    /** Of a hunt group, as given. */
    callPolicies: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
    createdAt: Generated<Date>;
    updatedAt: Generated<Date>;
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
    isTollFree: Generated<boolean>;
    /** For high-volume service, such as a contact centre. */
    isServiceNumber: Generated<boolean>;
    createdAt: Generated<Date>;
  };
  /** Whom a hunt group rings, in this order. */
  huntGroupAgents: {
    organizationId: string;
    huntGroupId: string;
    position: number;
    memberId: string;
    /** Percentage of calls, as given; of use with the policy WEIGHTED. */
    weight: string | null;
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
  /** A number's own emergency address; it wins over the location's. */
  numberEmergencyAddresses: {
    id: string;
    organizationId: string;
    number: string;
    /** Where the number stood when the address was given: elsewhere it says nothing. */
    locationId: string;
    /** A PostalAddress; null = deleted, the location's applies. */
    address: JSONColumnType<Record<string, string> | null, string | null, string | null>;
    /** An AddressCheck; null with the address. */
    addressCheck: JSONColumnType<Record<string, unknown> | null, string | null, string | null>;
    createdAt: Date;
    updatedAt: Date;
  };
  /** What own emergency addresses of numbers were before they changed. */
  numberEmergencyAddressHistory: {
    id: string;
    organizationId: string;
    number: string;
    locationId: string;
    address: JSONColumnType<Record<string, string>>;
    addressCheck: JSONColumnType<Record<string, unknown>>;
    validFrom: Date;
    validTo: Date;
  };
}
