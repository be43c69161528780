import type { Member, MemberNumber } from './member-book.ts';

export const SUPPORTED_DEVICES = ['phones', 'collaborationDevices'] as const;
export type SupportedDevices = (typeof SUPPORTED_DEVICES)[number];

export const CALLING_TYPES = ['webexCalling', 'none'] as const;
export type CallingType = (typeof CALLING_TYPES)[number];

/** What is kept of some kinds of members for those who manage them; calls never look at it. */
export type MemberExtras = {
  /** Of a person: role ids, as given. */
  roles: string[];
  /** Of a workspace. */
  supportedDevices: SupportedDevices | null;
  /** Of a workspace. */
  callingType: CallingType | null;
  /** Of a hunt group: whether it takes calls. */
  enabled: boolean;
  /** Of a hunt group, as given. */
  callPolicies: Record<string, unknown> | null;
};

/** A member as lists show it: with everything but the agents and policies of a hunt group. */
export type MemberResource = Member &
  Omit<MemberExtras, 'callPolicies'> & {
    /** The first number in front. */
    numbers: MemberNumber[];
  };

/** Whom a hunt group rings. */
export type HuntGroupAgent = {
  memberId: string;
  /** Percentage of calls, as given. */
  weight: string | null;
};

export type MemberDetail = MemberResource & {
  callPolicies: MemberExtras['callPolicies'];
  /** In the order in which they ring; empty for anything but a hunt group. */
  agents: (HuntGroupAgent & Pick<Member, 'kind' | 'firstName' | 'lastName' | 'extension'>)[];
};
