import type {
  CallbackDependencies,
  CallbackRule,
  CallbackSource,
  LocationCallbacks,
  Member,
  MemberCallbacks,
} from '../members/members.ts';
import type {
  CallbackMemberType,
  ECBNDirectLineEffectiveLevelType,
  GetPersonCallbackNumberDependenciesObject,
  LocationCallbackNumber,
  VirtualLinesECBNObject,
} from '../wire/webex/operations.generated.ts';
import { encodeResourceId } from '../wire/webex/resource-id.ts';

/** The published schema of a member's answer knows two kinds of members, its text four (decision 36). */
type MemberAnswer = Omit<VirtualLinesECBNObject, 'locationMemberInfo'> & {
  locationMemberInfo?: Omit<NonNullable<VirtualLinesECBNObject['locationMemberInfo']>, 'memberType'> & {
    memberType?: CallbackMemberType;
  };
};

/** Contract section 6: a place, a group and a location have `.` for a last name. */
const NO_LAST_NAME = '.';

const nameOf = (holder: Member) => ({ firstName: holder.firstName, lastName: holder.lastName || NO_LAST_NAME });

function numbers<Level extends CallbackRule>({ number, quality, effective }: CallbackSource, effectiveLevel: Level) {
  return {
    ...(number !== null && { phoneNumber: number }),
    effectiveLevel,
    ...(effective.number !== null && { effectiveValue: effective.number }),
    quality,
  };
}

/** The level of a source that names no other member for this one. */
function ownLevel({ effective }: CallbackSource): ECBNDirectLineEffectiveLevelType {
  return effective.rule === 'LOCATION_MEMBER_NUMBER' ? 'LOCATION_ECBN' : effective.rule;
}

/** A member that stands in, and who it is; `.` for one that is not there any more. */
function standIn({ holder }: CallbackSource) {
  if (holder === null) return { firstName: NO_LAST_NAME, lastName: NO_LAST_NAME };
  return { ...nameOf(holder), memberId: encodeResourceId(holder.kind, holder.id), memberType: holder.kind };
}

/** Contract section 6, ECBN, as all kinds of members have it. */
export function memberCallbackAnswer(callbacks: MemberCallbacks & { locationName: string }): MemberAnswer {
  const { directLine, locationEcbn, locationMember, fallback, locationName } = callbacks;
  const location = { firstName: locationName, lastName: NO_LAST_NAME };
  return {
    selected: callbacks.selected,
    directLineInfo: {
      ...(directLine.holder ? nameOf(directLine.holder) : location),
      ...numbers(directLine, ownLevel(directLine)),
    },
    locationECBNInfo: {
      ...(locationEcbn.holder ? nameOf(locationEcbn.holder) : location),
      ...numbers(locationEcbn, ownLevel(locationEcbn)),
    },
    ...(locationMember && {
      locationMemberInfo: { ...standIn(locationMember), ...numbers(locationMember, locationMember.effective.rule) },
    }),
    ...(fallback && {
      defaultInfo: {
        ...(fallback.number !== null && { effectiveValue: fallback.number }),
        quality: fallback.quality,
      },
    }),
  };
}

/** Contract section 6, Deps. */
export function dependenciesAnswer(dependencies: CallbackDependencies): GetPersonCallbackNumberDependenciesObject {
  return {
    isLocationEcbnDefault: dependencies.isLocationDefault,
    isSelfEcbnDefault: dependencies.isSelfDefault,
    dependentMemberCount: dependencies.dependentCount,
  };
}

function locationLevel({ effective }: CallbackSource): 'LOCATION_NUMBER' | 'LOCATION_MEMBER_NUMBER' | 'NONE' {
  const { rule } = effective;
  return rule === 'LOCATION_MEMBER_NUMBER' || rule === 'NONE' ? rule : 'LOCATION_NUMBER';
}

/** Contract section 6, the callback number of a location. */
export function locationCallbackAnswer(
  callbacks: LocationCallbacks & { locationName: string },
): LocationCallbackNumber {
  const { location, locationMember } = callbacks;
  return {
    selected: callbacks.selected,
    locationInfo: { name: callbacks.locationName, ...numbers(location, locationLevel(location)) },
    ...(locationMember && {
      locationMemberInfo: { ...standIn(locationMember), ...numbers(locationMember, locationLevel(locationMember)) },
    }),
    elinExpiryTimeMinutes: callbacks.elinExpiryMinutes,
  };
}
