import type { Callback } from './choose-callback.ts';

export const MEMBER_KINDS = ['PEOPLE', 'PLACE', 'VIRTUAL_LINE', 'HUNT_GROUP'] as const;

/** Contract section 6, memberType: a person, a workspace, a virtual line, a hunt group. */
export type MemberKind = (typeof MEMBER_KINDS)[number];

/** Who calls, and on which number the PSAP calls back. */
export type Caller = {
  organizationId: string;
  memberId: string;
  kind: MemberKind;
  displayName: string;
  /** E.164. */
  number?: string;
  extension?: string;
  locationId: string;
  callback: Callback;
};
