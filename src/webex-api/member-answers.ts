import type { MemberDetail, MemberNumber, MemberResource } from '../members/members.ts';
import type { HuntGroup, HuntGroupDetail, Person, VirtualLine, Workspace } from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';
import type { LocationNames } from './location-names.ts';

function primaryNumber(member: MemberResource): MemberNumber | undefined {
  return member.numbers.find((number) => number.isPrimary);
}

/** `phoneNumber` and `extension`, each where there is one. */
function reach(member: MemberResource): { phoneNumber?: string; extension?: string } {
  const number = primaryNumber(member);
  return {
    ...(number && { phoneNumber: number.number }),
    ...(member.extension !== null && { extension: member.extension }),
  };
}

/** Contract section 8, Person. */
export function personAnswer(member: MemberResource, organizationId: string, callingData: boolean): Person {
  return {
    id: encodeResourceId('PEOPLE', member.id),
    orgId: encodeResourceId('ORGANIZATION', organizationId),
    displayName: member.displayName,
    firstName: member.firstName,
    ...(member.lastName !== '' && { lastName: member.lastName }),
    emails: member.email === null ? [] : [member.email],
    roles: member.roles,
    type: 'person',
    ...(callingData && {
      locationId: encodeResourceId('LOCATION', member.locationId),
      ...(member.extension !== null && { extension: member.extension }),
      phoneNumbers: member.numbers.map(({ number, isPrimary }) => ({
        type: isPrimary ? 'work' : 'alternate1',
        value: number,
        primary: isPrimary,
      })),
    }),
  };
}

/** Contract section 8, Workspace. */
export function workspaceAnswer(member: MemberResource, organizationId: string): Workspace {
  const locationId = encodeResourceId('LOCATION', member.locationId);
  const hasCalling = member.callingType === 'webexCalling';
  return {
    id: encodeResourceId('PLACE', member.id),
    orgId: encodeResourceId('ORGANIZATION', organizationId),
    locationId,
    displayName: member.displayName,
    ...(member.supportedDevices !== null && { supportedDevices: member.supportedDevices }),
    calling: hasCalling ? { type: 'webexCalling', webexCalling: { ...reach(member), locationId } } : { type: 'none' },
  };
}

/** Contract section 8, virtual line. */
export function virtualLineAnswer(member: MemberResource, locationOf: LocationNames): VirtualLine {
  const { phoneNumber, extension } = reach(member);
  return {
    id: encodeResourceId('VIRTUAL_LINE', member.id),
    firstName: member.firstName,
    lastName: member.lastName,
    number: {
      ...(phoneNumber !== undefined && { external: phoneNumber }),
      ...(extension !== undefined && { extension }),
      primary: true,
    },
    location: locationOf(member.locationId),
  };
}

/** Contract section 8, hunt group as lists show it. */
export function huntGroupAnswer(member: MemberResource, locationOf: LocationNames): HuntGroup {
  const location = locationOf(member.locationId);
  return {
    id: encodeResourceId('HUNT_GROUP', member.id),
    name: member.displayName,
    locationId: location.id,
    locationName: location.name,
    ...reach(member),
    enabled: member.enabled,
  };
}

export function huntGroupDetailAnswer(member: MemberDetail, locationOf: LocationNames): HuntGroupDetail {
  return {
    ...huntGroupAnswer(member, locationOf),
    ...(member.callPolicies && { callPolicies: member.callPolicies }),
    agents: member.agents.map(({ memberId, kind, weight }) => ({
      id: encodeResourceId(kind, memberId),
      ...(weight !== null && { weight }),
    })),
  };
}
