import { missing } from '../domain/problem.ts';
import type { Scope } from '../domain/scope.ts';
import type { MemberChanges, MemberDetail } from '../members/members.ts';
import type { HuntGroupUpdate } from '../wire/webex/operations.generated.ts';
import { memberField, memberParameter } from './member-parameters.ts';
import type { Nullable } from './nullable-fields.ts';
import { locationParameter } from './resource-parameters.ts';
import type { WebexApiDeps } from './webex-api-deps.ts';

/** How the room's fields are called in bodies of hunt groups. */
export const HUNT_GROUP_FIELDS = { firstName: 'name' } as const;

/** Null is how clients write what they leave out, and no answer has it. */
function withoutNulls(object: object): Record<string, unknown> {
  const kept = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(
    kept.map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'object' && value !== null && !Array.isArray(value) ? withoutNulls(value) : value,
    ]),
  );
}

/** What a body says of a hunt group; absent and null = stays. */
export function huntGroupChanges(body: Nullable<HuntGroupUpdate>): MemberChanges {
  return {
    firstName: body.name,
    displayName: body.name,
    phoneNumber: body.phoneNumber ?? undefined,
    extension: body.extension ?? undefined,
    enabled: body.enabled,
    callPolicies: body.callPolicies && withoutNulls(body.callPolicies),
    agents: body.agents?.map(({ id, weight }, place) => ({
      memberId: memberField(id, `agents.${place}.id`) ?? '',
      weight,
    })),
  };
}

/** The hunt group that the path names below its location; at another location it does not exist. */
export async function huntGroupOfPath(
  deps: Pick<WebexApiDeps, 'members' | 'places'>,
  scope: Scope,
  params: Readonly<Record<string, string>>,
): Promise<MemberDetail> {
  const locationId = locationParameter(params);
  await deps.places.getLocation(scope, locationId);
  const huntGroup = await deps.members.readMember(scope, memberParameter(params, 'huntGroupId'), 'HUNT_GROUP');
  if (huntGroup.locationId !== locationId) throw missing(false, `hunt group ${huntGroup.id} at the location`);
  return huntGroup;
}
